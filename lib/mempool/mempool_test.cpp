#include "mempool/mempool.hpp"

#include "ledger/group.hpp"
#include "mempool/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr AccountId somebody{{std::byte{0x77}}};

TransactionId id_of(unsigned number)
{
    return {sha256(noise(8, number + 1)).bytes};
}

} // namespace

TEST_CASE("what could be in the next block is taken once, and found")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({});
    const Transaction one = chain.give(0, 0, 5);
    CHECK(chain.add(pool, one) == "");
    CHECK(chain.add(pool, one) == "known");
    const TransactionId id = transaction_id(one.body);
    CHECK(pool.contains(id));
    REQUIRE(pool.find(id) != nullptr);
    CHECK(*pool.find(id) == one);
    CHECK(pool.find({}) == nullptr);
    CHECK(pool.count() == 1);
    CHECK(pool.ids() == std::vector{id});
    CHECK(pool.pending(chain.id(0)).size() == 1);
    CHECK(pool.pending(chain.id(1)).empty());
    CHECK(pool.arrived_after(std::nullopt, 9).size() == 1);
    CHECK(pool.arrived_after(pool.arrived_after(std::nullopt, 9).front()->arrival, 9).empty());
}

TEST_CASE("what could not be in the next block is refused, and a peer charged for what is wrong")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({});
    const auto changed = [&](auto change) {
        Transaction transaction = chain.give(0, 0, 5);
        change(transaction.body);
        transaction.signatures.clear();
        sign(transaction, chain.key(0));
        return chain.add(pool, transaction);
    };
    CHECK(changed([](auto& body) { body.chain.bytes[0] ^= std::byte{1}; }) == "other-chain 20");
    CHECK(changed([](auto& body) { body.call.method = 9; }) == "malformed 20");
    CHECK(changed([](auto& body) { body.call.module = 99; }) == "malformed 20");
    CHECK(changed([](auto& body) { body.valid_until = {0}; }) == "expired");
    CHECK(changed([&](auto& body) { body.valid_until = chain.tip() + 2 + 1440; }) == "too-early");
    CHECK(changed([](auto& body) { body.fee.atoms = 1; }) == "low-fee 20");
    CHECK(changed([](auto& body) { body.call.sequence -= 1; }) == "used-sequence");
    CHECK(changed([](auto& body) { body.call.sequence += 17; }) == "early-sequence");
    CHECK(changed([](auto& body) { body.fee = {test_balance.atoms + 1}; }) == "no-funds");
    CHECK(changed([](auto& body) { body.call.sender = somebody; }) == "no-funds");
    CHECK(changed([&](auto& body) { body.call.sender = chain.id(1); }) == "not-authorised");

    Transaction unsigned_one = chain.give(0, 0, 5);
    unsigned_one.signatures.front().signature.bytes[3] ^= std::byte{1};
    CHECK(chain.add(pool, unsigned_one) == "wrong-signature 20");
    Transaction other_signer = chain.give(0, 0, 5);
    sign(other_signer, chain.key(1));
    CHECK(chain.add(pool, other_signer) == "low-fee 20"); // it is larger
    other_signer = chain.give(0, 0, 5, {.rate = 100});
    sign(other_signer, chain.key(1));
    CHECK(chain.add(pool, other_signer) == "not-authorised");
    CHECK(pool.count() == 0);
    CHECK(pool.size_bytes() == 0);
}

TEST_CASE("all that waits of an account is within its balance and its number")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({.account_max = 3});
    const std::uint64_t half = test_balance.atoms / 2;
    CHECK(chain.add(pool, chain.give(0, 0, half)) == "");
    CHECK(chain.add(pool, chain.give(0, 1, half)) == "no-funds");
    CHECK(chain.add(pool, chain.give(0, 1, half / 2)) == "");
    CHECK(chain.add(pool, chain.give(0, 2, 1)) == "");
    CHECK(chain.add(pool, chain.give(0, 3, 1)) == "too-many");
    CHECK(chain.add(pool, chain.give(1, 0, 1)) == "");

    const Transaction closing =
        chain.priced(chain.chain().make(chain.key(1), module_number::coins,
                                        static_cast<std::uint16_t>(CoinsMethod::close),
                                        to_bytes(CloseArguments{somebody}), {}, 1),
                     20, {1});
    CHECK(chain.add(pool, closing) == "");
    CHECK(chain.add(pool, chain.give(1, 2, 1)) == "no-funds");
}

TEST_CASE("an account has at most sixteen lanes")
{
    PoolChain chain{1};
    Mempool pool = chain.pool({});
    for (std::uint16_t lane = 0; lane < lanes_max; ++lane)
        CHECK(chain.add(pool, chain.give(0, 0, 1, {.lane = {lane}})) == "");
    CHECK(chain.add(pool, chain.give(0, 0, 1, {.lane = {16}})) == "many-lanes");
    CHECK(chain.add(pool, chain.give(0, 1, 1, {.lane = {3}})) == "");
}

TEST_CASE("another in a place pays a tenth more, and an atom for each byte")
{
    PoolChain chain{1};
    Mempool pool = chain.pool({});
    const Transaction old = chain.give(0, 0, 5, {.rate = 100});
    const Transaction behind = chain.give(0, 1, 5);
    CHECK(chain.add(pool, old) == "");
    CHECK(chain.add(pool, behind) == "");
    const auto with_fee = [&](std::uint64_t fee) {
        Transaction transaction = chain.give(0, 0, 6);
        transaction.body.fee = {fee};
        transaction.signatures.clear();
        sign(transaction, chain.key(0));
        return transaction;
    };
    const std::uint64_t fee = old.body.fee.atoms;
    CHECK(chain.add(pool, with_fee((fee * 110 - 1) / 100)) == "low-fee-to-replace");
    CHECK(pool.contains(transaction_id(old.body)));
    const Transaction better = with_fee(divide_up(fee * 110, 100));
    CHECK(chain.add(pool, better) == "");
    CHECK_FALSE(pool.contains(transaction_id(old.body)));
    CHECK(pool.contains(transaction_id(better.body)));
    CHECK(pool.contains(transaction_id(behind.body)));
    CHECK(pool.count() == 2);

    Transaction cheap = chain.give(0, 2, 5); // a tenth is less than an atom for each byte
    const std::uint64_t least = cheap.body.fee.atoms;
    REQUIRE(least / 10 > to_bytes(cheap).size());
    CHECK(chain.add(pool, cheap) == "");
}

TEST_CASE("a block is filled by the price, by the time or by both, each lane in its order")
{
    const auto order_of = [](MempoolOptions options) {
        PoolChain chain{4};
        Mempool pool = chain.pool(options);
        std::vector<Transaction> all{
            chain.give(0, 1, 1, {.rate = 90}), chain.give(0, 0, 1, {.rate = 20}),
            chain.give(1, 0, 1, {.rate = 50}), chain.give(2, 0, 1, {.rate = 30}),
            chain.give(3, 1, 1, {.rate = 99})}; // nothing before it
        std::uint64_t now_ms = 0;
        for (const Transaction& each : all) CHECK(chain.add(pool, each, now_ms += 15'000) == "");
        BlockExecution execution{chain.genesis(), chain.chain().next_context(), chain.state()};
        std::string order;
        for (const Transaction& taken : pool.fill(execution, 100))
            order += static_cast<char>('0' + (std::ranges::find(all, taken) - all.begin()));
        CHECK(pool.count() == 5);
        return order;
    };
    CHECK(order_of({.order = MempoolOrder::price}) == "2310");
    CHECK(order_of({.order = MempoolOrder::time}) == "1023");
    CHECK(order_of({.order = MempoolOrder::score, .score_ms = 1}) == "1023");
    CHECK(order_of({.order = MempoolOrder::score, .score_ms = 1000}) == "2103"); // 5, -7, 5, -30 s
    CHECK(order_of({.order = MempoolOrder::score, .score_ms = 100'000}) == "2310");
}

TEST_CASE("a pool that is full keeps what pays more, and raises its floor for some hours")
{
    constexpr std::uint64_t hours_ms = std::uint64_t{6} * 60 * 60 * 1000;
    PoolChain chain{6};
    Mempool pool = chain.pool({.count_max = 3});
    const FeeRate least{chain.genesis().fee.weight_atoms << 16U};
    CHECK(chain.add(pool, chain.give(0, 0, 1, {.rate = 20})) == "");
    CHECK(chain.add(pool, chain.give(0, 1, 1, {.rate = 40})) == "");
    CHECK(chain.add(pool, chain.give(1, 0, 1, {.rate = 30})) == "");
    CHECK(pool.floor(0) == least);
    CHECK(chain.add(pool, chain.give(2, 0, 1, {.rate = 30})) == "full"); // no better than the worst
    CHECK(chain.add(pool, chain.give(2, 0, 1, {.rate = 35})) == "");     // 30 goes: 20 is before 40
    CHECK(pool.count() == 3);
    CHECK(pool.pending(chain.id(1)).empty());
    CHECK(fee_at(pool.floor(0), 1'000'000).atoms > 30'000'000);
    CHECK(chain.add(pool, chain.give(3, 0, 1, {.rate = 25})) == "low-fee");
    CHECK(chain.add(pool, chain.give(3, 0, 1, {.rate = 25}), hours_ms) == "full");
    CHECK(pool.floor(hours_ms) < pool.floor(hours_ms - 1));
    CHECK(pool.floor(100 * hours_ms) == least);
    CHECK(pool.estimate(1, 100 * hours_ms) == least);
    // One before which others are missing is the first to go.
    Mempool early = chain.pool({.count_max = 1});
    CHECK(chain.add(early, chain.give(0, 1, 1, {.rate = 99})) == "");
    CHECK(chain.add(early, chain.give(1, 0, 1, {.rate = 20})) == "");
    CHECK(early.floor(0) == least);
    CHECK(chain.add(early, chain.give(0, 1, 1, {.rate = 99})) == "full");
}

TEST_CASE("what a block has used, outlived or spent leaves with it")
{
    PoolChain chain{4};
    Mempool pool = chain.pool({.age_max_ms = 1000});
    const Transaction mined = chain.give(0, 0, 1);
    const Transaction next = chain.give(0, 1, 1);
    const Transaction rival = chain.give(1, 0, 1);
    const Transaction poor = chain.give(2, 1, test_balance.atoms / 2);
    Transaction brief = chain.give(3, 0, 1);
    brief.body.valid_until = chain.tip() + 1;
    brief.signatures.clear();
    sign(brief, chain.key(3));
    for (const Transaction& each : {mined, next, rival, poor, brief})
        CHECK(chain.add(pool, each) == "");
    chain.connect(pool, {mined, chain.give(1, 0, 2), chain.give(2, 0, test_balance.atoms / 2)});
    CHECK(pool.ids() == std::vector{transaction_id(next.body)});
    chain.connect(pool, {}, 1000);
    CHECK(pool.count() == 1);
    chain.connect(pool, {}, 1001);
    CHECK(pool.count() == 0);
    CHECK(pool.size_bytes() == 0);
}

TEST_CASE("an account that has another key has nothing left of the old one")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({});
    const Descriptor other{1, {chain.key(1).public_key()}};
    const Transaction change =
        chain.priced(chain.chain().make(chain.key(0), module_number::coins,
                                        static_cast<std::uint16_t>(CoinsMethod::controller),
                                        to_bytes(ControllerArguments{descriptor_id(other)})),
                     20, {0});
    CHECK(chain.add(pool, change) == "");
    CHECK(chain.add(pool, chain.give(0, 1, 1)) == "");
    chain.connect(pool, {change});
    CHECK(pool.count() == 0);
}

TEST_CASE("what was in a block that is taken back comes before all others")
{
    for (const MempoolOrder order : {MempoolOrder::time, MempoolOrder::score}) {
        PoolChain chain{4};
        Mempool pool = chain.pool({.order = order});
        const std::vector<Transaction> first{chain.give(0, 0, 1), chain.give(1, 0, 1)};
        chain.connect(pool, first);
        const std::vector<Transaction> second{chain.give(1, 0, 2), chain.give(0, 0, 2)};
        chain.connect(pool, second);
        CHECK(chain.add(pool, chain.give(2, 0, 1), 5000) == "");
        CHECK(chain.add(pool, chain.give(0, 0, 3), 6000) == "");
        const std::vector<TransactionId> newer = pool.ids();
        chain.disconnect(pool, 7000);
        chain.disconnect(pool, 8000);
        std::vector<TransactionId> expected;
        for (const auto* const list : {&first, &second})
            for (const Transaction& each : *list) expected.push_back(transaction_id(each.body));
        expected.insert(expected.end(), newer.begin(), newer.end());
        CHECK(pool.ids() == expected);
        CHECK(pool.is_verified(first.front()));
        BlockExecution execution{chain.genesis(), chain.chain().next_context(), chain.state()};
        std::vector<TransactionId> filled;
        for (const Transaction& taken : pool.fill(execution, 100))
            filled.push_back(transaction_id(taken.body));
        CHECK(filled == expected);
    }
}

TEST_CASE("money that a block brought is waited for when it is taken back")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({});
    const std::uint64_t most = test_balance.atoms - 1'000'000;
    const std::vector<Transaction> both{chain.give(0, 0, most / 2, {.to = chain.id(1)}),
                                        chain.give(1, 0, most + most / 4, {.rate = 90})};
    chain.connect(pool, both);
    CHECK(text_of(chain.chain().last_outcomes().back()) == "done");
    chain.disconnect(pool);
    CHECK(pool.count() == 2);
    chain.connect_filled(pool);
    CHECK(pool.count() == 0);
    CHECK(chain.chain().last().transactions.size() == 2);
}

TEST_CASE("signatures that were right are remembered, and no others for the same transaction")
{
    PoolChain chain{2};
    Mempool pool = chain.pool({});
    const Transaction good = chain.give(0, 0, 5);
    Transaction forged = good;
    forged.signatures.front().signature.bytes[0] ^= std::byte{1};
    CHECK(transaction_id(forged.body) == transaction_id(good.body));
    CHECK_FALSE(pool.is_verified(good));
    CHECK(chain.add(pool, good) == "");
    CHECK(pool.is_verified(good));
    CHECK_FALSE(pool.is_verified(forged));
    chain.connect(pool, {good});
    CHECK(pool.count() == 0);
    CHECK(pool.is_verified(good));
}

TEST_CASE("a set of verified transactions has a bound, and remembers the last ones")
{
    VerifiedSet set{64, 7};
    CHECK(set.size_bytes() == 1024);
    Transaction transaction;
    transaction.signatures.resize(1);
    std::size_t remembered = 0;
    for (unsigned i = 0; i < 1000; ++i) {
        const TransactionId id = id_of(i);
        CHECK_FALSE(set.has(transaction, id));
        set.note(transaction, id);
        CHECK(set.has(transaction, id));
    }
    for (unsigned i = 0; i < 1000; ++i) remembered += set.has(transaction, id_of(i)) ? 1 : 0;
    CHECK(remembered == 64);
}
