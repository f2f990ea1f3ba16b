#include "relaying/detail/connection.hpp"

#include "os/clock.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::uint64_t connect_limit_ms = 10'000;
constexpr std::uint64_t closing_limit_ms = 1'000;
constexpr std::size_t held_least = 64 * 1024;      // bytes of a channel that always has room
constexpr std::size_t held_most = 4 * 1024 * 1024; // bytes of a channel that has room otherwise
constexpr int sends_max = 64;                      // in a row, before others have their turn

} // namespace

Connection::Connection(std::uint64_t number, Fd client, const std::vector<SocketAddress>& to,
                       const Impairments& impairments)
    : number_{number},
      to_{to},
      up_{impairments.up, {impairments.seed, number, true}},
      down_{impairments.down, {impairments.seed, number, false}},
      client_{.name = "client", .socket = std::move(client), .feeds = &up_, .other = &server_},
      server_{.name = "server", .socket = {}, .feeds = &down_, .other = &client_},
      start_ms_{monotonic_ms()}
{
    connect_next(start_ms_);
}

Connection::Watches Connection::watches(std::uint64_t now_ms, bool has_room)
{
    if (state_ == State::connecting)
        return {{.descriptor = client_.socket.number()},
                {.descriptor = server_.socket.number(), .wants_write = true}};
    return {watch(client_, now_ms, has_room), watch(server_, now_ms, has_room)};
}

Watch Connection::watch(Side& side, std::uint64_t now_ms, bool has_room)
{
    Watch watch{.descriptor = side.socket.number()};
    if (state_ == State::closing) {
        watch.wants_read = !side.has_ended;
    } else {
        const std::size_t held = side.feeds->held();
        watch.wants_read =
            side.feeds->is_taking() && (held < held_least || (has_room && held < held_most));
        watch.wants_write = !side.other->feeds->ready(now_ms).empty();
    }
    // Else the system would tell of it again and again.
    if (side.is_hung_up && !watch.wants_read && !watch.wants_write) watch.descriptor = -1;
    return watch;
}

std::optional<std::uint64_t> Connection::deadline_ms() const
{
    if (state_ != State::open) return limit_ms_;
    if (!up_.due_ms()) return down_.due_ms();
    return std::min(*up_.due_ms(), down_.due_ms().value_or(UINT64_MAX));
}

void Connection::advance(const Watches& watches, std::uint64_t now_ms, MutableByteView buffer)
{
    client_.is_hung_up = client_.is_hung_up || watches.client.has_ended;
    if (watches.client.can_write) client_.is_blocked = false;
    if (watches.server.can_write) server_.is_blocked = false;
    switch (state_) {
    case State::connecting:
        if (watches.client.is_broken) return abort("reset by the client");
        finish_connecting(watches.server, now_ms);
        if (state_ != State::open) return;
        break;
    case State::open:
        break;
    case State::closing:
        return finish_closing(watches, now_ms, buffer);
    case State::over:
        return;
    }
    server_.is_hung_up = server_.is_hung_up || watches.server.has_ended;
    read(client_, watches.client, now_ms, buffer);
    read(server_, watches.server, now_ms, buffer);
    write(client_, now_ms);
    write(server_, now_ms);
    if (state_ == State::open && client_.is_told && server_.is_told) {
        state_ = State::over;
        reason_ = "ended";
    }
}

void Connection::abort(const std::string& reason)
{
    if (state_ == State::over) return;
    reset_when_closed(client_.socket);
    reset_when_closed(server_.socket);
    state_ = State::over;
    reason_ = reason;
}

void Connection::set(const Impairments& impairments)
{
    up_.set(impairments.up);
    down_.set(impairments.down);
}

ConnectionReport Connection::report(std::uint64_t now_ms) const
{
    return {.number = number_,
            .up_size = up_.left(),
            .down_size = down_.left(),
            .corrupted_size = up_.corrupted() + down_.corrupted(),
            .duration_ms = now_ms - start_ms_,
            .reason = reason_};
}

void Connection::connect_next(std::uint64_t now_ms)
{
    limit_ms_ = now_ms + connect_limit_ms;
    server_.socket = start_connect(to_[next_++]);
}

void Connection::finish_connecting(const Watch& server, std::uint64_t now_ms)
{
    const bool is_late = now_ms >= limit_ms_;
    if (!is_late && !server.can_write && !server.is_broken && !server.has_ended) return;
    const std::string failure = is_late ? "Connection timed out" : connect_failure(server_.socket);
    if (failure.empty())
        state_ = State::open;
    else if (next_ < to_.size())
        connect_next(now_ms);
    else
        abort("cannot connect to '" + to_text(to_.back()) + "': " + failure);
}

/// Takes what a side sends into its channel.
void Connection::read(Side& from, const Watch& watch, std::uint64_t now_ms, MutableByteView buffer)
{
    if (state_ != State::open) return;
    const std::string broken = std::string{"reset by the "} + from.name;
    if (watch.can_read && from.feeds->is_taking()) {
        const Transfer transfer = receive(from.socket, buffer);
        if (transfer.state == Transfer::State::broken) return abort(broken);
        if (transfer.state == Transfer::State::ended) {
            from.has_ended = true;
            from.feeds->take_end(now_ms);
        }
        from.feeds->take(buffer.first(transfer.size), now_ms);
    } else if (watch.is_broken) {
        abort(broken);
    }
}

/// Sends what a side's channel lets go to the other side.
void Connection::write(Side& from, std::uint64_t now_ms)
{
    Side& to = *from.other;
    Channel& channel = *from.feeds;
    for (int i = 0; i < sends_max && state_ == State::open && !to.is_blocked; ++i) {
        const ByteView data = channel.ready(now_ms);
        if (data.empty()) break;
        const Transfer transfer = send(to.socket, data);
        if (transfer.state == Transfer::State::broken)
            return abort(std::string{"reset by the "} + to.name);
        to.is_blocked = transfer.size < data.size();
        channel.leave(transfer.size);
    }
    if (state_ != State::open || to.is_told) return;
    channel.ready(now_ms);
    switch (channel.state()) {
    case Channel::State::open:
        break;
    case Channel::State::ended:
        end_sending(to.socket);
        to.is_told = true;
        break;
    case Channel::State::closed:
        close_in_order(now_ms);
        break;
    case Channel::State::reset:
        abort("reset by impairment");
        break;
    }
}

void Connection::close_in_order(std::uint64_t now_ms)
{
    end_sending(client_.socket);
    end_sending(server_.socket);
    state_ = State::closing;
    limit_ms_ = now_ms + closing_limit_ms;
    reason_ = "closed by impairment";
}

/// A socket that is closed with unread bytes would reset the connection: they are read.
void Connection::finish_closing(const Watches& watches, std::uint64_t now_ms,
                                MutableByteView buffer)
{
    const auto drain = [&](Side& side, const Watch& watch) {
        if (side.has_ended || (!watch.can_read && !watch.is_broken)) return;
        const Transfer transfer = receive(side.socket, buffer);
        side.has_ended = transfer.state == Transfer::State::ended ||
                         transfer.state == Transfer::State::broken || watch.is_broken;
    };
    drain(client_, watches.client);
    drain(server_, watches.server);
    if ((client_.has_ended && server_.has_ended) || now_ms >= limit_ms_) state_ = State::over;
}

} // namespace cairn::detail
