#include "ledger/ledger.hpp"

#include "ledger/files.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Ed25519KeyPair pair(unsigned number)
{
    return counting_pair(32 * number);
}

AccountId id(unsigned number)
{
    return account_id(pair(number).public_key());
}

/// Signs again with the first pair, for the same fee.
Transaction resigned(Transaction transaction)
{
    transaction.signatures.clear();
    sign(transaction, pair(0));
    return transaction;
}

template <class Change>
Transaction changed(const Transaction& transaction, Change change)
{
    Transaction other = transaction;
    change(other.body);
    return resigned(other);
}

/// What a block does that has these transactions, and in which each is done or has a fault.
struct Outcomes {
    std::vector<std::string> texts;
    BlockEffects effects;
};

Outcomes outcomes_of(const TestChain& chain, const std::vector<Transaction>& transactions)
{
    BlockExecution execution{chain.genesis(), chain.next_context(), chain.state()};
    Outcomes outcomes;
    for (const Transaction& transaction : transactions) {
        const auto fault = execution.add(transaction);
        outcomes.texts.emplace_back(fault ? to_text(*fault) : "");
    }
    outcomes.effects = execution.finish(chain.state());
    return outcomes;
}

bool are_same(const BlockEffects& a, const BlockEffects& b)
{
    return a.receipts == b.receipts && a.changes == b.changes && a.tree.root == b.tree.root;
}

/// A chain, and a valid block of four transactions that would be its next.
struct Next {
    TestChain chain{test_genesis()};
    Block block;

    Next()
    {
        chain.add_empty(2);
        (void)chain.add(
            {chain.transfer(pair(0), id(1), {5}), chain.transfer(pair(0), id(2), {6}, 1),
             chain.transfer(pair(1), id(0), {7}),
             chain.make(pair(2), module_number::files, 1, to_bytes(SetArguments{3, noise(9)}))});
        block = chain.last();
        chain.undo();
    }

    /// What is wrong with a block, as an engine would ask; nothing where it is valid.
    [[nodiscard]] std::string apply(const Block& other) const
    {
        BlockContext context = chain.next_context();
        context.height = other.header.height;
        context.parent = other.header.parent;
        context.producer = other.header.producer;
        context.time_s = other.header.time_s;
        const auto result = cairn::apply(chain.genesis(), context, chain.tip(), other,
                                         {chain.state(), chain.state()});
        const auto* const wrong = std::get_if<std::string>(&result);
        return wrong ? *wrong : "";
    }

    /// The same with transactions that the header names.
    [[nodiscard]] std::string apply(std::vector<Transaction> transactions) const
    {
        Block other{block.header, {}, std::move(transactions)};
        other.header.transactions = transactions_root(other.transactions);
        return apply(other);
    }
};

} // namespace

TEST_CASE("each fault of a transaction is told, and changes nothing at all")
{
    Genesis genesis = test_genesis();
    genesis.block.valid_blocks = 100;
    TestChain chain{genesis};
    chain.add_empty(5);
    const Transaction good = chain.transfer(pair(0), id(1), {5});
    const std::uint64_t least =
        least_fee(genesis, weight_of(good)).atoms; // the same for any fee of as many bytes
    std::vector<std::pair<const char*, Transaction>> bad;
    const auto add = [&](const char* fault, auto change) {
        bad.emplace_back(fault, changed(good, change));
    };
    add("malformed", [](TransactionBody& body) { body.call.module = 99; });
    add("malformed", [](TransactionBody& body) { body.call.method = 0; });
    add("malformed", [](TransactionBody& body) { body.call.method = 99; });
    add("malformed", [](TransactionBody& body) { body.call.arguments.clear(); });
    add("malformed", [](TransactionBody& body) { body.call.arguments.push_back({}); });
    add("other-chain", [](TransactionBody& body) { body.chain = filled<NetworkId>(1); });
    add("expired", [&](TransactionBody& body) { body.valid_until = chain.tip().height; });
    add("too-early", [&](TransactionBody& body) { body.valid_until = chain.next_height() + 101; });
    add("too-early", [&](TransactionBody& body) { body.valid_until = {UINT32_MAX}; });
    add("low-fee", [&](TransactionBody& body) { body.fee = {least - 1}; });
    add("low-fee", [&](TransactionBody& body) { body.fee = {}; });
    add("not-authorised", [](TransactionBody& body) { body.call.sender = id(1); });
    add("not-authorised", [](TransactionBody& body) { body.call.sender = {}; });
    add("used-sequence", [](TransactionBody& body) { --body.call.sequence; });
    add("used-sequence", [](TransactionBody& body) { body.call.sequence = 0; });
    add("early-sequence", [](TransactionBody& body) { ++body.call.sequence; });
    add("early-sequence", [](TransactionBody& body) {
        body.call.sequence = sequence_max;
        body.fee = {atoms_per_coin};
    });
    add("no-funds", [](TransactionBody& body) { body.fee = {test_balance.atoms + 1}; });
    add("no-funds", [](TransactionBody& body) { body.fee = {UINT64_MAX}; });
    Transaction nobody = good;
    nobody.body.call.sender = account_id(counting_pair(200).public_key());
    nobody.signatures.clear();
    sign(nobody, counting_pair(200));
    bad.emplace_back("no-funds", nobody);
    Transaction more = good;
    sign(more, pair(1));
    more.body.fee = {atoms_per_coin};
    bad.emplace_back("not-authorised", more);
    Transaction unsigned_one = good;
    unsigned_one.signatures.clear();
    bad.emplace_back("not-authorised", unsigned_one);

    const Outcomes plain = outcomes_of(chain, {good});
    CHECK(plain.texts[0].empty());
    for (const auto& [fault, transaction] : bad) {
        const Outcomes other = outcomes_of(chain, {transaction, good});
        CHECK(other.texts[0] == std::string{fault});
        CHECK(other.texts[1].empty());
        CHECK(are_same(other.effects, plain.effects));
    }
    // At the limits themselves it is done.
    for (const Transaction& last :
         {changed(good, [&](TransactionBody& body) { body.valid_until = chain.next_height(); }),
          changed(good,
                  [&](TransactionBody& body) { body.valid_until = chain.next_height() + 100; }),
          changed(good, [&](TransactionBody& body) { body.fee = {least}; })})
        CHECK(outcomes_of(chain, {last}).texts[0].empty());
}

TEST_CASE("a block has place up to its weight and its size, and what is not in it changes nothing")
{
    TestChain chain{test_genesis()};
    const auto transfers = [&](std::uint64_t count) {
        std::vector<Transaction> list;
        for (std::uint64_t i = 0; i < count; ++i)
            list.push_back(chain.transfer(pair(0), id(1), {1}, i));
        return list;
    };
    const auto list = transfers(12);
    const std::uint64_t weight = weight_of(list[0]);
    const std::size_t size = to_bytes(list[0]).size();
    CHECK(weight == weight_base + size + weight_signature + 3 * weight_write);
    for (const std::uint64_t more : {0U, 1U}) {
        Genesis genesis = chain.genesis();
        genesis.block.weight_max = 10 * weight - more;
        TestChain heavy{genesis};
        std::vector<Transaction> own;
        for (std::uint64_t i = 0; i < 12; ++i)
            own.push_back(heavy.transfer(pair(0), id(1), {1}, i));
        Outcomes outcomes = outcomes_of(heavy, own);
        CHECK(outcomes.effects.receipts.size() == 10 - more);
        for (std::size_t i = 0; i < 12; ++i)
            CHECK(outcomes.texts[i] == (i < 10 - more ? "" : i == 10 - more ? "full" : "full"));
        own.resize(10 - more);
        CHECK(are_same(outcomes_of(heavy, own).effects, outcomes.effects));

        genesis = chain.genesis();
        genesis.block.size_max = 10 * size - more;
        TestChain large{genesis};
        own.clear();
        for (std::uint64_t i = 0; i < 12; ++i)
            own.push_back(large.transfer(pair(0), id(1), {1}, i));
        outcomes = outcomes_of(large, own);
        CHECK(outcomes.effects.receipts.size() == 10 - more);
        CHECK(outcomes.texts[10] == "full");
    }
}

TEST_CASE("a transaction that is not done pays its fee and uses its number, and no more")
{
    TestChain chain{test_genesis()};
    const std::array calls{
        chain.transfer(pair(0), id(1), test_balance),
        chain.transfer(pair(0), filled<AccountId>(7), {1}),
        chain.make(pair(0), module_number::coins, 3, to_bytes(CloseArguments{id(0)})),
        chain.make(pair(0), module_number::files, 2, to_bytes(ClearArguments{1})),
        chain.make(pair(0), module_number::policy, 2, to_bytes(SweepArguments{id(1)})),
        chain.make(pair(0), module_number::registry, 7,
                   to_bytes(RotateArguments{pair(1).public_key(), {}})),
    };
    const auto before = chain.find<Account>(account_key(id(0))).value();
    for (const Transaction& transaction : calls) {
        const Outcomes outcomes = outcomes_of(chain, {transaction});
        REQUIRE(outcomes.texts[0].empty());
        CHECK(outcomes.effects.receipts[0].status != Status::done);
        CHECK(outcomes.effects.receipts[0].events.empty());
        CHECK(outcomes.effects.receipts[0].id == transaction_id(transaction.body));
        CHECK(outcomes.effects.receipts[0].weight == weight_of(transaction));
        Account expected = before;
        expected.balance.atoms -= transaction.body.fee.atoms;
        expected.lanes = {{{0}, sequence_end({0}) + 1}};
        expected.active = chain.next_height();
        for (const StateChange& change : outcomes.effects.changes) {
            if (change.key == account_key(id(0))) {
                CHECK(parse_record<Account>(*change.after) == expected);
                continue;
            }
            CHECK(table_of(change.key).module == module_number::policy); // as in any block
        }
    }
}

TEST_CASE("a valid block is valid, and each of its fields is needed")
{
    const Next next;
    CHECK(next.apply(next.block) == "");
    const auto is_wrong = [&](auto change) {
        Block other = next.block;
        change(other.header);
        return !next.apply(other).empty();
    };
    CHECK(is_wrong([](Header& h) { h.chain = filled<NetworkId>(1); }));
    CHECK(is_wrong([](Header& h) { h.height = h.height + 1; }));
    CHECK(is_wrong([](Header& h) { --h.height.value; }));
    CHECK(is_wrong([](Header& h) { h.height = {}; }));
    CHECK(is_wrong([](Header& h) { h.parent = filled<BlockId>(1); }));
    CHECK(is_wrong([&](Header& h) { h.parent = next.chain.header(1).parent; }));
    CHECK(is_wrong([](Header& h) { h.producer = filled<AccountId>(1); })); // another has the reward
    CHECK(is_wrong([](Header& h) { h.transactions = {}; }));
    CHECK(is_wrong([](Header& h) { h.receipts = {}; }));
    CHECK(is_wrong([](Header& h) { h.state = {}; }));
    CHECK(is_wrong([&](Header& h) { h.state = next.chain.tip().state; }));
    for (std::size_t bit = 0; bit < 256; bit += 11) {
        CHECK(is_wrong([&](Header& h) { h.transactions.bytes[bit / 8] ^= std::byte{1}; }));
        CHECK(is_wrong([&](Header& h) { h.receipts.bytes[bit / 8] ^= std::byte{1}; }));
        CHECK(is_wrong([&](Header& h) { h.state.bytes[bit / 8] ^= std::byte{1}; }));
    }
}

TEST_CASE("a block with other transactions, or the same in another order, is refused")
{
    const Next next;
    const std::vector<Transaction>& good = next.block.transactions;
    CHECK(next.apply(good) == "");
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto list = good;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(next.apply(list).empty()); // left out
        CHECK(next.apply(Block{next.block.header, {}, list}) == "its transactions are others");
        for (std::size_t j = 0; j <= good.size(); ++j) {
            list = good;
            list.insert(list.begin() + static_cast<std::ptrdiff_t>(j), good[i]);
            CHECK_FALSE(next.apply(list).empty()); // twice
        }
        for (std::size_t j = 0; j < i; ++j) {
            list = good;
            std::swap(list[i], list[j]);
            CHECK_FALSE(next.apply(list).empty());
            CHECK(next.apply(Block{next.block.header, {}, list}) == "its transactions are others");
        }
    }
    CHECK_FALSE(next.apply(std::vector<Transaction>{}).empty());
}

TEST_CASE("a block in which one field of a transaction is another is refused")
{
    const Next next;
    const MemoryState& state = next.chain.state();
    const std::size_t nodes = state.node_count();
    for (std::size_t i = 0; i < next.block.transactions.size(); ++i) {
        const auto is_wrong = [&](auto change) {
            auto list = next.block.transactions;
            change(list[i]);
            return next.apply(Block{next.block.header, {}, list}) ==
                       "its transactions are others" &&
                   !next.apply(list).empty();
        };
        CHECK(is_wrong([](Transaction& t) { t.body.chain = filled<NetworkId>(1); }));
        CHECK(is_wrong([](Transaction& t) { t.body.call.sender = id(3); }));
        CHECK(is_wrong([](Transaction& t) { ++t.body.call.lane.value; }));
        CHECK(is_wrong([](Transaction& t) { ++t.body.call.sequence; }));
        CHECK(is_wrong([](Transaction& t) { --t.body.call.sequence; }));
        CHECK(is_wrong([](Transaction& t) { t.body.call.module ^= 7U; }));
        CHECK(is_wrong([](Transaction& t) { ++t.body.call.method; }));
        CHECK(is_wrong([](Transaction& t) { t.body.call.arguments.back() ^= std::byte{1}; }));
        CHECK(is_wrong([](Transaction& t) { ++t.body.fee.atoms; }));
        CHECK(is_wrong([](Transaction& t) { --t.body.fee.atoms; }));
        CHECK(is_wrong([](Transaction& t) { ++t.body.valid_until.value; }));
        CHECK(is_wrong([](Transaction& t) { t.signatures[0].key = pair(3).public_key(); }));
        CHECK(is_wrong([](Transaction& t) { t.signatures.clear(); }));
        CHECK(is_wrong([](Transaction& t) { t.descriptors.push_back({1, {{}}}); }));
        // The signature itself is for is_signed() to see.
        auto list = next.block.transactions;
        list[i].signatures[0].signature.bytes[5] ^= std::byte{1};
        CHECK_FALSE(is_signed(list[i]));
        CHECK(next.apply(Block{next.block.header, {}, list}) == "its transactions are others");
    }
    CHECK(state.root() == next.chain.tip().state); // and nothing has changed
    CHECK(state.node_count() == nodes);
}

TEST_CASE("a block of rules that are not known is not judged")
{
    Genesis genesis = test_genesis();
    genesis.rules.push_back({{3}, rules_known + 1});
    TestChain chain{genesis};
    chain.add_empty(2);
    CHECK((exit_of([&] { chain.add_empty(1); }) == Exit::config));
}

TEST_CASE("each fault has a word of its own")
{
    std::set<std::string> words;
    for (unsigned i = 0; i <= static_cast<unsigned>(Fault::full); ++i)
        CHECK(words.insert(to_text(static_cast<Fault>(i))).second);
    CHECK(words.size() == 12);
    CHECK(words.count("") == 0);
}

TEST_CASE("the first block has the genesis' accounts, and depends on nothing else")
{
    const Genesis genesis = test_genesis();
    const FirstBlock first = first_block(genesis);
    CHECK(first.header.chain == network_id(genesis));
    CHECK(first.header.height == Height{});
    CHECK(first.header.parent == BlockId{});
    CHECK(first.header.time_s == genesis.time_s);
    CHECK(first.header.engine == EngineKind::poc);
    CHECK(first.header.state == first.effects.tree.root);
    CHECK(block_id(first_block(genesis).header) == block_id(first.header));
    const TestChain chain{genesis};
    CHECK(chain.audit() == first_supply(genesis));
    CHECK(chain.state().root() == first.header.state);
    for (const FirstAccount& each : genesis.accounts)
        CHECK(chain.balance(each.account) == each.balance);
}
