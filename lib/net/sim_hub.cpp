#include "net/sim_hub.hpp"

#include "base/error.hpp"
#include "net/detail/sim_state.hpp"

#include <algorithm>

namespace cairn {

using detail::SimEnd;
using detail::SimNode;

namespace {

constexpr std::size_t segment_size = 16 * 1024; // bytes that meet a fault together
constexpr std::uint64_t second_us = 1'000'000;
constexpr std::uint64_t retry_us = 10'000;          // of what waits for a path
constexpr std::uint64_t connect_us = 5 * second_us; // time limit
constexpr std::uint64_t closing_us = second_us;     // for what was sent to leave
constexpr std::uint64_t ping_us = 15 * second_us;   // of silence
constexpr std::uint64_t dead_us = 45 * second_us;   // of silence
constexpr unsigned connect_trips = 2;               // TCP's, and that of TLS

} // namespace

SimNetwork::SimNetwork(std::uint64_t seed) : state_{std::make_unique<State>(seed)} {}

SimNetwork::~SimNetwork() = default;

Hub& SimNetwork::add(const SimNodeOptions& options)
{
    state_->nodes.push_back(std::make_unique<SimNode>(*state_, options));
    return *state_->nodes.back();
}

void SimNetwork::serve(Hub& node, std::function<void(const HubEvent& event)> handler)
{
    State::node_of(node).handler = std::move(handler);
}

void SimNetwork::at(std::uint64_t time_ms, std::function<void()> task)
{
    state_->clock.at(time_ms * 1000, std::move(task));
}

void SimNetwork::run_until(std::uint64_t time_ms)
{
    do state_->serve();
    while (state_->clock.step(time_ms * 1000));
}

std::uint64_t SimNetwork::now_ms() const noexcept
{
    return state_->clock.now_us() / 1000;
}

// ---- Faults.

void SimNetwork::set_path(const SimPath& path)
{
    state_->usual = path;
}

void SimNetwork::set_path(const Hub& from, const Hub& to, const SimPath& path)
{
    state_->paths[{&State::node_of(from), &State::node_of(to)}] = path;
}

void SimNetwork::set_paths_of(const Hub& node, const SimPath& path)
{
    State::node_of(node).path = path;
}

void SimNetwork::cut(const Hub& one, const Hub& other, bool is_cut)
{
    const SimNode* const a = &State::node_of(one);
    const SimNode* const b = &State::node_of(other);
    for (const auto& pair : {std::pair{a, b}, std::pair{b, a}}) {
        if (is_cut)
            state_->cuts.insert(pair);
        else
            state_->cuts.erase(pair);
    }
}

void SimNetwork::take_down(const Hub& node)
{
    SimNode& down = State::node_of(node);
    down.is_down = true;
    while (!down.ends.empty()) state_->remove(*down.ends.begin()->second, "the node is down");
}

void SimNetwork::bring_up(const Hub& node)
{
    State::node_of(node).is_down = false;
}

SimNode& SimNetwork::State::node_of(const Hub& hub)
{
    // Hubs of a network are made by it alone, and it may change them.
    return const_cast<SimNode&>(dynamic_cast<const SimNode&>(hub));
}

const SimPath& SimNetwork::State::path(const Node& from, const Node& to) const
{
    const auto found = paths.find({&from, &to});
    if (found != paths.end()) return found->second;
    if (from.path) return *from.path;
    return to.path ? *to.path : usual;
}

bool SimNetwork::State::passes(const Node& from, const Node& to) const
{
    return !path(from, to).is_stalled && !cuts.contains({&from, &to});
}

std::uint64_t SimNetwork::State::delay_us(const Node& from, const Node& to) const
{
    return path(from, to).delay_ms * 1000;
}

/// splitmix64
std::uint64_t SimNetwork::State::random_below(std::uint64_t limit)
{
    random += 0x9e37'79b9'7f4a'7c15U;
    std::uint64_t x = random;
    x = (x ^ x >> 30U) * 0xbf58'476d'1ce4'e5b9U;
    x = (x ^ x >> 27U) * 0x94d0'49bb'1331'11ebU;
    return (x ^ x >> 31U) % limit;
}

// ---- Connections.

void SimNetwork::State::connect(Node& from, LinkId id, const Endpoint& endpoint)
{
    const auto to =
        std::ranges::find(nodes, endpoint.address, [](const auto& node) { return node->address; });
    const bool is_there = to != nodes.end();
    const std::uint64_t trip_us =
        is_there ? delay_us(from, **to) + delay_us(**to, from) : 2 * usual.delay_ms * 1000;
    const bool is_heard = !is_there || (passes(from, **to) && passes(**to, from));
    clock.at(clock.now_us() + (is_heard ? connect_trips * trip_us : connect_us),
             [this, &from, id, endpoint] { establish(from, id, endpoint); });
}

void SimNetwork::State::establish(Node& from, LinkId id, const Endpoint& endpoint)
{
    HubEvent failed;
    failed.kind = HubEvent::Kind::unlinked;
    failed.link = id;
    failed.is_caller = true;
    failed.address = endpoint.address;
    const auto found =
        std::ranges::find(nodes, endpoint.address, [](const auto& node) { return node->address; });
    if (found == nodes.end() || (*found)->is_down || from.is_down) {
        failed.reason = "cannot connect";
    } else if (!passes(from, **found) || !passes(**found, from)) {
        failed.reason = "no answer";
    } else if (endpoint.link_key && *endpoint.link_key != (*found)->link_key()) {
        failed.reason = "the peer has another key than expected";
    } else {
        Node& to = **found;
        SimEnd& near = from.add_end(Mux::Side::caller, id);
        SimEnd& far = to.add_end(Mux::Side::callee, LinkId{++to.last_link});
        near.other_node = &to;
        near.other_id = far.id;
        far.other_node = &from;
        far.other_id = near.id;
        for (SimEnd* const end : {&near, &far}) {
            const HubEvent up = end->event(HubEvent::Kind::linked);
            if (end->node->trace != nullptr) end->node->trace->linked(end->node->now_ms(), up);
            end->node->push(up);
            end->heard_us = clock.now_us();
            watch(*end->node, end->id);
        }
        return;
    }
    from.push(failed);
}

/// Sends what an end has written, unless it has to wait.
void SimNetwork::State::transmit(Node& node, LinkId id)
{
    End* const end = node.find(id);
    if (end == nullptr || end->pending.empty()) return;
    if (!passes(node, *end->other_node)) {
        clock.at(clock.now_us() + retry_us, [this, &node, id] { transmit(node, id); });
        return;
    }
    Bytes pending;
    pending.swap(end->pending);
    for (ByteView rest = pending; !rest.empty();) {
        const ByteView segment = rest.first(std::min(rest.size(), segment_size));
        if (!transmit_segment(*end, segment)) return;
        rest = rest.subspan(segment.size());
    }
}

/// False when the connection breaks.
bool SimNetwork::State::transmit_segment(End& end, ByteView segment)
{
    constexpr unsigned million = 1'000'000;
    const SimPath& way = path(*end.node, *end.other_node);
    if (way.rate > 0)
        end.free_us = std::max(end.free_us, clock.now_us()) + segment.size() * second_us / way.rate;
    const std::uint64_t jitter_us = way.jitter_ms > 0 ? random_below(way.jitter_ms * 1000) : 0;
    end.arrival_us = std::max(end.arrival_us, std::max(end.free_us, clock.now_us()) +
                                                  way.delay_ms * 1000 + jitter_us);
    if (way.reset_per_million > 0 && random_below(million) < way.reset_per_million) {
        remove(end, "the connection broke");
        return false;
    }
    Bytes bytes{segment.begin(), segment.end()};
    if (way.corrupt_per_million > 0 && random_below(million) < way.corrupt_per_million)
        bytes[random_below(bytes.size())] ^= static_cast<std::byte>(1U << random_below(8));
    clock.at(end.arrival_us, [this, node = end.other_node, id = end.other_id,
                              bytes = std::move(bytes)] { deliver(*node, id, bytes); });
    return true;
}

void SimNetwork::State::deliver(Node& node, LinkId id, const Bytes& bytes)
{
    End* const end = node.find(id);
    if (end == nullptr || end->is_closing) return;
    end->heard_us = clock.now_us();
    end->conversation.feed(bytes);
    try {
        while (auto event = end->conversation.next()) {
            event->peer = end->other_node->link_key();
            node.push(*event);
        }
    } catch (const Error& error) {
        close(*end, error.what());
    }
}

/// Asks for life, and gives up.
void SimNetwork::State::watch(Node& node, LinkId id)
{
    End* const end = node.find(id);
    if (end == nullptr) return;
    const std::uint64_t silence_us = clock.now_us() - end->heard_us;
    if (silence_us >= dead_us) {
        remove(*end, "the peer is silent");
        return;
    }
    if (silence_us >= ping_us && !end->is_closing) end->conversation.ping();
    clock.at(clock.now_us() + ping_us, [this, &node, id] { watch(node, id); });
}

void SimNetwork::State::close(End& end, const std::string& reason)
{
    if (end.is_closing) return;
    Node& node = *end.node;
    const LinkId id = end.id;
    std::deque<HubEvent> resets;
    end.conversation.tell_reset(resets, reason);
    for (const HubEvent& event : resets) node.push(event);
    end.conversation.go_away(reason);
    transmit(node, id);
    if (node.find(id) == nullptr) return; // it broke there
    end.conversation.release();
    end.is_closing = true;
    const std::uint64_t sent_us =
        end.pending.empty() ? end.arrival_us : clock.now_us() + closing_us;
    clock.at(sent_us, [this, &node, id, reason] {
        if (End* const found = node.find(id)) remove(*found, reason);
    });
}

/// An end is gone; the other learns of it when what was sent has arrived.
void SimNetwork::State::remove(End& end, const std::string& reason)
{
    Node& node = *end.node;
    node.push_down(end, reason);
    const std::uint64_t told_us =
        std::max(end.arrival_us, clock.now_us() + delay_us(node, *end.other_node));
    clock.at(told_us, [this, other = end.other_node, id = end.other_id] { lose(*other, id); });
    node.ends.erase(end.id.number);
}

void SimNetwork::State::lose(Node& node, LinkId id)
{
    End* const end = node.find(id);
    if (end == nullptr) return;
    if (!passes(*end->other_node, node)) {
        clock.at(clock.now_us() + retry_us, [this, &node, id] { lose(node, id); });
        return;
    }
    const std::string farewell = end->conversation.farewell();
    remove(*end, farewell.empty() ? "the connection broke" : farewell);
}

void SimNetwork::State::serve()
{
    if (is_serving) return;
    struct Serving {
        explicit Serving(bool& flag_) : flag{&flag_} { *flag = true; }
        Serving(const Serving&) = delete;
        Serving& operator=(const Serving&) = delete;
        ~Serving() { *flag = false; }
        bool* flag;
    };
    const Serving serving{is_serving};
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i]->run_handler();
}

} // namespace cairn
