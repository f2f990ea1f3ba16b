#include "net/detail/zmq_link.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {

namespace {

constexpr std::size_t chunk_size_min = 2 * 1024;   // bytes
constexpr std::size_t chunk_size_max = 128 * 1024; // bytes
constexpr std::uint64_t closing_ms = 1'000;
constexpr std::uint64_t usefulness_half_life_ms = 2'000;

} // namespace

ZmqShared::ZmqShared(const ZmqHubOptions& options_, std::uint64_t now_ms)
    : options{options_},
      identity{*options_.link_key},
      flight{std::make_shared<Flight::Total>()},
      socket{{.queue_max = 64, .connect_ms = options_.connect_ms}},
      budget{options_.credit_size},
      admission{{.address_rate_per_s = options_.address_handshakes_per_s,
                 .total_rate_per_s = options_.handshakes_per_s},
                now_ms}
{
    options.link_key = nullptr;
}

// ---- Outbox.

Outbox::Outbox(ZmqShared& shared, Route route)
    : shared_{&shared},
      route_{route},
      flight_{std::make_shared<Flight>(shared.flight)},
      capacity_{chunk_size_min}
{
}

void Outbox::put(ByteView bytes)
{
    if (chunk_ && chunk_->room() < bytes.size()) {
        send();
        capacity_ = std::min(2 * capacity_, chunk_size_max);
    }
    if (!chunk_) chunk_ = std::make_unique<Chunk>(flight_, std::max(capacity_, bytes.size()));
    chunk_->put(bytes);
}

void Outbox::flush()
{
    if (!chunk_) return;
    if (chunk_->size < chunk_->capacity / 4) capacity_ = std::max(capacity_ / 2, chunk_size_min);
    send();
}

void Outbox::send()
{
    if (!is_broken_) is_broken_ = !shared_->socket.send(route_, std::move(chunk_));
    chunk_.reset();
}

std::size_t Outbox::waiting() const noexcept
{
    return flight_->bytes + (chunk_ ? chunk_->size : 0);
}

// ---- Link.

ZmqLink::ZmqLink(ZmqShared& shared, Start start)
    : shared_{&shared},
      start_{std::move(start)},
      state_{start_.side == Mux::Side::caller ? State::connecting : State::greeting},
      since_ms_{start_.now_ms},
      heard_ms_{start_.now_ms},
      left_ms_{start_.now_ms},
      outbox_{shared, start_.route}
{
}

void ZmqLink::mark_dirty()
{
    if (is_dirty_) return;
    is_dirty_ = true;
    shared_->dirty.push_back(start_.id);
}

void ZmqLink::start_tls()
{
    state_ = State::handshaking;
    tls_.emplace(shared_->identity, start_.side, start_.expected, outbox_);
}

void ZmqLink::connected(std::uint64_t now_ms)
{
    heard_ms_ = now_ms;
    start_tls();
    tls_->handshake();
    mark_dirty();
}

void ZmqLink::feed(ByteView input, std::uint64_t now_ms)
{
    heard_ms_ = now_ms;
    if (state_ != State::greeting) {
        Bytes{}.swap(hello_); // TLS has read it
        if (tls_) tls_->feed(input);
        return;
    }
    if (hello_.size() + input.size() > 2 * client_hello_size_max + 8192)
        throw Error{Exit::protocol, "the peer begins with too much"};
    hello_.insert(hello_.end(), input.begin(), input.end());
}

bool ZmqLink::has_hello() const
{
    return state_ == State::greeting && find_client_hello(hello_) != ClientHello::incomplete;
}

/// True once there is a ClientHello, and TLS has taken it.
bool ZmqLink::greet(std::uint64_t now_ms)
{
    switch (find_client_hello(hello_)) {
    case ClientHello::bad:
        throw Error{Exit::protocol, "the peer does not speak TLS"};
    case ClientHello::incomplete:
        return false;
    case ClientHello::complete:
        break;
    }
    if (!shared_->admission.admit(start_.address, now_ms))
        throw Error{Exit::tempfail, "too many handshakes"};
    start_tls();
    tls_->feed(hello_);
    return true;
}

std::optional<HubEvent> ZmqLink::next(std::uint64_t now_ms)
{
    if (state_ == State::greeting && !greet(now_ms)) return std::nullopt;
    if (state_ == State::handshaking) {
        const bool is_done = tls_->handshake();
        mark_dirty();
        if (!is_done) return std::nullopt;
        state_ = State::up;
        was_up = true;
        since_ms_ = now_ms;
        const Conversation::Options options{start_.id, start_.side,
                                            shared_->options.window_size_max};
        ByteSink& out = *this;
        FrameObserver* const observer = shared_->options.trace == nullptr ? nullptr : this;
        conversation_.emplace(options, out, shared_->budget, observer);
        return event(HubEvent::Kind::linked);
    }
    if (!was_up) return std::nullopt;
    for (;;) {
        if (state_ == State::up)
            if (auto event = conversation_->next()) return event;
        const ByteView plain = tls_->read(shared_->plain);
        if (plain.empty()) break;
        if (state_ == State::up) conversation_->feed(plain);
    }
    if (state_ == State::up && tls_->is_closed()) {
        const std::string& farewell = conversation_->farewell();
        throw Error{Exit::unavail, farewell.empty() ? "the peer closed the link" : farewell};
    }
    return std::nullopt;
}

void ZmqLink::close(std::string_view why, std::uint64_t now_ms)
{
    if (state_ == State::closing) return;
    if (state_ == State::up) {
        if (!tls_->is_closed()) conversation_->go_away(why);
        flush();
    }
    if (tls_) tls_->close();
    outbox_.flush();
    outbox_.flight().wait_for(0);
    if (conversation_) conversation_->release(); // views of it may still be in use
    reason = why;
    state_ = State::closing;
    since_ms_ = now_ms;
}

bool ZmqLink::is_over(std::uint64_t now_ms) noexcept
{
    assert(state_ == State::closing);
    if (!tls_ || outbox_.is_broken() || now_ms - since_ms_ >= closing_ms) return true;
    return outbox_.waiting() == 0 && (tls_->is_closed() || !was_up);
}

void ZmqLink::flush()
{
    is_dirty_ = false;
    if (!plain_.empty()) tls_->write(plain_);
    plain_.clear();
    outbox_.flush();
}

void ZmqLink::put(ByteView bytes)
{
    mark_dirty();
    while (!bytes.empty()) {
        if (plain_.empty() && bytes.size() >= tls_record_size) {
            const ByteView whole = bytes.first(bytes.size() - bytes.size() % tls_record_size);
            tls_->write(whole);
            bytes = bytes.subspan(whole.size());
            continue;
        }
        const ByteView part = bytes.first(std::min(bytes.size(), tls_record_size - plain_.size()));
        plain_.insert(plain_.end(), part.begin(), part.end());
        bytes = bytes.subspan(part.size());
        if (plain_.size() < tls_record_size) continue;
        tls_->write(plain_);
        plain_.clear();
    }
}

void ZmqLink::frame(const FrameNote& note)
{
    shared_->options.trace->frame(monotonic_ms(), start_.id, note);
}

std::string ZmqLink::overdue(std::uint64_t now_ms)
{
    const ZmqHubOptions& options = shared_->options;
    if (state_ != State::up) {
        const bool is_caller = start_.side == Mux::Side::caller;
        const std::uint64_t limit_ms = is_caller ? options.connect_ms : options.handshake_ms;
        if (now_ms - since_ms_ < limit_ms) return {};
        return state_ == State::connecting ? "no answer" : "no TLS handshake";
    }
    const std::uint64_t left = outbox_.flight().left;
    if (left != left_ || waiting() == 0) left_ms_ = now_ms;
    left_ = left;
    if (now_ms - looked_ms_ >= usefulness_half_life_ms) {
        usefulness_ = usefulness_ / 2 + conversation_->moved() - moved_;
        moved_ = conversation_->moved();
        looked_ms_ = now_ms;
    }
    if (now_ms - left_ms_ >= options.stall_ms) return "the peer takes nothing";
    const std::uint64_t silence_ms = now_ms - heard_ms_;
    if (silence_ms >= options.dead_ms) return "the peer is silent";
    if (silence_ms >= options.ping_ms && now_ms - pinged_ms_ >= options.ping_ms) {
        pinged_ms_ = now_ms;
        conversation_->ping();
    }
    return {};
}

HubEvent ZmqLink::event(HubEvent::Kind kind, std::string why) const
{
    HubEvent event;
    event.kind = kind;
    event.link = start_.id;
    event.is_caller = start_.side == Mux::Side::caller;
    if (was_up) event.peer = tls_->peer();
    event.address = start_.address;
    event.reason = std::move(why);
    return event;
}

} // namespace cairn::detail
