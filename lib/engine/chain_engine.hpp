#pragma once

#include "engine/header_tree.hpp"

#include <deque>
#include <map>
#include <set>

// Which chain a node follows: a state machine. It is told what has arrived and what was done, and
// tells what to do; it has no clock, no network and no disk. cairn-poc(7), "Fork choice".

namespace cairn {

/// A peer, as whoever drives the engine counts them.
struct PeerNumber {
    std::uint64_t value = 0;

    friend auto operator<=>(const PeerNumber&,
                            const PeerNumber&) = default; // NOLINT(modernize-use-nullptr)
};

// ---- What an engine is told.

/// Headers of a peer, each behind the one before it.
struct HeadersArrived {
    PeerNumber peer;
    std::vector<SealedHeader> headers;
};
/// A block's transactions are here, and are those that its header says.
struct BodyStored {
    BlockId id;
};
/// What was asked for is done, and durable.
struct BlockConnected {
    BlockId id;
};
struct BlockDisconnected {
    BlockId id;
};
/// The ledger refuses a block that was to be connected.
struct BlockRefused {
    BlockId id;
};
/// Time has passed.
struct ClockTicked {};

using EngineEvent = std::variant<HeadersArrived, BodyStored, BlockConnected, BlockDisconnected,
                                 BlockRefused, ClockTicked>;

// ---- What an engine wants.

/// Ask a peer for headers behind the first of these that it has.
struct AskHeaders {
    PeerNumber peer;
    std::vector<BlockId> known; ///< the newest first
};
/// Get a block's transactions from any peer, and store them. Perhaps wanted again later.
struct WantBody {
    BlockId id;
};
/// Put a block on top of the chain, or take the top one off; one at a time, then say so.
struct Connect {
    BlockId id;
};
struct Disconnect {
    BlockId id;
};
/// The chain has come to rest at a new block.
struct TipChanged {
    BlockId id;
};
/// A peer has sent what an honest one does not.
struct PeerFault {
    PeerNumber peer;
    unsigned points = 0; ///< of 100
    std::string reason;
};
/// A key has sealed two blocks for one place.
struct Equivocation {
    SealedHeader first;
    SealedHeader second;
};
/// Nothing more can be done with this chain.
struct Halt {
    std::string reason;
};
/// Let the clock tick then.
struct WakeAt {
    std::uint64_t time_s = 0;
};

using EngineAction = std::variant<AskHeaders, WantBody, Connect, Disconnect, TipChanged, PeerFault,
                                  Equivocation, Halt, WakeAt>;

struct ChainEngineOptions {
    std::size_t headers_ahead_max = 20'000; ///< of the chain, that are kept
    std::size_t bodies_ahead_max = 512;     ///< that are asked for before they can be connected
    std::size_t future_max = 64;            ///< headers that wait for their time
    std::size_t proofs_at_once = 16;
    std::size_t twins_max = 2;    ///< headers behind one parent, by one key, that are kept
    std::size_t siblings_max = 8; ///< and by one peer, besides the first; see is_crowded()
    std::optional<std::pair<Height, BlockId>> checkpoint{}; ///< proofs before it are not looked at
    std::size_t ways_max = 4; ///< peers at a time whose headers may lead to it
};

class ChainEngine {
public:
    /// From the tip of what a node has: the last blocks of its chain, oldest first, as many as may
    /// be taken back and one more; at the beginning the first block alone. The ids of older ones,
    /// thinned out, are for peers. `consensus` must live longer.
    ChainEngine(const Consensus& consensus, std::vector<KnownHeader> chain,
                std::map<Height, BlockId> older, ChainEngineOptions options = {});

    /// What follows from an event at a time of the wall clock.
    [[nodiscard]] std::vector<EngineAction> step(const EngineEvent& event, std::uint64_t now_s);

    /// The block on top of the chain.
    [[nodiscard]] const KnownHeader& tip() const { return tip_->known; }

    /// The best header that is known: where the chain will be when all its blocks are here.
    [[nodiscard]] const KnownHeader& best() const { return tree_.best()->known; }

    /// A header that is remembered; null for others.
    [[nodiscard]] const KnownHeader* find(const BlockId& id);

    /// What to ask a new peer with.
    [[nodiscard]] std::vector<BlockId> known_ids() const;

    [[nodiscard]] bool is_halted() const { return is_halted_; }

private:
    using Node = HeaderTree::Node;

    /// Why a header is not taken, and how many points that costs.
    struct Refusal {
        std::string reason;
        unsigned points = 0;
    };
    struct Waiting {
        PeerNumber peer;
        SealedHeader header;
        BlockId id;
    };
    struct Sealed {
        BlockId first;
        std::size_t count = 1;
        bool is_told = false; ///< that there is another
    };
    /// A peer's headers on the way to the checkpoint: ids alone.
    struct Way {
        BlockId base; ///< in the tree
        KnownHeader last;
        std::vector<BlockId> ids{}; ///< behind the base
        std::uint64_t since_s = 0;  ///< when it was looked at last
        std::size_t count_then = 0; ///< and how many there were
    };

    void take_headers(const HeadersArrived& arrived);
    void ask_from_the_fork(const HeadersArrived& arrived);
    [[nodiscard]] std::optional<Refusal> refusal_of(const KnownHeader& parent,
                                                    const SealedHeader& sealed) const;
    [[nodiscard]] std::optional<Refusal> refusal_in_tree(const Node* parent, Height height,
                                                         const BlockId& id);
    [[nodiscard]] bool is_crowded(PeerNumber peer, const SealedHeader& sealed,
                                  const BlockId& id) const;
    [[nodiscard]] bool is_promising(const HeaderState& parent,
                                    std::span<const SealedHeader> headers) const;
    [[nodiscard]] bool is_future(const Header& header) const;
    void hold(PeerNumber peer, const SealedHeader& header, const BlockId& id);
    std::size_t add_run(PeerNumber peer, std::span<const SealedHeader> headers,
                        std::span<const BlockId> ids);
    bool note_sibling(PeerNumber peer, const BlockId& parent, const BlockId& id);
    [[nodiscard]] std::size_t count_proven(std::span<const KnownHeader> run) const;
    Node* accept(Node* parent, KnownHeader known);
    void refuse_beside(const Node* block);
    void note_seal(const Node* node);
    void tick();

    // The way to the checkpoint: checkpoint_search.cpp.
    void search(const HeadersArrived& arrived, std::span<const BlockId> ids);
    [[nodiscard]] Way* find_way(const HeadersArrived& arrived, std::span<const BlockId> ids);
    [[nodiscard]] bool go_on(Way& way, PeerNumber peer, const SealedHeader& sealed,
                             const BlockId& id);
    void find_checkpoint(PeerNumber peer);
    void leave_way(PeerNumber peer);
    void leave_slow_ways();
    [[nodiscard]] bool is_trusted(Height height, const BlockId& id) const;

    void settle();
    [[nodiscard]] bool is_too_deep(Node* end) const;
    void refuse_too_deep();
    [[nodiscard]] bool is_better(const Node* end) const;
    [[nodiscard]] std::vector<Node*> better_ends();
    void want_bodies();
    void move();
    void arrive();
    void forget();
    void finish(const BlockId& id, bool is_on_top);
    void refuse(const BlockId& id);
    void fault(PeerNumber peer, unsigned points, std::string reason);
    void halt(std::string reason);

    const Consensus* consensus_;
    ChainEngineOptions options_;
    HeaderTree tree_;
    Node* tip_;
    Node* goal_ = nullptr;                              // where the chain is moving to
    std::optional<BlockId> pending_;                    // is being connected or disconnected
    BlockId told_;                                      // the tip that was told of last
    std::map<Height, BlockId> older_;                   // thinned out
    std::set<BlockId> wanted_;                          // bodies that were asked for
    bool is_wanting_ = true;                            // more of them may be wanted
    std::multimap<std::uint64_t, Waiting> future_;      // by time
    std::map<std::pair<BlockId, Bytes>, Sealed> seals_; // by parent and key
    std::optional<PeerNumber> has_more_;                // sent headers too far ahead to be kept
    std::map<std::pair<BlockId, PeerNumber>, std::set<BlockId>> siblings_; // that a peer told of
    bool is_searching_ = false;      // for the way to the checkpoint
    std::map<PeerNumber, Way> ways_; // while it is
    std::set<PeerNumber> waiting_;   // peers that may have a way, for when there is room
    Height trusted_from_;            // height of the first of these
    std::vector<BlockId> trusted_;   // the way, until the checkpoint is in the tree
    bool has_checkpoint_ = false;    // in the tree, or before it
    bool is_halted_ = false;
    std::set<PeerNumber> asked_; // how their chains lead on from here
    std::uint64_t now_s_ = 0;
    std::vector<EngineAction> actions_;
};

} // namespace cairn
