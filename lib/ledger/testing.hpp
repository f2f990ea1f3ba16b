#pragma once

#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/testing.hpp"
#include "ledger/coins.hpp"
#include "ledger/ledger.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/policy.hpp"

// For *_test.cpp files only.

namespace cairn {

/// What is wrong with how a record is read: nothing when it is read and written again as it is,
/// what is nearly it is refused, and each bit of it that is changed is refused or read as another.
template <class Parse>
std::string parser_fault(ByteView good, Parse parse)
{
    const auto is_kept = [&](ByteView bytes) {
        return std::ranges::equal(to_bytes(parse(bytes)), bytes);
    };
    if (!is_kept(good)) return "the record is not kept";
    for (const Bytes& miss : near_misses_of(good))
        if (exit_of([&] { (void)parse(miss); }) != Exit::data)
            return "a near miss is read: " + to_hex_text(miss);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        const Bytes other = with_bit_changed(good, bit);
        bool is_other = false;
        const Exit exit = exit_of([&] { is_other = is_kept(other); });
        if (exit != Exit::data && !is_other) return "bit " + std::to_string(bit);
    }
    return "";
}

template <class Parse>
bool is_refused(ByteView bytes, Parse parse)
{
    return exit_of([&] { (void)parse(bytes); }) == Exit::data;
}

/// Numbers as good as random, the same in each run.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : x_{seed * 0x9e3779b97f4a7c15U + 1} {}

    /// From 0 to n - 1. Needs n > 0.
    std::uint64_t below(std::uint64_t n)
    {
        x_ ^= x_ >> 12U;
        x_ ^= x_ << 25U;
        x_ ^= x_ >> 27U;
        return (x_ * 0x2545f4914f6cdd1dU >> 16U) % n;
    }

private:
    std::uint64_t x_;
};

/// What became of a transaction.
using Outcome = std::variant<TransactionReceipt, Fault>;

/// The status of its receipt, or its fault, as text: to be compared with that of what should be.
inline std::string text_of(const Outcome& outcome)
{
    if (const auto* const fault = std::get_if<Fault>(&outcome))
        return std::string{"fault "} + to_text(*fault);
    return to_text(std::get<TransactionReceipt>(outcome).status);
}

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
    std::vector<Outcome> add(const std::vector<Transaction>& transactions)
    {
        return add(next_context(), transactions);
    }

    std::vector<Outcome> add(const BlockContext& context,
                             const std::vector<Transaction>& transactions)
    {
        std::vector<Outcome> results;
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
        const auto applied = apply(genesis_, context, tip(), block, {state_, state_});
        if (!std::holds_alternative<BlockEffects>(applied))
            throw Error{Exit::bug, std::get<std::string>(applied)};
        state_.write(effects.changes, effects.tree);
        headers_.push_back(block.header);
        undo_.push_back(effects.changes);
        last_ = std::move(block);
        outcomes_ = results;
        return results;
    }

    /// What becomes of one transaction, in a block of its own: text_of() it.
    std::string try_one(const Transaction& transaction)
    {
        return text_of(add({transaction}).front());
    }

    /// The same of a call.
    template <class Method>
    std::string try_call(const Ed25519KeyPair& key, std::uint16_t module, Method method,
                         Bytes arguments)
    {
        return try_one(make(key, module, static_cast<std::uint16_t>(method), std::move(arguments)));
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
    [[nodiscard]] const std::vector<Outcome>& last_outcomes() const { return outcomes_; }
    [[nodiscard]] const Header& header(std::size_t height) const { return headers_.at(height); }

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
    std::vector<Outcome> outcomes_;
};

/// Hex digits of tests/data/ledger/records.txt, which another implementation made. Throws where
/// there are none of that name.
inline std::string golden(const std::string& name)
{
    const std::string records = '\n' + test_data("ledger/records.txt");
    const std::size_t found = records.find('\n' + name + ' ');
    if (found == records.npos) throw Error{Exit::data, "no record '" + name + "'"};
    const std::size_t begin = found + name.size() + 2;
    return records.substr(begin, records.find('\n', begin) - begin);
}

inline Bytes golden_bytes(const std::string& name)
{
    return hex_bytes(golden(name));
}

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
