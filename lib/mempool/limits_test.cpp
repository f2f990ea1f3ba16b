#include "mempool/testing.hpp"

#include <doctest/doctest.h>
#include <malloc.h>

// Floods, and what they may take.

using namespace cairn;

namespace {

/// A state in which every account is there and has much.
class Rich final : public StateReader {
public:
    [[nodiscard]] std::optional<Bytes> get(const StateKey& key) const override
    {
        if (table_of(key) != table_of(account_key({}))) return std::nullopt;
        Account account;
        account.balance = {UINT64_MAX / 2};
        return record_bytes(account);
    }
};

Ed25519PublicKey key_of(std::uint64_t number)
{
    Ed25519PublicKey key;
    std::ranges::copy(noise(32, number + 1), key.bytes.begin());
    return key;
}

/// A transfer that nobody has signed.
Transaction transfer(const NetworkId& chain, std::uint64_t from, std::uint64_t number,
                     std::uint64_t rate)
{
    Transaction transaction;
    transaction.signatures.push_back({key_of(from), {}});
    TransactionBody& body = transaction.body;
    body.chain = chain;
    body.call.sender = account_id(key_of(from));
    body.call.sequence = sequence_end({}) + number;
    body.call.module = module_number::coins;
    body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
    body.call.arguments = to_bytes(TransferArguments{{{account_id(key_of(from + 1)), {1}}}, {}});
    body.valid_until = {100};
    body.fee = {1'000'000'000};
    body.fee = {weight_of(transaction) * rate};
    return transaction;
}

struct Flood {
    std::uint64_t accounts = 1;
    std::uint64_t count = 100'000;
};

struct Flooded {
    std::size_t size_most = 0;  // bytes, as the pool counts them
    std::size_t taken = 0;      // transactions
    std::size_t heap_bytes = 0; // as the allocator counts them; 0 where that is unknown
};

/// Fees grow and shrink, so that some are thrown out and some are refused.
Flooded flood(Mempool& pool, const NetworkId& chain, const Flood& flood)
{
    const Rich state;
    Flooded result;
    Dice dice{flood.accounts};
    std::vector<std::uint64_t> next(flood.accounts);
    const std::size_t before = mallinfo2().uordblks;
    for (std::uint64_t i = 0; i < flood.count; ++i) {
        const std::uint64_t from = dice.below(flood.accounts);
        const std::uint64_t rate = 10 + i / 1000 + dice.below(40);
        Transaction one = transfer(chain, from, next[from], rate);
        const auto outcome = pool.add(std::move(one), state, {}, 0, true);
        if (std::holds_alternative<Mempool::Added>(outcome)) {
            ++next[from];
            ++result.taken;
        } else if (std::get<PoolRefusal>(outcome).reason == "early-sequence") {
            next[from] = 0; // what was before it was thrown out
            for (const PoolEntry* const entry : pool.pending(account_id(key_of(from))))
                next[from] =
                    std::max(next[from], entry->places.front().sequence + 1 - sequence_end({}));
        }
        result.size_most = std::max(result.size_most, pool.size_bytes());
    }
    result.heap_bytes = std::max(mallinfo2().uordblks, before) - before;
    return result;
}

} // namespace

TEST_CASE("a flood of transactions takes no more memory than it may")
{
    constexpr std::size_t size_max = 8UL * 1024 * 1024;
    const Genesis genesis = test_genesis(1);
    for (const std::uint64_t accounts : {3U, 300U, 100'000U}) {
        CAPTURE(accounts);
        Mempool pool{genesis, {.size_max = size_max, .account_max = 100'000}, 3};
        const Flooded result = flood(pool, network_id(genesis), {.accounts = accounts});
        CHECK(result.size_most <= size_max);
        CHECK(result.size_most > size_max / 10 * 9);
        CHECK(result.taken > pool.count());
        CHECK(result.heap_bytes <= size_max);
        CHECK(pool.count() > 5'000);
    }
}

TEST_CASE("a flood of transactions is no more of them than there may be")
{
    const Genesis genesis = test_genesis(1);
    Mempool pool{genesis, {.count_max = 500}, 3};
    const Flooded result = flood(pool, network_id(genesis), {.accounts = 40, .count = 10'000});
    CHECK(result.taken > 500);
    CHECK(pool.count() == 500);
    for (std::uint64_t from = 0; from < 40; ++from)
        CHECK(pool.pending(account_id(key_of(from))).size() <= 64);
}

TEST_CASE("a block is filled in the order of the price from many accounts")
{
    PoolChain chain{40};
    Mempool pool = chain.pool({});
    Dice dice{5};
    for (std::uint64_t ahead = 0; ahead < 20; ++ahead)
        for (std::size_t from = 0; from < 40; ++from) {
            const std::uint64_t rate = 10 + dice.below(1000);
            CHECK(chain.add(pool, chain.give(from, ahead, 1, {.rate = rate, .to = chain.id(0)}), 0,
                            true) == "");
        }
    BlockExecution few{chain.genesis(), chain.chain().next_context(), chain.state()};
    CHECK(pool.fill(few, 7).size() == 7);
    BlockExecution execution{chain.genesis(), chain.chain().next_context(), chain.state()};
    const std::vector<Transaction> filled = pool.fill(execution, 1000);
    CHECK(filled.size() == 800);
    CHECK(pool.estimate(1, 0) == pool.floor(0));

    // Each is worse than the one before, unless its turn has only come with that.
    for (std::size_t i = 1; i < filled.size(); ++i) {
        const auto rate = [&](std::size_t at) {
            return fee_rate(filled[at].body.fee, weight_of(filled[at]));
        };
        CHECK((rate(i) <= rate(i - 1) ||
               filled[i].body.call.sender == filled[i - 1].body.call.sender));
    }
    CHECK(chain.connect_filled(pool) == 800);
    CHECK(pool.count() == 0);
}

TEST_CASE("a block that is full is filled with what still fits, and the price for the next is told")
{
    Genesis genesis = test_genesis(1);
    genesis.block.size_max = 2000;
    Mempool pool{genesis, {.account_max = 1000}, 3};
    const NetworkId chain = network_id(genesis);
    const Rich state;
    for (std::uint64_t from = 0; from < 100; ++from) {
        const auto outcome = pool.add(transfer(chain, from, 0, 100 + from), state, {}, 0, true);
        CHECK(std::holds_alternative<Mempool::Added>(outcome));
    }
    BlockExecution execution{genesis, {.chain = chain, .height = {1}}, state};
    const std::vector<Transaction> filled = pool.fill(execution, 1000);
    const std::size_t size = to_bytes(filled.at(0)).size();
    CHECK(filled.size() == 2000 / size);
    const auto least = fee_rate(filled.back().body.fee, weight_of(filled.back()));
    CHECK(pool.estimate(1, 0) < least);
    CHECK(pool.estimate(2, 0) < pool.estimate(1, 0));
    CHECK(fee_at(pool.estimate(1, 0), 1'000'000) > fee_at(pool.estimate(2, 0), 1'000'000));
    CHECK(pool.estimate(1000, 0) == pool.floor(0));
}
