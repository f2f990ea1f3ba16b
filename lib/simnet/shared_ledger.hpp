#pragma once

#include "engine/consensus.hpp"
#include "ledger/ledger.hpp"
#include "ledger/memory_state.hpp"

#include <map>

namespace cairn {

/// The ledger of all simulated nodes: each block is executed once, by the real rules, and nodes
/// only name the block that their state is after. What one node finds out of a block all know.
class SharedLedger {
public:
    /// With a fault planted, blocks that are taken back leave something.
    explicit SharedLedger(const Genesis& genesis, bool is_undo_faulty = false);

    [[nodiscard]] const Header& first() const { return first_; }

    /// Completes a header: executes transactions behind its parent, leaving out what cannot be
    /// there, and sets the roots. Needs `context` as the engine makes it of the header.
    [[nodiscard]] Block make(const BlockContext& context, Header header,
                             std::span<const Transaction> transactions);

    /// Why a block cannot be behind its parent, which must have been connected by some node; empty:
    /// it can.
    [[nodiscard]] const std::string& fault_of(const BlockContext& context, const Header& parent,
                                              const Block& block);

    /// All money in the state after a block, and what its supply says that there is.
    struct Audit {
        Uint128 found = 0;
        Amount supply;
        bool is_root_right = false;
    };
    [[nodiscard]] Audit audit(const BlockId& id);

    /// What an account has after a block, rewards that have not matured included.
    [[nodiscard]] Amount wealth(const BlockId& id, const AccountId& account);

    /// Forgets how to get back to blocks below a height.
    void forget_below(Height height);

private:
    struct Known {
        Header header;
        std::vector<StateChange> changes;
        std::string fault;
    };

    void move_to(const BlockId& id);
    void move_back();
    void move_on(const BlockId& id);

    const Genesis* genesis_;
    bool is_undo_faulty_;
    Header first_;
    MemoryState state_;
    BlockId at_; // the block that state_ is after
    std::map<BlockId, Known> blocks_;
};

} // namespace cairn
