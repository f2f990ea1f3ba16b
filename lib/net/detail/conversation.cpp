#include "net/detail/conversation.hpp"

namespace cairn::detail {

namespace {

HubEvent::Kind to_hub_kind(MuxEvent::Kind kind)
{
    switch (kind) {
    case MuxEvent::Kind::opened:
        return HubEvent::Kind::opened;
    case MuxEvent::Kind::data:
        return HubEvent::Kind::data;
    case MuxEvent::Kind::writable:
        return HubEvent::Kind::writable;
    case MuxEvent::Kind::half_end:
        return HubEvent::Kind::half_end;
    case MuxEvent::Kind::ended:
        return HubEvent::Kind::ended;
    case MuxEvent::Kind::reset:
        return HubEvent::Kind::reset;
    case MuxEvent::Kind::pong:
    case MuxEvent::Kind::goaway:
        break; // never passed on
    }
    return HubEvent::Kind::woken;
}

} // namespace

Conversation::Conversation(const Options& options, ByteSink& out, CreditBudget& budget,
                           FrameObserver* observer)
    : options_{options},
      budget_{&budget},
      mux_{options.side, out, observer}
{
}

std::optional<HubEvent> Conversation::next()
{
    while (const auto event = mux_.next())
        if (account(*event)) return translate(*event);
    return std::nullopt;
}

/// Keeps the windows; whether the event is for the hub's user.
bool Conversation::account(const MuxEvent& event)
{
    switch (event.kind) {
    case MuxEvent::Kind::opened:
        if (budget_->free() < initial_credit_size) {
            mux_.reset(event.stream, "no memory for more streams, try again later");
            return false;
        }
        windows_.try_emplace(event.stream, *budget_);
        return true;
    case MuxEvent::Kind::data:
        moved_ += event.data.size();
        windows_.at(event.stream).arrive(event.data.size());
        return true;
    case MuxEvent::Kind::half_end:
        windows_.at(event.stream).finish();
        return true;
    case MuxEvent::Kind::ended:
    case MuxEvent::Kind::reset:
        windows_.erase(event.stream);
        return true;
    case MuxEvent::Kind::writable:
        return true;
    case MuxEvent::Kind::pong:
        return false;
    case MuxEvent::Kind::goaway:
        farewell_ = event.reason.empty() ? "the peer closed the link" : event.reason;
        return false;
    }
    return false;
}

HubEvent Conversation::translate(const MuxEvent& event) const
{
    HubEvent told;
    told.kind = to_hub_kind(event.kind);
    told.link = options_.link;
    told.stream = id(event.stream);
    told.is_caller = mux_.is_ours(event.stream);
    told.status = event.status;
    told.method = event.method;
    told.data = event.data;
    if (!event.reason.empty()) told.reason = event.reason;
    return told;
}

std::optional<StreamId> Conversation::open(std::string_view method, ByteView request)
{
    const auto stream = mux_.open(method, request);
    if (!stream) return std::nullopt;
    windows_.try_emplace(*stream, *budget_);
    return id(*stream);
}

std::size_t Conversation::credit(StreamId stream) const
{
    return mux_.writable(number_of(stream));
}

void Conversation::send(StreamId stream, ByteView data)
{
    moved_ += data.size();
    mux_.send(number_of(stream), data);
}

void Conversation::half_end(StreamId stream)
{
    mux_.half_end(number_of(stream));
}

void Conversation::end(StreamId stream, CallStatus status, ByteView reply)
{
    mux_.end(number_of(stream), status, reply);
    windows_.erase(number_of(stream));
}

void Conversation::reset(StreamId stream, std::string_view reason)
{
    mux_.reset(number_of(stream), reason);
    windows_.erase(number_of(stream));
}

void Conversation::consumed(StreamId stream, std::size_t bytes)
{
    const auto window = windows_.find(number_of(stream));
    if (window == windows_.end()) return;
    const std::size_t granted = mux_.granted(number_of(stream)).value_or(0);
    const std::size_t grant = window->second.consume(bytes, granted, options_.window_size_max);
    if (grant > 0) mux_.grant(number_of(stream), grant);
}

void Conversation::tell_writable(std::deque<HubEvent>& events) const
{
    for (const auto& [stream, window] : windows_) {
        if (mux_.writable(stream) == 0) continue;
        HubEvent event;
        event.kind = HubEvent::Kind::writable;
        event.link = options_.link;
        event.stream = id(stream);
        event.is_caller = mux_.is_ours(stream);
        events.push_back(std::move(event));
    }
}

void Conversation::tell_reset(std::deque<HubEvent>& events, const std::string& reason) const
{
    for (const auto& [stream, window] : windows_) {
        HubEvent event;
        event.kind = HubEvent::Kind::reset;
        event.link = options_.link;
        event.stream = id(stream);
        event.is_caller = mux_.is_ours(stream);
        event.reason = reason;
        events.push_back(std::move(event));
    }
}

} // namespace cairn::detail
