#pragma once

#include "net/detail/conversation.hpp"
#include "net/sim_hub.hpp"
#include "net/trace.hpp"

#include <atomic>
#include <set>
#include <string>

namespace cairn {

namespace detail {

class SimNode;

/// Tasks in the order of their times, and of their making where these are equal.
class SimClock {
public:
    /// Times that have passed are now.
    void at(std::uint64_t time_us, std::function<void()> task);

    /// Runs the next task, if its time is not after `limit_us`; false, and that time, if it is.
    bool step(std::uint64_t limit_us);

    [[nodiscard]] std::uint64_t now_us() const noexcept { return now_us_; }

private:
    std::uint64_t now_us_ = 0;
    std::uint64_t made_ = 0;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::function<void()>> tasks_;
};

/// One end of a connection.
class SimEnd final : private ByteSink, private FrameObserver {
public:
    SimEnd(SimNode& node, LinkId id, Mux::Side side);

    [[nodiscard]] HubEvent event(HubEvent::Kind kind, std::string reason = {}) const;

    SimNode* node;
    SimNode* other_node = nullptr;
    LinkId id;
    LinkId other_id; ///< of the other end, at its node
    bool is_caller;
    bool is_closing = false;
    Bytes pending;                ///< what is sent at the end of this moment
    std::uint64_t free_us = 0;    ///< when the path has taken what was sent
    std::uint64_t arrival_us = 0; ///< when the last of it arrives
    std::uint64_t heard_us = 0;
    Conversation conversation;

private:
    void put(ByteView bytes) override;
    void frame(const FrameNote& note) override;
};

/// A hub of a simulated network.
class SimNode final : public Hub {
public:
    SimNode(SimNetwork::State& network, const SimNodeOptions& options);

    LinkId connect(const Endpoint& endpoint) override;
    void close(LinkId link, std::string_view reason) override;
    std::optional<StreamId> open(LinkId link, std::string_view method, ByteView request) override;
    [[nodiscard]] std::size_t writable(StreamId stream) const override;
    void send(StreamId stream, ByteView data) override;
    void half_end(StreamId stream) override;
    void end(StreamId stream, CallStatus status, ByteView reply) override;
    void reset(StreamId stream, std::string_view reason) override;
    void consumed(StreamId stream, std::size_t bytes) override;
    std::optional<HubEvent> next(std::uint64_t deadline_ms) override;
    void wake() noexcept override;
    [[nodiscard]] std::uint64_t now_ms() const noexcept override;
    [[nodiscard]] const Ed25519PublicKey& link_key() const noexcept override { return key_; }

    [[nodiscard]] SimEnd* find(LinkId link) const;
    SimEnd& add_end(Mux::Side side, LinkId id);

    /// Keeps an event, with what it shows.
    void push(const HubEvent& event);
    void push_down(const SimEnd& end, const std::string& reason);
    void run_handler();

    SimNetwork::State* network;
    std::string address;
    Trace* trace;
    std::size_t window_size_max;
    CreditBudget budget;
    std::map<std::uint64_t, std::unique_ptr<SimEnd>> ends; ///< by number of the link
    std::uint64_t last_link = 0;
    std::function<void(const HubEvent&)> handler;
    std::optional<SimPath> path;
    bool is_down = false;

private:
    struct Kept {
        HubEvent event;
        std::string method;
        Bytes data;
    };

    [[nodiscard]] Conversation* conversation(StreamId stream) const;
    const HubEvent& pop();

    Ed25519PublicKey key_;
    std::deque<Kept> events_;
    Kept last_;
    std::atomic<bool> is_woken_{false};
};

} // namespace detail

struct SimNetwork::State {
    using Node = detail::SimNode;
    using End = detail::SimEnd;

    explicit State(std::uint64_t seed) : random{seed} {}

    static Node& node_of(const Hub& hub);
    [[nodiscard]] const SimPath& path(const Node& from, const Node& to) const;
    [[nodiscard]] bool passes(const Node& from, const Node& to) const;
    [[nodiscard]] std::uint64_t delay_us(const Node& from, const Node& to) const;
    std::uint64_t random_below(std::uint64_t limit);

    void connect(Node& from, LinkId id, const Endpoint& endpoint);
    void establish(Node& from, LinkId id, const Endpoint& endpoint);
    void transmit(Node& node, LinkId id);
    bool transmit_segment(End& end, ByteView segment);
    void deliver(Node& node, LinkId id, const Bytes& bytes);
    void watch(Node& node, LinkId id);
    void close(End& end, const std::string& reason);
    void remove(End& end, const std::string& reason);
    void lose(Node& node, LinkId id);
    void serve();

    detail::SimClock clock;
    std::uint64_t random;
    SimPath usual;
    std::vector<std::unique_ptr<Node>> nodes;
    std::map<std::pair<const Node*, const Node*>, SimPath> paths;
    std::set<std::pair<const Node*, const Node*>> cuts;
    bool is_serving = false;
};

} // namespace cairn
