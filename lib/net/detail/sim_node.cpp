#include "net/detail/sim_state.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {

// ---- Clock.

void SimClock::at(std::uint64_t time_us, std::function<void()> task)
{
    tasks_.emplace(std::pair{std::max(time_us, now_us_), made_++}, std::move(task));
}

bool SimClock::step(std::uint64_t limit_us)
{
    if (tasks_.empty() || tasks_.begin()->first.first > limit_us) {
        now_us_ = std::max(now_us_, limit_us);
        return false;
    }
    const auto node = tasks_.extract(tasks_.begin());
    now_us_ = node.key().first;
    node.mapped()();
    return true;
}

// ---- One end of a connection.

SimEnd::SimEnd(SimNode& node_, LinkId id_, Mux::Side side)
    : node{&node_},
      id{id_},
      is_caller{side == Mux::Side::caller},
      conversation{{id_, side, node_.window_size_max},
                   *this,
                   node_.budget,
                   node_.trace == nullptr ? nullptr : this}
{
}

HubEvent SimEnd::event(HubEvent::Kind kind, std::string reason) const
{
    HubEvent event;
    event.kind = kind;
    event.link = id;
    event.is_caller = is_caller;
    event.peer = other_node->link_key();
    event.address = other_node->address;
    event.reason = std::move(reason);
    return event;
}

void SimEnd::put(ByteView bytes)
{
    if (pending.empty())
        node->network->clock.at(0, [network = node->network, sender = node, link = id] {
            network->transmit(*sender, link);
        });
    pending.insert(pending.end(), bytes.begin(), bytes.end());
}

void SimEnd::frame(const FrameNote& note)
{
    node->trace->frame(node->now_ms(), id, note);
}

// ---- A hub.

SimNode::SimNode(SimNetwork::State& network_, const SimNodeOptions& options)
    : network{&network_},
      address{options.address},
      trace{options.trace},
      window_size_max{options.window_size_max},
      budget{options.credit_size},
      key_{options.link_key->public_key()}
{
}

SimEnd* SimNode::find(LinkId link) const
{
    const auto found = ends.find(link.number);
    return found == ends.end() ? nullptr : found->second.get();
}

SimEnd& SimNode::add_end(Mux::Side side, LinkId id)
{
    return *ends.emplace(id.number, std::make_unique<SimEnd>(*this, id, side)).first->second;
}

Conversation* SimNode::conversation(StreamId stream) const
{
    SimEnd* const end = find(Conversation::link_of(stream));
    return end == nullptr || end->is_closing ? nullptr : &end->conversation;
}

LinkId SimNode::connect(const Endpoint& endpoint)
{
    const LinkId id{++last_link};
    network->connect(*this, id, endpoint);
    return id;
}

void SimNode::close(LinkId link, std::string_view reason)
{
    if (SimEnd* const end = find(link)) network->close(*end, std::string{reason});
}

std::optional<StreamId> SimNode::open(LinkId link, std::string_view method, ByteView request)
{
    SimEnd* const end = find(link);
    if (end == nullptr || end->is_closing) return std::nullopt;
    return end->conversation.open(method, request);
}

std::size_t SimNode::writable(StreamId stream) const
{
    const Conversation* const found = conversation(stream);
    return found == nullptr ? 0 : found->credit(stream);
}

void SimNode::send(StreamId stream, ByteView data)
{
    if (Conversation* const found = conversation(stream)) found->send(stream, data);
}

void SimNode::half_end(StreamId stream)
{
    if (Conversation* const found = conversation(stream)) found->half_end(stream);
}

void SimNode::end(StreamId stream, CallStatus status, ByteView reply)
{
    if (Conversation* const found = conversation(stream)) found->end(stream, status, reply);
}

void SimNode::reset(StreamId stream, std::string_view reason)
{
    if (Conversation* const found = conversation(stream)) found->reset(stream, reason);
}

void SimNode::consumed(StreamId stream, std::size_t bytes)
{
    if (Conversation* const found = conversation(stream)) found->consumed(stream, bytes);
}

void SimNode::wake() noexcept
{
    is_woken_ = true;
}

std::uint64_t SimNode::now_ms() const noexcept
{
    return network->clock.now_us() / 1000;
}

std::optional<HubEvent> SimNode::next(std::uint64_t deadline_ms)
{
    assert(!network->is_serving && !handler);
    constexpr std::uint64_t time_max_ms = UINT64_MAX / 2000;
    const std::uint64_t limit_us = std::min(deadline_ms, time_max_ms) * 1000;
    for (;;) {
        network->serve();
        if (!events_.empty()) return pop();
        if (is_woken_.exchange(false)) return HubEvent{};
        if (!network->clock.step(limit_us)) return std::nullopt;
    }
}

void SimNode::run_handler()
{
    if (!handler) return;
    while (!events_.empty()) handler(pop());
    if (is_woken_.exchange(false)) handler(HubEvent{});
}

void SimNode::push(const HubEvent& event)
{
    events_.push_back({event, std::string{event.method}, {event.data.begin(), event.data.end()}});
}

/// The link is gone, and all its streams.
void SimNode::push_down(const SimEnd& end, const std::string& reason)
{
    std::deque<HubEvent> resets;
    if (!end.is_closing) end.conversation.tell_reset(resets, reason);
    for (const HubEvent& event : resets) push(event);
    const HubEvent down = end.event(HubEvent::Kind::unlinked, reason);
    if (trace != nullptr) trace->unlinked(now_ms(), down);
    push(down);
}

/// The next event; what it shows lives until the one after it.
const HubEvent& SimNode::pop()
{
    last_ = std::move(events_.front());
    events_.pop_front();
    last_.event.method = last_.method;
    last_.event.data = last_.data;
    return last_.event;
}

} // namespace cairn::detail
