#pragma once

#include "ledger/group.hpp"
#include "ledger/testing.hpp"
#include "mempool/mempool.hpp"

// For *_test.cpp files only.

namespace cairn {

/// A chain of accounts that count from 0 and have test_balance each, and what goes into a pool.
class PoolChain {
public:
    explicit PoolChain(std::size_t accounts) : keys_{make_keys(accounts)}, chain_{genesis_of(keys_)}
    {
    }

    [[nodiscard]] const Ed25519KeyPair& key(std::size_t account) const { return keys_.at(account); }
    [[nodiscard]] AccountId id(std::size_t account) const
    {
        return account_id(key(account).public_key());
    }
    [[nodiscard]] std::size_t accounts() const { return keys_.size(); }
    [[nodiscard]] TestChain& chain() { return chain_; }
    [[nodiscard]] const Genesis& genesis() const { return chain_.genesis(); }
    [[nodiscard]] const MemoryState& state() const { return chain_.state(); }
    [[nodiscard]] Height tip() const { return chain_.tip().height; }
    [[nodiscard]] Mempool pool(MempoolOptions options) const
    {
        return Mempool{chain_.genesis(), options, 0x5eed};
    }

    struct Giving {
        std::uint64_t rate = 10; ///< atoms for a unit of weight
        Lane lane{};
        AccountId to{{std::byte{0xfe}}};
        bool is_signed = true;
    };

    /// A transfer, so many ahead of the account's next transaction.
    [[nodiscard]] Transaction give(std::size_t from, std::uint64_t ahead, std::uint64_t atoms,
                                   const Giving& giving) const
    {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = chain_.tip().chain;
        body.call.sender = id(from);
        body.call.lane = giving.lane;
        const auto account = chain_.find<Account>(account_key(id(from)));
        body.call.sequence = account->next_sequence(giving.lane) + ahead;
        body.call.module = module_number::coins;
        body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
        body.call.arguments = to_bytes(TransferArguments{{{giving.to, {atoms}}}, {}});
        body.valid_until = chain_.next_height() + 100;
        body.fee = {1'000'000'000};
        transaction.signatures.push_back({key(from).public_key(), {}});
        body.fee = {weight_of(transaction) * giving.rate};
        if (!giving.is_signed) return transaction;
        transaction.signatures.clear();
        sign(transaction, key(from));
        return transaction;
    }
    [[nodiscard]] Transaction give(std::size_t from, std::uint64_t ahead, std::uint64_t atoms) const
    {
        return give(from, ahead, atoms, {});
    }

    /// The same transaction with another fee, signed by some.
    [[nodiscard]] Transaction priced(Transaction transaction, std::uint64_t rate,
                                     const std::vector<std::size_t>& signers) const
    {
        const auto sign_all = [&] {
            transaction.signatures.clear();
            for (const std::size_t signer : signers) sign(transaction, key(signer));
        };
        transaction.body.fee = {1'000'000'000};
        sign_all();
        transaction.body.fee = {weight_of(transaction) * rate};
        sign_all();
        return transaction;
    }

    /// A group that the first one sends.
    [[nodiscard]] Transaction group(const Transaction& sent, std::span<const Call> calls,
                                    std::uint64_t rate,
                                    const std::vector<std::size_t>& signers) const
    {
        Transaction transaction = sent;
        transaction.body.call.module = module_number::group;
        transaction.body.call.method = group_method;
        transaction.body.call.arguments = to_bytes(calls);
        return priced(std::move(transaction), rate, signers);
    }

    /// Why a pool does not take a transaction, with what a peer is charged.
    std::string add(Mempool& pool, const Transaction& transaction, std::uint64_t now_ms = 0,
                    bool is_verified = false) const
    {
        const auto result = pool.add(transaction, chain_.state(), tip(), now_ms, is_verified);
        const auto* const refusal = std::get_if<PoolRefusal>(&result);
        if (!refusal) return "";
        if (!refusal->is_peer_fault) return refusal->reason;
        return refusal->reason + ' ' + std::to_string(refusal->points);
    }

    /// A block of these is on top; all of them must be right.
    void connect(Mempool& pool, const std::vector<Transaction>& transactions,
                 std::uint64_t now_ms = 0)
    {
        for (const Outcome& outcome : chain_.add(transactions))
            if (std::holds_alternative<Fault>(outcome)) throw Error{Exit::bug, text_of(outcome)};
        blocks_.push_back(chain_.last());
        pool.block_connected(blocks_.back(), chain_.state(), now_ms);
    }

    /// A block of what the pool fills it with; how many those were.
    std::size_t connect_filled(Mempool& pool, std::uint64_t now_ms = 0)
    {
        BlockExecution execution{chain_.genesis(), chain_.next_context(), chain_.state()};
        const std::vector<Transaction> filled = pool.fill(execution, 1000);
        connect(pool, filled, now_ms);
        return filled.size();
    }

    void disconnect(Mempool& pool, std::uint64_t now_ms = 0)
    {
        chain_.undo();
        pool.block_disconnected(blocks_.back(), chain_.state(), now_ms);
        blocks_.pop_back();
    }

    [[nodiscard]] const Block& last_block() const { return blocks_.back(); }
    [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }

private:
    static std::vector<Ed25519KeyPair> make_keys(std::size_t count)
    {
        std::vector<Ed25519KeyPair> keys;
        for (std::size_t i = 0; i < count; ++i) {
            Secret seed{Ed25519KeyPair::seed_size};
            std::ranges::copy(noise(Ed25519KeyPair::seed_size, i + 1), seed.bytes().begin());
            keys.emplace_back(std::move(seed));
        }
        return keys;
    }

    static Genesis genesis_of(const std::vector<Ed25519KeyPair>& keys)
    {
        Genesis genesis = test_genesis(0);
        for (const Ed25519KeyPair& key : keys)
            genesis.accounts.push_back({account_id(key.public_key()), test_balance});
        std::ranges::sort(genesis.accounts, {}, &FirstAccount::account);
        return genesis;
    }

    std::vector<Ed25519KeyPair> keys_;
    TestChain chain_;
    std::vector<Block> blocks_; // that can be taken back
};

} // namespace cairn
