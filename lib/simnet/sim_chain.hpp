#pragma once

#include "simnet/memo_consensus.hpp"
#include "simnet/mutant_consensus.hpp"
#include "simnet/sim_node.hpp"

namespace cairn {

/// The nodes, the network between them, and those who check what happens.
class SimChain final : public SimWorld {
public:
    explicit SimChain(const SimOptions& options);

    [[nodiscard]] SimReport run();

    [[nodiscard]] std::uint64_t now_ms() const override { return now_ms_; }
    [[nodiscard]] std::size_t nodes() const override { return nodes_.size(); }
    void send(NodeNumber from, NodeNumber to, std::shared_ptr<const SimMessage> message) override;
    void wake(NodeNumber node, std::uint64_t time_ms) override;
    [[nodiscard]] const SimOptions& options() const override { return options_; }
    [[nodiscard]] const Consensus& consensus() const override { return memo_; }
    [[nodiscard]] DrawnPlots& plots() override { return plots_; }
    [[nodiscard]] SharedLedger& ledger() override { return ledger_; }
    [[nodiscard]] SimRandom& random() override { return random_; }
    [[nodiscard]] std::map<BlockId, SealedHeader>& archive() override { return archive_; }

    void note_sealed(NodeNumber node, const Header& header, const BlockId& id) override;
    void note_connected(NodeNumber node, const Header& header, std::uint64_t clock_s) override;
    void note_disconnected(NodeNumber node, const Header& header) override;
    void note_tip(NodeNumber node, const KnownHeader& tip) override;
    void note_fault(NodeNumber node, const PeerFault& fault) override;
    void note_equivocation(NodeNumber node, const Equivocation& two) override;
    void note_told(NodeNumber node, const SimDisk& disk) override;
    void note_halt(NodeNumber node, const std::string& reason) override;
    void violate(const std::string& what) override;

private:
    struct Delivery {
        NodeNumber from = 0;
        std::shared_ptr<const SimMessage> message;
    };
    struct Wake {};
    struct Begin {
        std::size_t fault = 0;
    };
    struct End {
        std::size_t fault = 0;
    };
    struct Look {};
    struct Join {};
    /// That a node stays where it is although it knows better.
    struct Lag {
        BlockId tip;
        std::uint64_t since_ms = 0; ///< 0: it does not
    };
    struct Event {
        NodeNumber node = 0;
        std::variant<Delivery, Wake, Begin, End, Look, Join> what;
    };

    void push(std::uint64_t time_ms, NodeNumber node,
              std::variant<Delivery, Wake, Begin, End, Look, Join> what);
    void happen(const Event& event);
    void join(NodeNumber number);
    void begin(const SimFault& fault);
    void end(const SimFault& fault);
    [[nodiscard]] bool is_cut(NodeNumber a, NodeNumber b) const;
    [[nodiscard]] bool is_honest(NodeNumber node) const;
    [[nodiscard]] bool may_halt() const;

    // What is looked at.
    void look();
    void check_rules(const Header& header);
    [[nodiscard]] std::optional<NodeNumber> most_agreed() const;
    void check_end();
    void check_one_chain(const SimNode& best);
    void check_halted();
    [[nodiscard]] bool is_lagging(NodeNumber number) const;
    void check_goes_on(const SimNode& best);
    void check_replay(NodeNumber number);
    void measure(SimReport& report);
    void trace(std::string_view kind, NodeNumber node, ByteView id);

    SimOptions options_;
    DrawnPlots plots_;
    std::unique_ptr<Consensus> rules_; // as they should be
    MutantConsensus mutant_;
    MemoConsensus memo_;
    SharedLedger ledger_;
    SimRandom random_;
    std::vector<std::unique_ptr<SimNode>> nodes_;
    std::map<BlockId, SealedHeader> archive_;

    std::uint64_t now_ms_;
    std::uint64_t end_ms_;
    std::uint64_t count_ = 0;                                         // events
    std::map<std::pair<std::uint64_t, std::uint64_t>, Event> events_; // by time, then by number
    std::set<std::pair<std::uint64_t, NodeNumber>> wakes_;            // that are to come
    std::vector<std::size_t> active_;                                 // faults

    std::map<BlockId, KnownHeader>
        known_; // all headers that somebody has connected, and their state
    std::map<std::pair<NodeNumber, BlockId>, BlockId> sealed_; // by node and parent
    std::map<Height, BlockId> solo_chain_;                     // of one producer
    std::vector<std::uint64_t> depth_;                         // blocks being taken back, by node
    std::vector<Work> work_;                                   // at rest, by node
    std::vector<Lag> lags_;                                    // by node
    std::set<NodeNumber> was_skewed_;
    SimReport report_;
    Sha256 trace_;
};

} // namespace cairn
