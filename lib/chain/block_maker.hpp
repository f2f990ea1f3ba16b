#pragma once

#include "engine/producer.hpp"
#include "engine/solo.hpp"
#include "ledger/ledger.hpp"

#include <functional>

// Making blocks.

namespace cairn {

/// A block without its seal, and what it does.
struct DraftBlock {
    Block block;
    BlockId id;
    BlockEffects effects;
};

/// Throws Error{noperm} when this is not the key that makes the blocks of a chain of one producer.
void check_producer(const Genesis& genesis, const Ed25519PublicKey& key);

/// Adds transactions to a block, and returns those that are in it.
using FillBlock = std::function<std::vector<Transaction>(BlockExecution&)>;

/// What blocks are made with. All must outlive it.
struct BlockMaker {
    const Genesis& genesis;
    const Consensus& consensus;
    const Ed25519KeyPair& key; ///< seals
    AccountId account;         ///< is paid

    /// Makes a block behind `parent`, whose state is `before`. None when the plot that the order is
    /// of is not for the key to use.
    [[nodiscard]] std::optional<DraftBlock> draft(const KnownHeader& parent,
                                                  const StateView& before, const BlockOrder& order,
                                                  const FillBlock& fill) const;

    /// Seals a block, which the sign guard must have allowed.
    void seal(DraftBlock& draft) const;
};

} // namespace cairn
