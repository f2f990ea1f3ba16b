#pragma once

#include "chain/block_checker.hpp"
#include "chain/chain_store.hpp"
#include "ledger/snapshot.hpp"

#include <functional>
#include <semaphore>

// Chains as streams: blocks framed as in files of blocks, one after the other; and their states.

namespace cairn {

/// The next block of a stream; none at its end. Throws Error{data} for what is no stream of blocks,
/// or ends within one.
[[nodiscard]] std::optional<Block> read_framed_block(const ReadBytes& read);

/// Puts blocks on a chain that come one after the other, all of them checked: headers and proofs,
/// signatures in threads of their own, and what they do.
class ChainImport {
public:
    /// `connected` is called for each block that was put on the chain. Both must outlive it.
    ChainImport(ChainStore& store, const Consensus& consensus,
                std::function<void(const KnownHeader&)> connected);
    ChainImport(const ChainImport&) = delete;
    ChainImport& operator=(const ChainImport&) = delete;
    ~ChainImport() = default;

    /// Takes the next block; one that is on the chain already is passed over. Throws Error{data},
    /// naming it, for one that is wrong or does not follow.
    void add(Block block);

    /// Does what is left, and makes all durable.
    void finish();

    /// The block that was found wrong, after which nothing can follow.
    [[nodiscard]] const std::optional<BlockId>& refused() const { return refused_; }

private:
    struct Waiting {
        KnownHeader known;
        std::shared_ptr<const Block> block;
        bool is_checked = false;
    };

    void check_group();
    void connect_ready(std::size_t left_max);
    void take_outcomes();
    [[noreturn]] void refuse(const Header& header, const std::string& reason);

    ChainStore* store_;
    const Consensus* consensus_;
    std::function<void(const KnownHeader&)> connected_;
    KnownHeader last_; // that was added
    std::vector<std::shared_ptr<const Block>> group_;
    std::deque<Waiting> waiting_;
    std::uint64_t uncommitted_ = 0; // transactions
    std::optional<BlockId> refused_;
    std::counting_semaphore<> woken_{0};
    BlockChecker checker_;
};

/// The blocks of a chain from one height to another, framed. Throws Error{noinput} where one of
/// them is not here.
void export_chain(const ChainStore& store, Height from, Height to,
                  const std::function<void(ByteView)>& write);

/// The state after the last block that was committed, as a snapshot, whose head is returned. Throws
/// Error{data} where the state is damaged; what was written then is no snapshot.
SnapshotHead export_state(const ChainStore& store, const std::function<void(ByteView)>& write);

/// Makes a chain's database again from its files of blocks, for when it is damaged: what there is
/// goes to "state.damaged" and "blocks.old" first, and the latter is removed when all is done; a
/// rebuilding that was cut off goes on with it. The database's replacement is made of the best
/// chain that begins with the first block and has nothing wrong. Returns its height. Throws
/// Error{data} where the directory has no blocks, or the first ones of them are gone, and leaves
/// all as it is then.
Height rebuild_chain(const std::string& directory, const Genesis& genesis,
                     const Consensus& consensus,
                     const std::function<void(const KnownHeader&)>& connected);

} // namespace cairn
