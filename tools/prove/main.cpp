// cairn-prove: answer questions about what is stored here. See cairn-prove(1).

#include "capacity.hpp"
#include "storage.hpp"

using namespace cairn;

int main(int argc, char** argv)
{
    ProveCapacity prove_capacity;
    ProveStorage prove_storage;
    Cli cli{"prove", "Answer questions about what is stored here"};
    cli.formats("round 1, x1 1, poc2, challenge 1, storage proof 1, tags 1, prover key 1");
    Cli& capacity = cli.verb("capacity", "Find the best deadline of a round in plots");
    prove_capacity.declare(capacity);
    Cli& storage = cli.verb("storage", "Prove that shards are stored, in 128 bytes");
    prove_storage.declare(storage);
    cli.example("cairn-prove capacity --challenge $HEX --base-target 70312 /mnt/*/", "one round");
    cli.example("cairn-prove capacity --status /mnt/*/", "are the disks fast enough?");
    cli.example("cairn-prove storage --challenge question --key me.prover -o proof 000.shard",
                "with 000.shard.tag beside it");
    return cli.run(argc, argv, [&](Console& console) {
        return capacity.is_chosen() ? prove_capacity.run(console) : prove_storage.run(console);
    });
}
