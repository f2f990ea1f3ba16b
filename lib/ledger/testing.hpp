#pragma once

#include "base/error.hpp"
#include "format/testing.hpp"
#include "ledger/coins.hpp"
#include "ledger/ledger.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/policy.hpp"

// For *_test.cpp files only.

namespace cairn {

/// A chain in memory, to which blocks of any transactions are added without an engine.
class TestChain {
public:
    explicit TestChain(Genesis genesis) : genesis_{std::move(genesis)}
    {
        FirstBlock first = first_block(genesis_);
        state_.write(first.effects.changes, first.effects.tree);
        headers_.push_back(first.header);
    }

    [[nodiscard]] const Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const MemoryState& state() const { return state_; }
    [[nodiscard]] const Header& tip() const { return headers_.back(); }
    [[nodiscard]] Height next_height() const { return tip().height + 1; }

    /// The context of the next block; change it as you like.
    [[nodiscard]] BlockContext next_context() const
    {
        BlockContext context;
        context.chain = tip().chain;
        context.height = next_height();
        context.time_s = tip().time_s + 60;
        context.producer = filled<AccountId>(0xee);
        context.parent = block_id(tip());
        context.sealer = filled<Ed25519PublicKey>(0xdd);
        return context;
    }

    /// Makes the next block of those that can be in it; what became of each.
    std::vector<std::variant<TransactionReceipt, Fault>>
    add(const std::vector<Transaction>& transactions)
    {
        return add(next_context(), transactions);
    }

    std::vector<std::variant<TransactionReceipt, Fault>>
    add(const BlockContext& context, const std::vector<Transaction>& transactions)
    {
        std::vector<std::variant<TransactionReceipt, Fault>> results;
        Block block;
        BlockExecution execution{genesis_, context, state_};
        for (const Transaction& transaction : transactions) {
            if (const auto fault = execution.add(transaction)) {
                results.emplace_back(*fault);
                continue;
            }
            results.emplace_back(TransactionReceipt{});
            block.transactions.push_back(transaction);
        }
        BlockEffects effects = execution.finish(state_);
        std::size_t next = 0;
        for (auto& result : results)
            if (auto* const receipt = std::get_if<TransactionReceipt>(&result))
                *receipt = effects.receipts.at(next++);

        block.header.chain = tip().chain;
        block.header.height = context.height;
        block.header.parent = context.parent;
        block.header.time_s = context.time_s;
        block.header.transactions = transactions_root(block.transactions);
        block.header.receipts = receipts_root(effects.receipts);
        block.header.state = effects.tree.root;
        block.header.producer = context.producer;
        block.header.engine = EngineKind::solo;
        const auto applied = apply(genesis_, context, tip(), block, state_, state_);
        if (!std::holds_alternative<BlockEffects>(applied))
            throw Error{Exit::bug, std::get<std::string>(applied)};
        state_.write(effects.changes, effects.tree);
        headers_.push_back(block.header);
        undo_.push_back(effects.changes);
        last_ = std::move(block);
        return results;
    }

    /// Blocks without transactions.
    void add_empty(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) (void)add({});
    }

    /// Takes the last block back.
    void undo()
    {
        const std::vector<StateChange> back = inverse(undo_.back());
        state_.write(back, update_tree(state_, leaf_changes(back)));
        undo_.pop_back();
        headers_.pop_back();
    }

    [[nodiscard]] const Block& last() const { return last_; }

    template <class Record>
    [[nodiscard]] std::optional<Record> find(const StateKey& key) const
    {
        const std::optional<Bytes> bytes = state_.get(key);
        if (!bytes) return std::nullopt;
        return parse_record<Record>(*bytes);
    }

    [[nodiscard]] Amount balance(const AccountId& id) const
    {
        const auto account = find<Account>(account_key(id));
        return account ? account->balance : Amount{};
    }

    /// All money there is, account by account and record by record.
    [[nodiscard]] Amount audit() const
    {
        std::uint64_t sum = 0;
        for (const auto& [path, value] : state_.values()) {
            const StateTable table = table_of({value.first, path});
            sum += find_module(table.module)->atoms_in(table.number, value.second).atoms;
        }
        return {sum};
    }

    /// A transaction of a call by the account of a key, with its next sequence number and the least
    /// fee.
    [[nodiscard]] Transaction make(const Ed25519KeyPair& key, std::uint16_t module,
                                   std::uint16_t method, Bytes arguments, Lane lane = {},
                                   std::uint64_t ahead = 0) const
    {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = tip().chain;
        body.call.sender = account_id(key.public_key());
        body.call.lane = lane;
        const auto account = find<Account>(account_key(body.call.sender));
        body.call.sequence =
            (account ? account->next_sequence(lane) : sequence_end(next_height())) + ahead;
        body.call.module = module;
        body.call.method = method;
        body.call.arguments = std::move(arguments);
        body.valid_until = next_height() + 100;
        finish(transaction, {&key, 1});
        return transaction;
    }

    /// Sets the least fee and signs.
    void finish(Transaction& transaction, std::span<const Ed25519KeyPair> keys) const
    {
        for (int i = 0; i < 2; ++i) { // the fee is in what is weighed
            transaction.signatures.clear();
            for (const Ed25519KeyPair& key : keys) sign(transaction, key);
            transaction.body.fee = {1'000'000'000};
            if (i == 0) continue;
            transaction.body.fee = {least_fee(genesis_, weight_of(transaction)).atoms};
            transaction.signatures.clear();
            for (const Ed25519KeyPair& key : keys) sign(transaction, key);
        }
    }

    [[nodiscard]] Transaction transfer(const Ed25519KeyPair& from, const AccountId& to,
                                       Amount amount, std::uint64_t ahead = 0) const
    {
        return make(from, module_number::coins, static_cast<std::uint16_t>(CoinsMethod::transfer),
                    to_bytes(TransferArguments{{{to, amount}}, {}}), {}, ahead);
    }

private:
    Genesis genesis_;
    MemoryState state_;
    std::vector<Header> headers_;
    std::vector<std::vector<StateChange>> undo_;
    Block last_;
};

inline constexpr Amount test_balance{1'000 * atoms_per_coin};

/// A chain of the profile dev in which the pairs that count from 0, 32, 64, ... have test_balance.
inline Genesis test_genesis(std::size_t accounts = 4)
{
    Genesis genesis = parse_genesis(*genesis_profile("dev"));
    for (std::size_t i = 0; i < accounts; ++i)
        genesis.accounts.push_back(
            {account_id(counting_pair(static_cast<unsigned>(32 * i)).public_key()), test_balance});
    std::ranges::sort(genesis.accounts, {}, &FirstAccount::account);
    return genesis;
}

} // namespace cairn
