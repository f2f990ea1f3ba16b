#include "base/hex.hpp"
#include "ledger/ledger.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/state_proof.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The examples of a page of the manual without white space: what is between the lines of a literal
/// display that is not indented.
std::vector<std::string> examples_of(const std::string& page)
{
    std::vector<std::string> examples;
    const std::string text = test_data("../../man/" + page);
    const std::string_view begin = "\n.Bd -literal\n";
    for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
        at += begin.size();
        std::string& example = examples.emplace_back(text.substr(at, text.find("\n.Ed", at) - at));
        std::erase_if(example, [](char c) { return c == ' ' || c == '\n'; });
    }
    return examples;
}

template <class FixedBytes>
std::string hex(const FixedBytes& value)
{
    return to_hex_text(value.bytes);
}

} // namespace

TEST_CASE("the examples of cairn-transaction(5) are what is written")
{
    const Genesis genesis = parse_genesis(*genesis_profile("dev"));
    const Ed25519KeyPair key = counting_pair(0);
    const Ed25519KeyPair other = counting_pair(32);
    Transaction transaction;
    TransactionBody& body = transaction.body;
    body.chain = network_id(genesis);
    body.call = {.sender = account_id(key.public_key()),
                 .lane = {},
                 .sequence = sequence_end({}),
                 .module = module_number::coins,
                 .method = static_cast<std::uint16_t>(CoinsMethod::transfer),
                 .arguments = to_bytes(
                     TransferArguments{{{account_id(other.public_key()), {1'500'000'000}}}, {}})};
    body.valid_until = {100};
    body.fee = {4030};
    sign(transaction, key);
    CHECK(weight_of(transaction) == 403);
    CHECK(least_fee(genesis, 403) == body.fee);
    const Descriptor descriptor{2, {key.public_key(), other.public_key()}};

    const std::vector<std::string> examples = examples_of("cairn-transaction.5");
    REQUIRE(examples.size() == 4);
    CHECK(examples[0] == to_hex_text(to_bytes(transaction)));
    CHECK(examples[1] == hex(transaction_id(body)));
    CHECK(examples[2] == to_hex_text(to_bytes(descriptor)) + hex(descriptor_id(descriptor)) +
                             hex(account_id(descriptor_id(descriptor))));
    Call asked = call_from_json(Json::parse(examples[3], "the example"));
    asked.sender = body.call.sender;
    asked.sequence = body.call.sequence;
    CHECK(asked == body.call);
}

TEST_CASE("the examples of cairn-block(5) and cairn-state(5) are the first block of dev")
{
    const FirstBlock first = first_block(parse_genesis(*genesis_profile("dev")));
    const std::vector<std::string> headers = examples_of("cairn-block.5");
    REQUIRE(headers.size() == 2);
    CHECK(headers[0] == to_hex_text(to_bytes(first.header)));
    CHECK(headers[1] == hex(block_id(first.header)));

    std::string records;
    for (const StateChange& change : first.effects.changes)
        records +=
            to_hex_text(change.key.bytes) + hex(change.key.path) + to_hex_text(*change.after);
    const std::vector<std::string> states = examples_of("cairn-state.5");
    REQUIRE(states.size() == 3);
    CHECK(states[0] == records);
    CHECK(states[1] == hex(first.effects.tree.root));
    MemoryState state;
    state.write(first.effects.changes, first.effects.tree);
    const StateKey nobody = account_key({});
    const TreeProof way = prove(state, nobody.path, [&](const StatePath& path) {
        return value_hash(state.values().at(path).second);
    });
    CHECK(states[2] == to_hex_text(to_bytes(state_proof(first.header, nobody, {}, way))));
}

TEST_CASE("the ids in cairn-genesis(5) are those of the profiles")
{
    const std::string page = test_data("../../man/cairn-genesis.5");
    for (const char* const name : {"dev", "ccc", "points"}) {
        const NetworkId id = network_id(parse_genesis(*genesis_profile(name)));
        CHECK_MESSAGE(page.find('\n' + hex(id) + '\n') != page.npos, name << ' ' << hex(id));
    }
}
