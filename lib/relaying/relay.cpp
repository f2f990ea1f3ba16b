#include "relaying/relay.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/poll.hpp"
#include "relaying/detail/connection.hpp"
#include "relaying/detail/draw.hpp"

#include <algorithm>
#include <utility>

namespace cairn {

using detail::Connection;
using detail::Draw;
using detail::Purpose;

namespace {

constexpr std::size_t buffer_size = 256 * 1024;     // bytes, of one read
constexpr std::size_t held_max = 128 * 1024 * 1024; // bytes of all channels; a little more
constexpr std::uint64_t accept_pause_ms = 100;      // when the system has no room
constexpr int accepts_max = 64;                     // in a row

} // namespace

struct Relay::Impl {
    explicit Impl(RelayOptions its_options)
        : options{std::move(its_options)},
          listener{listen_at(options.listen)},
          buffer(buffer_size)
    {
    }

    [[nodiscard]] bool is_accepting(std::uint64_t now_ms) const
    {
        return connections.size() < options.connections_max && now_ms >= accept_from_ms;
    }

    void wait(SignalEvents& signals);
    void accept(std::uint64_t now_ms);
    void add(Accepted accepted);
    void advance(std::uint64_t now_ms);
    bool handle(SignalEvents& signals, const std::function<void()>& reload) const;
    void close_all();

    RelayOptions options;
    Fd listener;
    Bytes buffer;
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<Watch> watches; // of signals, the listener, two of each connection
    std::uint64_t next_number = 0;
    std::uint64_t accept_from_ms = 0;
};

Relay::Relay(RelayOptions options) : impl_{std::make_unique<Impl>(std::move(options))} {}

Relay::~Relay() = default;

std::string Relay::address() const
{
    return to_text(local_address(impl_->listener));
}

void Relay::set(const Impairments& impairments)
{
    impl_->options.impairments = impairments;
    for (const auto& connection : impl_->connections) connection->set(impairments);
}

void Relay::serve(SignalEvents& signals, const std::function<void()>& reload)
{
    for (;;) {
        impl_->wait(signals);
        if (!impl_->handle(signals, reload)) break;
        const std::uint64_t now_ms = monotonic_ms();
        impl_->advance(now_ms);
        if (impl_->watches[1].can_read) impl_->accept(now_ms);
    }
    impl_->close_all();
}

/// Until something can be done.
void Relay::Impl::wait(SignalEvents& signals)
{
    const std::uint64_t now_ms = monotonic_ms();
    std::optional<std::uint64_t> deadline_ms;
    const auto wake_at = [&](const std::optional<std::uint64_t>& time_ms) {
        if (time_ms) deadline_ms = std::min(deadline_ms.value_or(UINT64_MAX), *time_ms);
    };
    std::size_t held = 0;
    for (const auto& connection : connections) held += connection->held();

    watches.clear();
    watches.push_back({.descriptor = signals.descriptor(), .wants_read = true});
    watches.push_back({.descriptor = listener.number(), .wants_read = is_accepting(now_ms)});
    if (now_ms < accept_from_ms) wake_at(accept_from_ms);
    for (const auto& connection : connections) {
        const Connection::Watches both = connection->watches(now_ms, held < held_max);
        watches.push_back(both.client);
        watches.push_back(both.server);
        wake_at(connection->deadline_ms());
    }
    wait_for(watches, deadline_ms);
}

void Relay::Impl::accept(std::uint64_t now_ms)
{
    try {
        for (int i = 0; i < accepts_max && is_accepting(now_ms); ++i) {
            auto accepted = accept_from(listener);
            if (!accepted) return;
            add(std::move(*accepted));
        }
    } catch (const Error&) { // no descriptors: those who wait may wait a little longer
        accept_from_ms = now_ms + accept_pause_ms;
    }
}

void Relay::Impl::add(Accepted accepted)
{
    const Impairments& impairments = options.impairments;
    const std::uint64_t number = next_number++;
    if (options.opened) options.opened(number, to_text(accepted.peer));
    if (Draw{Purpose::refuse, {.seed = impairments.seed, .connection = number}}.unit() <
        impairments.refuse) {
        reset_when_closed(accepted.socket);
        if (options.closed) options.closed({.number = number, .reason = "refused by impairment"});
        return;
    }
    connections.push_back(
        std::make_unique<Connection>(number, std::move(accepted.socket), options.to, impairments));
}

void Relay::Impl::advance(std::uint64_t now_ms)
{
    for (std::size_t i = 0; i < connections.size(); ++i) {
        Connection& connection = *connections[i];
        try {
            connection.advance({watches[2 + 2 * i], watches[3 + 2 * i]}, now_ms, buffer);
        } catch (const Error& error) {
            connection.abort(error.what());
        }
        if (connection.is_over() && options.closed) options.closed(connection.report(now_ms));
    }
    std::erase_if(connections, [](const auto& connection) { return connection->is_over(); });
}

/// False when it is time to stop.
bool Relay::Impl::handle(SignalEvents& signals, const std::function<void()>& reload) const
{
    if (!watches[0].can_read) return true;
    while (const auto signal = signals.next()) {
        if (*signal == SignalEvents::Kind::stop) return false;
        reload();
    }
    return true;
}

void Relay::Impl::close_all()
{
    listener = Fd{};
    for (const auto& connection : connections) {
        connection->abort("the relay stops");
        if (options.closed) options.closed(connection->report(monotonic_ms()));
    }
    connections.clear();
}

} // namespace cairn
