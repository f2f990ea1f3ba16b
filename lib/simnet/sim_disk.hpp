#pragma once

#include "engine/header_state.hpp"

#include <deque>
#include <map>
#include <memory>
#include <variant>

namespace cairn {

/// The chain that a simulated node keeps. What is written since the last commit is lost in a crash.
class SimDisk {
public:
    explicit SimDisk(KnownHeader first);

    /// The last blocks of the chain, oldest first.
    [[nodiscard]] const std::deque<KnownHeader>& last() const { return last_; }

    /// The chain, by height.
    [[nodiscard]] const std::vector<BlockId>& chain() const { return chain_; }

    void connect(const KnownHeader& known);
    void disconnect();

    void put_body(const BlockId& id, std::shared_ptr<const Block> block);

    /// Null where it is not here.
    [[nodiscard]] std::shared_ptr<const Block> body(const BlockId& id) const;

    /// Whether the chain is as it will be after a crash.
    [[nodiscard]] bool is_committed() const { return moves_ == 0; }

    /// From now on all is kept. Of the last blocks so many stay at hand.
    void commit(std::size_t count);

    void crash();

private:
    struct Connected {};
    struct Disconnected {
        KnownHeader known;
    };
    struct Stored {
        BlockId id;
    };

    std::deque<KnownHeader> last_;
    std::vector<BlockId> chain_;
    std::map<BlockId, std::shared_ptr<const Block>> bodies_;
    std::vector<std::variant<Connected, Disconnected, Stored>> loose_; // since the last commit
    std::size_t moves_ = 0;                                            // of these
};

} // namespace cairn
