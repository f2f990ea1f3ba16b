// Proofs that shards are still stored.

#include "storage.hpp"

#include "audit/storage_challenge.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "proofs/key_file.hpp"
#include "proofs/stored_shard.hpp"

#include <algorithm>

namespace cairn {
namespace {

/// The shards in the order of the challenge's files.
std::vector<StoredShard*> in_order(std::vector<StoredShard>& shards,
                                   const StorageChallenge& challenge)
{
    std::vector<StoredShard*> ordered(challenge.files.size());
    for (StoredShard& shard : shards) {
        const TagHeader& header = shard.header();
        const auto found =
            std::ranges::find(challenge.files, ChallengedFile{header.root, header.file_size});
        if (header.key != challenge.key || found == challenge.files.end())
            throw Error{Exit::usage, "the challenge does not ask for '" + shard.name() + "'"};
        ordered[static_cast<std::size_t>(found - challenge.files.begin())] = &shard;
    }
    for (std::size_t i = 0; i < ordered.size(); ++i)
        if (ordered[i] == nullptr)
            throw Error{Exit::usage, "the challenge asks for a shard that is not named: " +
                                         to_hex_text(challenge.files[i].root.bytes)};
    return ordered;
}

} // namespace

void ProveStorage::declare(Cli& verb)
{
    verb.usage("--challenge FILE --key FILE [--tags FILE]... [-o FILE] [SHARD...]");
    verb.operands("SHARD", shards_, "What is asked for; '-' is standard input");
    verb.option("--challenge", "FILE", challenge_, "What is asked; '-' is standard input");
    verb.option("--key", "FILE", key_, "The owner's prover key");
    verb.option("--tags", "FILE", tags_, "The tags of SHARD, once for each; else SHARD.tag");
    verb.option("-o,--output", "FILE", output_, "Write the proof to FILE; '-' is a pipe");
    verb.flag("-f,--force", force_, "Replace FILE if it exists");
}

Exit ProveStorage::run(Console& console) const
{
    if (challenge_.empty()) throw Error{Exit::usage, "no challenge", "use --challenge FILE"};
    if (key_.empty()) throw Error{Exit::usage, "no prover key", "use --key FILE"};
    std::vector<std::string> names = shards_;
    if (names.empty()) names.emplace_back("-");
    const auto inputs = std::ranges::count(names, "-") + std::ranges::count(tags_, "-");
    if (inputs + (challenge_ == "-" ? 1 : 0) + (key_ == "-" ? 1 : 0) > 1)
        throw Error{Exit::usage, "standard input is named more than once"};
    if (!tags_.empty() && tags_.size() != names.size())
        throw Error{Exit::usage, "--tags is there for some shards and not for others"};

    const StorageChallenge challenge =
        parse_challenge(read_small_file(challenge_, challenge_size_max));
    const SignedProverKey key = read_prover_key(key_);
    const StorageStatement statement = statement_of(challenge, key.audit.key);
    std::vector<StoredShard> shards;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (tags_.empty() && names[i] == "-")
            throw Error{Exit::usage, "no tags for standard input", "use --tags FILE"};
        const std::string& tags = tags_.empty() ? names[i] + ".tag" : tags_[i];
        shards.emplace_back(Input::open_operand(names[i]), Input::open_regular(tags));
    }
    const std::vector<StoredShard*> ordered = in_order(shards, challenge);
    Output output =
        Output::open_binary(output_, force_ ? Output::Existing::replace : Output::Existing::refuse);
    const StorageProof proof = prove_storage(statement, key.powers, ordered);
    if (!verify(statement, proof)) {
        for (const std::size_t i : find_damaged(statement, key.powers, ordered))
            console.warning("'" + ordered[i]->name() + "' or its tags are damaged");
        throw Error{Exit::data, "there is no proof: a shard, its tags or the prover key are wrong"};
    }
    output.write(to_bytes(AnsweredChallenge{challenge, proof}));
    output.commit();
    const Json result = Json::object()
                            .set("key", to_hex_text(challenge.key.bytes))
                            .set("blocks", statement.challenge.blocks.size())
                            .set("files", challenge.files.size());
    if (is_standard_output(output_.value_or("-")))
        console.event("summary", result);
    else if (console.json())
        console.result(result);
    return Exit::ok;
}

} // namespace cairn
