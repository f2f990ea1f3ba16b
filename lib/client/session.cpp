#include "client/session.hpp"

#include "base/number.hpp"
#include "client/detail/provider_link.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <utility>

namespace cairn {
namespace {

/// One of the providers and its calls.
struct Provider {
    detail::ProviderLink link;
    std::deque<CallId> waiting; // for the link, or for a stream on it
    std::size_t streams = 0;
};

/// A call, from start() to `done`.
struct Pending {
    SessionCall call;
    StreamId stream; // none while it waits
    std::size_t body_part = 0;
    std::size_t body_at = 0; // bytes of that part
    bool is_body_sent = false;
    bool is_answered = false;
    std::uint64_t sent_ms = 0;
    std::uint64_t moved_ms = 0; // when a byte last went either way
};

/// Holds a flag up for as long as it lives.
class Running {
public:
    explicit Running(bool& flag) : flag_{&flag} { flag = true; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { *flag_ = false; }

private:
    bool* flag_;
};

Reply failure(std::string text, bool is_time_out = false)
{
    Reply reply;
    reply.failure = std::move(text);
    reply.is_time_out = is_time_out;
    return reply;
}

} // namespace

struct Session::Impl {
    Impl(Hub& hub_used, SessionOptions session_options)
        : hub{hub_used},
          options{std::move(session_options)}
    {
        for (const ProviderName& name : options.providers)
            providers.push_back({detail::ProviderLink{hub, options, name}, {}, 0});
    }

    detail::HealthMeter& meter_of(const Pending& pending)
    {
        return providers[pending.call.provider].link.meter();
    }

    bool reach(Provider& provider)
    {
        const bool is_reached = provider.link.reach();
        timer_ms = std::min(timer_ms, provider.link.deadline_ms());
        return is_reached;
    }

    /// Tells the calls of a provider that went down.
    void settle_link(Provider& provider)
    {
        timer_ms = std::min(timer_ms, provider.link.deadline_ms());
        const auto reason = provider.link.take_failure();
        if (!reason) return;
        provider.waiting.clear();
        for (auto& [number, pending] : calls)
            if (&providers[pending.call.provider] == &provider && !finished.contains(number))
                finish({number}, pending, failure(*reason, provider.link.has_timed_out()));
    }

    /// Opens streams for calls that wait.
    void pump(Provider& provider)
    {
        while (provider.link.is_up() && !provider.waiting.empty() &&
               provider.streams < link_streams_max) {
            const CallId id = provider.waiting.front();
            Pending& pending = calls.at(id.number);
            const auto stream =
                hub.open(provider.link.link(), pending.call.method, pending.call.request);
            if (!stream) return; // the link is full for the moment, or `unlinked` follows
            provider.waiting.pop_front();
            ++provider.streams;
            streams.emplace(stream->number, id);
            pending.stream = *stream;
            pending.sent_ms = pending.moved_ms = hub.now_ms();
            timer_ms = std::min(timer_ms, pending.moved_ms + pending.call.stall_ms);
            send_body(pending);
        }
    }

    void send_body(Pending& pending)
    {
        if (pending.is_body_sent) return;
        const std::vector<ByteView>& body = pending.call.body;
        std::size_t sent = 0;
        while (pending.body_part < body.size()) {
            const ByteView rest = body[pending.body_part].subspan(pending.body_at);
            if (rest.empty()) {
                ++pending.body_part;
                pending.body_at = 0;
                continue;
            }
            const std::size_t size =
                std::min({rest.size(), frame_payload_max, hub.writable(pending.stream)});
            if (size == 0) break;
            hub.send(pending.stream, rest.first(size));
            pending.body_at += size;
            sent += size;
        }
        if (sent > 0) {
            pending.moved_ms = hub.now_ms();
            meter_of(pending).move(sent, pending.moved_ms);
        }
        if (pending.body_part < body.size()) return;
        pending.is_body_sent = true;
        pending.sent_ms = hub.now_ms();
        hub.half_end(pending.stream);
    }

    void note_answer(Pending& pending)
    {
        pending.moved_ms = hub.now_ms();
        if (std::exchange(pending.is_answered, true)) return;
        meter_of(pending).answer(pending.sent_ms, pending.moved_ms);
    }

    void take_data(CallId id, Pending& pending, const HubEvent& event)
    {
        note_answer(pending);
        detail::HealthMeter& meter = meter_of(pending);
        meter.move(event.data.size(), pending.moved_ms);
        auto data = std::move(pending.call.data); // it may cancel this very call
        const bool is_welcome = data && data(event.data);
        const auto found = calls.find(id.number);
        if (found == calls.end()) return;
        if (is_welcome) {
            found->second.call.data = std::move(data);
            hub.consumed(event.stream, event.data.size());
            return;
        }
        meter.fault(hub.now_ms());
        hub.reset(event.stream, "refused by caller");
        finish(id, found->second, failure("refused by caller"));
    }

    void take_end(CallId id, Pending& pending, const HubEvent& event)
    {
        note_answer(pending);
        if (event.status == CallStatus::ok) providers[pending.call.provider].link.note_success();
        if (event.status == CallStatus::damaged || event.status == CallStatus::failed)
            meter_of(pending).fault(hub.now_ms());
        Reply reply;
        reply.status = event.status;
        reply.body.assign(event.data.begin(), event.data.end());
        finish(id, pending, std::move(reply));
    }

    /// The stream is over; settle() calls `done`.
    void finish(CallId id, Pending& pending, Reply reply)
    {
        leave_stream(pending);
        finished.emplace(id.number, std::move(reply));
    }

    void leave_stream(Pending& pending)
    {
        if (pending.stream == StreamId{}) return;
        streams.erase(std::exchange(pending.stream, {}).number);
        --providers[pending.call.provider].streams;
    }

    /// Forgets a call; gives its callbacks back.
    SessionCall remove(CallId id)
    {
        const auto found = calls.find(id.number);
        meter_of(found->second).end(hub.now_ms());
        SessionCall call = std::move(found->second.call);
        calls.erase(found);
        return call;
    }

    /// Calls `done` of what is over and starts what can be started, until nothing is left to do.
    /// Whether there was a `done` to call.
    bool settle()
    {
        for (bool has_called = false;; has_called = true) {
            for (Provider& provider : providers) pump(provider);
            if (finished.empty()) return has_called;
            auto first = finished.extract(finished.begin());
            const SessionCall call = remove({first.key()});
            if (call.done) call.done(std::move(first.mapped()));
        }
    }

    void expire()
    {
        const std::uint64_t now = hub.now_ms();
        if (now < timer_ms) return;
        timer_ms = UINT64_MAX;
        for (Provider& provider : providers) {
            provider.link.expire();
            settle_link(provider);
        }
        for (auto& [number, pending] : calls) {
            if (pending.stream == StreamId{}) continue;
            const std::uint64_t deadline_ms = pending.moved_ms + pending.call.stall_ms;
            if (deadline_ms > now) {
                timer_ms = std::min(timer_ms, deadline_ms);
                continue;
            }
            meter_of(pending).fault(now);
            hub.reset(pending.stream, "time-out");
            finish({number}, pending,
                   failure("no byte in " + format_duration(pending.call.stall_ms), true));
        }
    }

    void handle_call(CallId id, const HubEvent& event)
    {
        Pending& pending = calls.at(id.number);
        switch (event.kind) {
        case HubEvent::Kind::data:
            return take_data(id, pending, event);
        case HubEvent::Kind::writable:
            return send_body(pending);
        case HubEvent::Kind::ended:
            return take_end(id, pending, event);
        case HubEvent::Kind::reset:
            meter_of(pending).fault(hub.now_ms());
            return finish(id, pending, failure("the call was cut: " + event.reason));
        case HubEvent::Kind::linked:
        case HubEvent::Kind::unlinked:
        case HubEvent::Kind::opened:
        case HubEvent::Kind::half_end:
        case HubEvent::Kind::woken:
            return;
        }
    }

    void handle(const HubEvent& event)
    {
        const auto stream = streams.find(event.stream.number);
        if (stream != streams.end()) return handle_call(stream->second, event);
        const auto owner = std::ranges::find_if(
            providers, [&](const Provider& provider) { return provider.link.owns(event); });
        if (owner != providers.end()) {
            owner->link.handle(event);
            settle_link(*owner);
            return;
        }
        if (event.kind == HubEvent::Kind::opened)
            hub.end(event.stream, CallStatus::unsupported, {}); // we only call
    }

    Hub& hub;
    SessionOptions options;
    std::deque<Provider> providers;
    // By the numbers of calls, streams, calls.
    std::map<std::uint64_t, Pending> calls;
    std::map<std::uint64_t, CallId> streams;
    std::map<std::uint64_t, Reply> finished; // over, `done` not yet called
    std::uint64_t last_call = 0;
    std::uint64_t timer_ms = UINT64_MAX; // nothing expires before
    bool is_running = false;
};

Session::Session(Hub& hub, SessionOptions options)
    : impl_{std::make_unique<Impl>(hub, std::move(options))}
{
}

Session::~Session()
{
    for (const Provider& provider : impl_->providers)
        if (provider.link.link() != LinkId{}) impl_->hub.close(provider.link.link(), "done");
}

const std::vector<ProviderName>& Session::providers() const noexcept
{
    return impl_->options.providers;
}

const ProviderHealth& Session::health(std::size_t provider) const
{
    return impl_->providers[provider].link.meter().health();
}

const HelloReply* Session::hello(std::size_t provider) const
{
    const auto& hello = impl_->providers[provider].link.hello();
    return hello ? &*hello : nullptr;
}

void Session::connect(std::size_t provider)
{
    impl_->reach(impl_->providers[provider]);
}

CallId Session::start(SessionCall call)
{
    assert(call.provider < impl_->providers.size());
    assert(call.request.size() <= request_size_max);
    Provider& provider = impl_->providers[call.provider];
    const CallId id{++impl_->last_call};
    provider.link.meter().begin(now_ms());
    Pending pending;
    pending.call = std::move(call);
    impl_->calls.emplace(id.number, std::move(pending));
    if (impl_->reach(provider))
        provider.waiting.push_back(id);
    else
        impl_->finished.emplace(id.number, failure(provider.link.meter().health().reason,
                                                   provider.link.has_timed_out()));
    return id;
}

void Session::cancel(CallId call)
{
    const auto found = impl_->calls.find(call.number);
    if (found == impl_->calls.end()) return;
    Pending& pending = found->second;
    std::erase(impl_->providers[pending.call.provider].waiting, call);
    if (pending.stream != StreamId{}) impl_->hub.reset(pending.stream, "not needed any more");
    impl_->leave_stream(pending);
    impl_->finished.erase(call.number);
    impl_->remove(call);
}

bool Session::run(const std::function<bool()>& is_done, std::uint64_t deadline_ms)
{
    assert(!impl_->is_running); // callbacks start calls, they do not wait for them
    const Running running{impl_->is_running};
    for (;;) {
        impl_->expire();
        impl_->settle();
        if (is_done()) return true;
        if (now_ms() >= deadline_ms) return false;
        if (impl_->settle()) continue; // what is_done() started, perhaps to fail at once
        const auto event = impl_->hub.next(std::min(deadline_ms, impl_->timer_ms));
        if (event) impl_->handle(*event);
    }
}

void Session::wake() noexcept
{
    impl_->hub.wake();
}

std::uint64_t Session::now_ms() const noexcept
{
    return impl_->hub.now_ms();
}

} // namespace cairn
