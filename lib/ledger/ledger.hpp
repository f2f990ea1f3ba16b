#pragma once

#include "ledger/module.hpp"
#include "ledger/state_tree.hpp"

// The rules of a chain as a function: a state and a block give the next state, or what is wrong
// with the block. No clock, no disk, no randomness. cairn-ledger(7).

namespace cairn {

/// Why a transaction cannot be in a block.
enum class Fault : std::uint8_t {
    malformed,      ///< no such method, or its arguments are malformed
    other_chain,    ///< it is for another chain
    expired,        ///< its last block is over
    too_early,      ///< its last block is too far ahead
    low_fee,        ///< less than its weight costs
    not_authorised, ///< signatures that the sender's account needs are not there, or others are
    wrong_signature,
    used_sequence,  ///< it, or another in its place, was done
    early_sequence, ///< others of its lane are missing
    many_lanes,     ///< the account has as many lanes as it may
    no_funds,       ///< the fee is more than the sender has
    full,           ///< the block has no place for it
};

/// "malformed", "other-chain", ...
[[nodiscard]] const char* to_text(Fault fault);

/// Units of weight: about the microseconds that a transaction takes.
inline constexpr std::uint64_t weight_base = 50;
inline constexpr std::uint64_t weight_signature = 60;
inline constexpr std::uint64_t weight_write = 20;

/// A call that is to be made, but for its arguments.
struct PlannedCall {
    AccountId sender;
    Lane lane;
    std::uint64_t sequence = 0;
    CallShape shape;
};

/// What can be told of a transaction by itself.
struct Measure {
    TransactionId id;
    MerkleHash leaf{};              ///< of the tree that a header has the root of
    std::size_t size = 0;           ///< bytes
    std::uint64_t weight = 0;       ///< base, bytes, signatures, records it may change
    std::vector<PlannedCall> calls; ///< its own call, or those of its group
};

/// Throws Error{data} where its module, method or arguments are not known.
[[nodiscard]] Measure measure(const Transaction& transaction);

/// What it counts for in a block's weight. Throws as measure() does.
[[nodiscard]] std::uint64_t weight_of(const Transaction& transaction);

/// The least fee for a weight.
[[nodiscard]] Amount least_fee(const Genesis& genesis, std::uint64_t weight);

/// What a block does.
struct BlockEffects {
    std::vector<TransactionReceipt> receipts; ///< one for each transaction
    std::vector<StateChange> changes;         ///< in the order of their paths
    TreeUpdate tree;
};

/// Executes the transactions of a block, one after the other.
class BlockExecution {
public:
    BlockExecution(const Genesis& genesis, const BlockContext& block, const StateReader& state);

    /// Does a transaction whose signatures were checked, or tells why it cannot be here, and then
    /// has changed nothing.
    [[nodiscard]] std::optional<Fault> add(const Transaction& transaction);

    /// The same, where measure() of it is known.
    [[nodiscard]] std::optional<Fault> add(const Transaction& transaction, const Measure& measure);

    /// Whether the plot that the block is made with is its sealer's to use; true without a plot.
    [[nodiscard]] bool may_be_sealed();

    /// Ends the block. Throws Error{bug} where money has come from nowhere or is gone: a fault of
    /// the rules, after which nothing of the block may be used.
    [[nodiscard]] BlockEffects finish(const NodeReader& nodes);

private:
    [[nodiscard]] std::optional<Fault> check(const Transaction& transaction,
                                             const Measure& measure);
    [[nodiscard]] std::optional<Fault> charge(const Transaction& transaction);
    [[nodiscard]] Status run(const Transaction& transaction);
    void check_supply(std::span<const StateChange> changes);

    Execution execution_;
    std::vector<TransactionReceipt> receipts_;
    Amount fees_;
    std::uint64_t weight_ = 0;
    std::uint64_t size_ = 0; // bytes
};

/// A state and the tree over it.
struct StateView {
    const StateReader& values;
    const NodeReader& nodes;
};

/// Checks all that a block says against what it does: its place behind `parent`, its roots, its
/// transactions, but for signatures, which is_signed() checks of each, and what the engine knows.
/// Returns what it does, or what is wrong with it.
[[nodiscard]] std::variant<BlockEffects, std::string>
apply(const Genesis& genesis, const BlockContext& context, const Header& parent, const Block& block,
      const StateView& before);

/// The first block, which has no transactions, and what is in the state then.
struct FirstBlock {
    Header header;
    BlockEffects effects;
};
[[nodiscard]] FirstBlock first_block(const Genesis& genesis);

/// What takes a block's changes back.
[[nodiscard]] std::vector<StateChange> inverse(std::span<const StateChange> changes);

} // namespace cairn
