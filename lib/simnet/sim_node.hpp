#pragma once

#include "engine/chain_engine.hpp"
#include "engine/producer.hpp"
#include "engine/sign_guard.hpp"
#include "simnet/drawn_plots.hpp"
#include "simnet/mutant_consensus.hpp"
#include "simnet/shared_ledger.hpp"
#include "simnet/sim_disk.hpp"
#include "simnet/sim_random.hpp"
#include "simnet/simulation.hpp"

namespace cairn {

using NodeNumber = std::size_t;

/// The key of a node.
[[nodiscard]] Ed25519KeyPair key_of(NodeNumber number);

/// What simulated nodes say to each other.
struct HeadersMessage {
    explicit HeadersMessage(std::vector<SealedHeader> all) : headers{std::move(all)}
    {
        for (const SealedHeader& sealed : headers) ids.push_back(block_id(sealed.header));
    }

    std::vector<SealedHeader> headers;
    std::vector<BlockId> ids; ///< of these, so that not each who hears of them must hash
};
struct AskMessage {
    std::vector<BlockId> known;
};
struct WantMessage {
    BlockId id;
};
struct BodyMessage {
    std::shared_ptr<const Block> block;
};
using SimMessage = std::variant<HeadersMessage, AskMessage, WantMessage, BodyMessage>;

/// What a node has around it.
class SimWorld {
public:
    SimWorld() = default;
    SimWorld(const SimWorld&) = delete;
    SimWorld& operator=(const SimWorld&) = delete;
    virtual ~SimWorld() = default;

    [[nodiscard]] virtual std::uint64_t now_ms() const = 0;
    [[nodiscard]] virtual std::size_t nodes() const = 0;
    virtual void send(NodeNumber from, NodeNumber to,
                      std::shared_ptr<const SimMessage> message) = 0;
    virtual void wake(NodeNumber node, std::uint64_t time_ms) = 0;

    [[nodiscard]] virtual const SimOptions& options() const = 0;
    [[nodiscard]] virtual const Consensus& consensus() const = 0;
    [[nodiscard]] virtual DrawnPlots& plots() = 0;
    [[nodiscard]] virtual SharedLedger& ledger() = 0;
    [[nodiscard]] virtual SimRandom& random() = 0;
    /// All headers that anybody has made, for those who answer for old ones.
    [[nodiscard]] virtual std::map<BlockId, SealedHeader>& archive() = 0;

    // What checkers look at.
    virtual void note_sealed(NodeNumber node, const Header& header, const BlockId& id) = 0;
    virtual void note_connected(NodeNumber node, const Header& header, std::uint64_t clock_s) = 0;
    virtual void note_disconnected(NodeNumber node, const Header& header) = 0;
    virtual void note_tip(NodeNumber node, const KnownHeader& tip) = 0;
    virtual void note_fault(NodeNumber node, const PeerFault& fault) = 0;
    virtual void note_equivocation(NodeNumber node, const Equivocation& two) = 0;
    virtual void note_told(NodeNumber node, const SimDisk& disk) = 0;
    virtual void note_halt(NodeNumber node, const std::string& reason) = 0;
    virtual void violate(const std::string& what) = 0;
};

/// A node: an engine, a producer, and a disk that keeps what was written when it crashes.
class SimNode {
public:
    SimNode(SimWorld& world, NodeNumber number, const SimMiner& miner);

    [[nodiscard]] SimRole role() const { return miner_.role; }
    [[nodiscard]] const AccountId& account() const { return account_; }
    [[nodiscard]] bool is_up() const { return engine_ != nullptr; }
    [[nodiscard]] const KnownHeader& tip() const { return engine_->tip(); }
    [[nodiscard]] const std::vector<BlockId>& chain() const { return disk_.chain(); }
    [[nodiscard]] bool has_halted() const { return is_halted_; }
    [[nodiscard]] bool has_evidence() const { return !evidence_.empty(); }

    [[nodiscard]] bool knows(const BlockId& id) const { return engine_->find(id) != nullptr; }
    [[nodiscard]] std::shared_ptr<const Block> body(const BlockId& id) const
    {
        return disk_.body(id);
    }

    void start();
    /// Starts for the first time, with a block that the chain has.
    void join(const std::pair<Height, BlockId>& checkpoint);
    [[nodiscard]] bool is_to_come() const { return miner_.is_late && !checkpoint_; }
    /// Shows a chain that costs nothing to somebody who has none.
    void offer_cheap_chain(NodeNumber to, Height checkpoint);
    void tell_tip();
    void crash();
    /// Crashes after so many more writes to the disk.
    void crash_after(std::uint64_t writes) { writes_left_ = writes; }
    void set_skew(std::int64_t ms) { skew_ms_ = ms; }

    void receive(NodeNumber from, const SimMessage& message);
    void tick();

private:
    [[nodiscard]] std::uint64_t clock_ms() const;
    [[nodiscard]] std::uint64_t clock_s() const;
    [[nodiscard]] bool is_solo() const;
    void wake_at_clock(std::uint64_t time_ms);
    bool write();
    void settle_tip();
    void step(const EngineEvent& event);
    void act(const EngineAction& action);
    void connect(const BlockId& id);
    void disconnect(const BlockId& id);
    void tip_changed();
    void tell_top(const KnownHeader& tip);
    void keep_evidence(const Equivocation& two);
    void ask_for(const BlockId& id);
    void ask(NodeNumber peer, const BlockId& id);
    void ask_who_has(NodeNumber peer, std::span<const BlockId> ids);
    void answer(NodeNumber from, const AskMessage& ask);
    void broadcast(const SealedHeader& header);
    void send_to_all(const SimMessage& message);

    // Mining.
    void scan();
    void heed(const ProducerWish& wish);
    void make(const BlockOrder& order);
    struct Made {
        SealedHeader sealed;
        std::shared_ptr<const Block> block;
    };
    [[nodiscard]] Made make_block(const KnownHeader& parent, const BlockOrder& order);
    [[nodiscard]] bool may_seal(const Header& header);
    [[nodiscard]] bool keep_draft(const Made& made);
    void make_again();
    void produce();
    void adopt(const Made& made);

    [[nodiscard]] PocData best_behind(const KnownHeader& parent) const;
    [[nodiscard]] std::uint64_t due_s(const KnownHeader& parent, const PocData& data) const;

    // What others than honest ones do.
    void misbehave(const KnownHeader& tip);
    [[nodiscard]] std::vector<Made> twins_of(const KnownHeader& parent, const BlockOrder& order,
                                             std::size_t count);
    void show(const std::vector<Made>& twins, std::size_t each);
    void make_twins(const KnownHeader& parent, const BlockOrder& order);
    void show_faces_beside(const KnownHeader& tip);
    void fork_parent(const KnownHeader& tip);
    void flood_future(const KnownHeader& tip);
    void send_spam(const KnownHeader& tip);
    void send_solo_spam(const KnownHeader& tip);
    void flood_twins(const KnownHeader& tip);
    void offer_only(const Made& made);
    void mine_in_secret();
    void release_secret();
    void tell_what_was_held();
    void make_cheap_chain();

    SimWorld* world_;
    NodeNumber number_;
    SimMiner miner_;
    Ed25519KeyPair key_;
    AccountId account_;
    std::int64_t skew_ms_ = 0;

    // The disk.
    SimDisk disk_;
    Bytes guard_;
    std::shared_ptr<const Block> draft_; // of one producer: sealed last, or about to be
    std::vector<Equivocation> evidence_;
    std::optional<std::uint64_t> writes_left_;

    std::optional<std::pair<Height, BlockId>> checkpoint_; // on its command line
    std::unique_ptr<GrantedProofs> granted_;               // what it is misled by

    // What a crash takes.
    std::unique_ptr<ChainEngine> engine_;
    std::unique_ptr<PocProducer> poc_;
    std::unique_ptr<SoloProducer> solo_;
    std::deque<EngineEvent> events_;
    bool is_stepping_ = false;
    bool is_tip_untold_ = false;
    bool is_halted_ = false;
    std::optional<std::uint64_t> tell_at_ms_; // the top block, if nothing else was told
    struct Wanted {
        std::uint64_t again_ms = 0;
        std::uint64_t pause_ms = 0; ///< grows
        std::size_t tries = 0;
    };
    std::map<BlockId, Wanted> wanted_;                   // bodies, and when to ask again
    std::map<BlockId, std::vector<NodeNumber>> told_by_; // who has told of headers
    std::map<NodeNumber, unsigned> points_;              // that peers were charged
    std::set<NodeNumber> banned_;
    std::optional<std::uint64_t> scan_at_ms_;

    // Of those who misbehave.
    std::deque<std::pair<std::uint64_t, SealedHeader>> held_; // told of later, in milliseconds
    std::vector<Made> secret_;                                // a private fork
    std::optional<KnownHeader> secret_tip_;
    bool is_sealing_wrongly_ = false;
    std::vector<BlockId> cheap_chain_; // by height
};

} // namespace cairn
