#pragma once

#include "chain/block_maker.hpp"
#include "chain/chain_store.hpp"
#include "chain/detail/chain_tables.hpp"
#include "engine/solo.hpp"
#include "ledger/testing.hpp"

// For *_test.cpp files only.

namespace cairn {

struct MadeBlock {
    KnownHeader known;
    Block block;
};

/// A chain of one producer, in memory: what a store has to be like.
class SoloChain {
public:
    explicit SoloChain(std::uint64_t memory_blocks = 16)
        : genesis_{genesis_of(memory_blocks)},
          consensus_{genesis_}
    {
        FirstBlock first = first_block(genesis_);
        state_.write(first.effects.changes, first.effects.tree);
        const KnownHeader known{
            block_id(first.header), first.header, {}, consensus_.first_state(first.header)};
        blocks_.push_back({known, {first.header, {}, {}}});
    }
    SoloChain(const SoloChain&) = delete;
    SoloChain& operator=(const SoloChain&) = delete;
    ~SoloChain() = default;

    [[nodiscard]] const Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const SoloConsensus& consensus() const { return consensus_; }
    [[nodiscard]] const MemoryState& state() const { return state_; }
    [[nodiscard]] const Ed25519KeyPair& producer() const { return producer_; }

    /// All of them, the first one at 0.
    [[nodiscard]] const std::vector<MadeBlock>& blocks() const { return blocks_; }
    [[nodiscard]] const MadeBlock& tip() const { return blocks_.back(); }

    /// The pairs that have test_balance count from 0.
    static Ed25519KeyPair pair(unsigned number) { return counting_pair(32 * number); }
    static AccountId id(unsigned number) { return account_id(pair(number).public_key()); }

    [[nodiscard]] Transaction transfer(unsigned from, const AccountId& to, std::uint64_t atoms,
                                       std::uint64_t ahead = 0) const
    {
        Transaction transaction;
        TransactionBody& body = transaction.body;
        body.chain = tip().known.header.chain;
        body.call.sender = id(from);
        const auto account = parse_record<Account>(*state_.get(account_key(id(from))));
        body.call.sequence = account.next_sequence({}) + ahead;
        body.call.module = module_number::coins;
        body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
        body.call.arguments = to_bytes(TransferArguments{{{to, {atoms}}}, {}});
        body.valid_until = tip().known.header.height + 100;
        body.fee = {100'000};
        sign(transaction, pair(from));
        return transaction;
    }

    /// Makes a block on top, and another one for each producer.
    const MadeBlock& add(const std::vector<Transaction>& transactions = {}, unsigned producer = 3)
    {
        const KnownHeader& parent = tip().known;
        const BlockMaker maker{genesis_, consensus_, producer_, id(producer)};
        const BlockOrder order{
            parent.id, std::max(parent.header.time_s + 1, genesis_.time_s),
            solo_consensus_data(parent.header.chain, parent.header.height + 1, producer_)};
        auto draft = maker.draft(parent, {state_, state_}, order, [&](BlockExecution& execution) {
            for (const Transaction& transaction : transactions)
                if (const auto fault = execution.add(transaction))
                    throw Error{Exit::bug, to_text(*fault)};
            return transactions;
        });
        maker.seal(*draft);
        const Header& header = draft->block.header;
        state_.write(draft->effects.changes, draft->effects.tree);
        undo_.push_back(draft->effects.changes);
        blocks_.push_back(
            {{draft->id, header, draft->block.seal, consensus_.next_state(parent.state, header)},
             draft->block});
        return tip();
    }

    /// A block of some transfers that depend on `number`.
    const MadeBlock& add_some(std::uint64_t number)
    {
        std::vector<Transaction> transactions;
        for (unsigned from = 0; from < 3; ++from)
            for (std::uint64_t ahead = 0; ahead < (number + from) % 3; ++ahead)
                transactions.push_back(transfer(from, receiver(number + ahead), 1'000'000, ahead));
        return add(transactions, static_cast<unsigned>(number % 4));
    }
    static AccountId receiver(std::uint64_t number)
    {
        return filled<AccountId>(static_cast<unsigned>(100 + number % 50));
    }

    /// Takes the last block back.
    void undo()
    {
        const std::vector<StateChange> back = inverse(undo_.back());
        state_.write(back, update_tree(state_, leaf_changes(back)));
        undo_.pop_back();
        blocks_.pop_back();
    }

private:
    static Genesis genesis_of(std::uint64_t memory_blocks)
    {
        Genesis genesis = test_genesis();
        genesis.time_s = 1'767'225'600;
        genesis.engine = SoloRules{.producer = pair(7).public_key()};
        genesis.block.memory_blocks = memory_blocks;
        return genesis;
    }

    Genesis genesis_;
    SoloConsensus consensus_;
    Ed25519KeyPair producer_ = pair(7);
    MemoryState state_;
    std::vector<MadeBlock> blocks_;
    std::vector<std::vector<StateChange>> undo_;
};

/// Puts a block on top of a store; what is wrong with it, if anything is.
inline std::string put_on(ChainStore& store, const MadeBlock& made)
{
    store.put_body(made.block, made.known.id);
    return store.connect(made.known, made.block).value_or("");
}

/// Puts all blocks on a store that has the first ones of them.
inline void put_all(ChainStore& store, const SoloChain& chain)
{
    for (std::size_t i = store.tip().header.height.value + 1; i < chain.blocks().size(); ++i)
        if (const std::string fault = put_on(store, chain.blocks()[i]); !fault.empty())
            throw Error{Exit::bug, fault};
}

/// How the state that a closed store has in a directory differs from another one.
inline std::string state_fault(const std::string& directory, const MemoryState& state)
{
    const Database database{directory + "/state", detail::chain_tables()};
    const ReadTransaction reads = database.read();
    const auto count = [&](Table table) {
        std::size_t items = 0;
        Cursor cursor = reads.cursor(table);
        for (auto item = cursor.first(); item; item = cursor.next()) ++items;
        return items;
    };
    for (const auto& [path, value] : state.values()) {
        const auto found = reads.get(detail::state_table, value.first);
        if (!found || !std::ranges::equal(*found, value.second)) return "a value is another";
        const auto key = reads.get(detail::path_table, path.bytes);
        if (!key || !std::ranges::equal(*key, value.first)) return "a path is another";
    }
    Cursor nodes = reads.cursor(detail::node_table);
    for (auto item = nodes.first(); item; item = nodes.next()) {
        const auto node = state.get(item->key);
        if (!node || !std::ranges::equal(*node, item->value)) return "a node is another";
    }
    if (count(detail::state_table) != state.values().size()) return "there are other values";
    if (count(detail::path_table) != state.values().size()) return "there are other paths";
    if (count(detail::node_table) != state.node_count()) return "there are other nodes";
    return "";
}

} // namespace cairn
