#include "mempool/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Four accounts, and groups that the first one sends.
struct Groups {
    PoolChain chain{4};
    Mempool pool = chain.pool({});

    [[nodiscard]] Call call(std::size_t from, std::uint64_t ahead) const
    {
        return chain.give(from, ahead, 1, {.to = chain.id(3)}).body.call;
    }
    [[nodiscard]] Transaction group(std::uint64_t ahead, const std::vector<Call>& calls,
                                    std::uint64_t rate = 10) const
    {
        return chain.group(chain.give(0, ahead, 1), calls, rate, {0, 1, 2});
    }
    std::vector<TransactionId> fill()
    {
        BlockExecution execution{chain.genesis(), chain.chain().next_context(), chain.state()};
        std::vector<TransactionId> ids;
        for (const Transaction& taken : pool.fill(execution, 100))
            ids.push_back(transaction_id(taken.body));
        return ids;
    }
};

TransactionId id_of(const Transaction& transaction)
{
    return transaction_id(transaction.body);
}

} // namespace

TEST_CASE("a group waits in the lanes of all its senders, for its turn in each")
{
    Groups test;
    const Transaction before = test.chain.give(1, 0, 1);
    const Transaction group = test.group(0, {test.call(1, 1), test.call(2, 0)}, 90);
    const Transaction after = test.chain.give(2, 1, 1, {.rate = 95});
    CHECK(test.chain.add(test.pool, group) == "early-sequence");
    CHECK(test.chain.add(test.pool, before) == "");
    CHECK(test.chain.add(test.pool, group) == "");
    CHECK(test.chain.add(test.pool, after) == "");
    for (const std::size_t account : {0U, 1U, 2U})
        CHECK(test.pool.pending(test.chain.id(account)).size() == (account == 0 ? 1 : 2));
    CHECK(test.fill() == std::vector{id_of(before), id_of(group), id_of(after)});
    CHECK(test.chain.connect_filled(test.pool) == 3);
    CHECK(test.pool.size_bytes() == 0);
}

TEST_CASE("a group may have several calls of one lane, one after the other")
{
    Groups test;
    const Transaction good = test.group(0, {test.call(0, 1), test.call(1, 0), test.call(2, 0)});
    const Transaction next = test.chain.give(0, 2, 1);
    CHECK(test.chain.add(test.pool,
                         test.group(0, {test.call(0, 0), test.call(1, 0), test.call(2, 0)})) ==
          "early-sequence"); // its own number is used by itself
    CHECK(test.chain.add(test.pool, test.group(0, {test.call(0, 2), test.call(1, 0),
                                                   test.call(2, 0)})) == "early-sequence");
    CHECK(test.chain.add(test.pool, good) == "");
    CHECK(test.chain.add(test.pool, next) == "");
    CHECK(test.pool.pending(test.chain.id(0)).size() == 2);
    CHECK(test.fill() == std::vector{id_of(good), id_of(next)});
}

TEST_CASE("a place has one transaction, whether it is sent or a call of a group")
{
    Groups test;
    const Transaction group = test.group(0, {test.call(1, 0), test.call(2, 0)}, 20);
    const Transaction behind = test.group(1, {test.call(1, 1), test.call(2, 1)}, 20);
    CHECK(test.chain.add(test.pool, group) == "");
    CHECK(test.chain.add(test.pool, behind) == "");
    CHECK(test.chain.add(test.pool, test.chain.give(1, 0, 1)) == "low-fee-to-replace");
    CHECK(test.chain.add(test.pool, test.group(0, {test.call(2, 0), test.call(1, 0)}, 90)) ==
          "in-the-way"); // in another order
    const Transaction better = test.group(0, {test.call(1, 0), test.call(2, 0)}, 90);
    CHECK(test.chain.add(test.pool, better) == "");
    CHECK(test.pool.ids() == std::vector{id_of(behind), id_of(better)});
    CHECK(test.fill() == std::vector{id_of(better), id_of(behind)});
    // One call alone in its place leaves gaps in the other lanes, where groups do not wait.
    const Transaction alone = test.chain.give(1, 0, 1, {.rate = 900});
    CHECK(test.chain.add(test.pool, alone) == "");
    CHECK(test.pool.ids() == std::vector{id_of(alone)});
    CHECK(test.fill() == std::vector{id_of(alone)});
}

TEST_CASE("a group that a block has in part leaves, and what waits behind it alone stays")
{
    Groups test;
    const Transaction group = test.group(0, {test.call(1, 0), test.call(2, 0)});
    const Transaction after = test.chain.give(2, 1, 1);
    CHECK(test.chain.add(test.pool, group) == "");
    CHECK(test.chain.add(test.pool, after) == "");
    test.chain.connect(test.pool, {test.chain.give(1, 0, 2)});
    CHECK(test.pool.ids() == std::vector{id_of(after)});
    CHECK(test.fill().empty()); // what was before it is gone
    CHECK(test.pool.count() == 1);
}

TEST_CASE("a group that was not done uses its sender's number alone, and groups behind it leave")
{
    Groups test;
    Call much = test.call(1, 0);
    much.arguments =
        to_bytes(TransferArguments{{{test.chain.id(3), {test_balance.atoms - 1}}}, {}});
    const Transaction group = test.group(0, {much, test.call(2, 0)});
    const Transaction after = test.group(1, {test.call(1, 1), test.call(2, 1)});
    CHECK(test.chain.add(test.pool, group) == "");
    CHECK(test.chain.add(test.pool, after) == "");
    // Before it in the block the second account gives away what it would need.
    test.chain.connect(test.pool, {test.chain.give(1, 0, 1, {.lane = {5}}), group});
    CHECK(text_of(test.chain.chain().last_outcomes().back()) == "no-funds");
    CHECK(test.pool.count() == 0);
}

TEST_CASE("of several transactions for one place exactly one is in a block")
{
    PoolChain chain{3};
    Mempool pool = chain.pool({});
    std::vector<Transaction> rivals;
    for (std::uint64_t i = 0; i < 6; ++i)
        rivals.push_back(chain.give(0, 0, 1 + i, {.rate = 10 + (i * 37 % 60), .to = chain.id(1)}));
    for (const Transaction& rival : rivals) (void)chain.add(pool, rival);
    CHECK(pool.count() == 1);
    CHECK(chain.connect_filled(pool) == 1);
    for (const Transaction& rival : rivals) CHECK(chain.add(pool, rival) != "");
    chain.disconnect(pool);
    CHECK(pool.count() == 1);
    CHECK(chain.connect_filled(pool) == 1);
    CHECK(pool.count() == 0);
}
