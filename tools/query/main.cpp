// cairn-query: ask the node of a chain, and believe it as little as can be. See cairn-query(1).

#include "base/error.hpp"
#include "base/text.hpp"
#include "blocks.hpp"
#include "head.hpp"
#include "issuance.hpp"
#include "mempool.hpp"
#include "state.hpp"

using namespace cairn;

namespace {

/// What asks one thing and shows the reply.
struct PlainVerbs {
    Cli* status = nullptr;
    Cli* genesis = nullptr;
    Cli* supply = nullptr;
    Cli* peers = nullptr;

    void declare(Cli& cli)
    {
        status = &cli.verb("status", "Show what the node does, and waits for");
        genesis = &cli.verb("genesis", "Show all parameters of the chain, as JSON");
        supply =
            &cli.verb("supply", "Add up all that there is, and compare it with what was minted");
        peers = &cli.verb("peers", "List the nodes that this one speaks with");
    }
};

Exit show_genesis(const LocalClient& client, Console& console)
{
    const LocalClient::Answer answer = client.ask("genesis");
    const Json genesis = Json::parse(as_text(answer.body), "the genesis");
    if (console.json())
        console.result(Json{answer.json}.set("genesis", genesis));
    else
        console.print(genesis.dump() + '\n');
    return Exit::ok;
}

Exit audit_supply(const LocalClient& client, Console& console)
{
    const Json supply = client.ask("supply").json;
    const bool is_right = is_true(supply, "is_right");
    show(supply, console);
    if (is_right) return Exit::ok;
    console.warning("there is not as much as there should be");
    return Exit::no;
}

Exit list_peers(const LocalClient& client, Console& console)
{
    const Json peers = client.ask("peers").json.member("peers");
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const Json peer = peers.item(i);
        if (console.json()) {
            console.result(peer);
            continue;
        }
        const bool has_called = is_true(peer, "is_caller");
        console.print(escape(text_in(peer, "address")) + '\t' +
                      std::to_string(number_in(peer, "height")) + '\t' +
                      (has_called ? "has called" : "was called") + '\n');
    }
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    NodeOptions node;
    HeadVerb head;
    BlockVerb block;
    TransactionVerb transaction;
    MempoolVerb mempool;
    AccountVerb account;
    ProvidersVerb providers;
    ValueVerb value;
    IssuanceVerb issuance;
    PlainVerbs plain;
    Cli cli{"query", "Ask the node of a chain"};
    cli.environment();
    cli.usage("VERB [--node ENDPOINT | --dir DIR] ...");
    cli.formats("block 1, transaction 1, genesis 1, state 1");
    plain.declare(cli);
    head.declare(cli);
    block.declare(cli);
    transaction.declare(cli);
    mempool.declare(cli);
    account.declare(cli);
    providers.declare(cli);
    value.declare(cli);
    issuance.declare(cli);
    node.declare(cli);
    cli.example("cairn-query head --dir chain --until-synced",
                "go on when the node has all blocks");
    cli.example("cairn-query supply --dir chain", "is there as much as was minted?");
    cli.example("cairn-query issuance --space 10PiB", "how many coins in 20 years?");
    return cli.run(argc, argv, [&](Console& console) {
        if (head.is_chosen()) return head.run(node, console);
        if (block.is_chosen()) return block.run(node, console);
        if (transaction.is_chosen()) return transaction.run(node, console);
        if (mempool.is_chosen()) return mempool.run(node, console);
        if (account.is_chosen()) return account.run(node, console);
        if (providers.is_chosen()) return providers.run(node, console);
        if (value.is_chosen()) return value.run(node, console);
        if (issuance.is_chosen()) return issuance.run(console);
        const LocalClient client = node.client();
        if (plain.genesis->is_chosen()) return show_genesis(client, console);
        if (plain.supply->is_chosen()) return audit_supply(client, console);
        if (plain.peers->is_chosen()) return list_peers(client, console);
        show(client.ask("status").json, console);
        return Exit::ok;
    });
}
