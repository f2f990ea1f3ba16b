#include "net/detail/stream_socket.hpp"

#include "base/error.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include <zmq.h>

namespace cairn::detail {

namespace {

constexpr std::size_t incoming_route_size = 5; // bytes of a routing id that the library gives
constexpr std::size_t outgoing_route_size = 9; // bytes of one that we give: 'L' and the number
constexpr std::string_view mapped = "::ffff:"; // IPv4 addresses on sockets of IPv6
constexpr const char* monitor_address = "inproc://monitor";

struct CloseSocket {
    void operator()(void* socket) const noexcept { zmq_close(socket); }
};
struct EndContext {
    void operator()(void* context) const noexcept { zmq_ctx_term(context); }
};
using Socket = std::unique_ptr<void, CloseSocket>;

class Message {
public:
    Message() { zmq_msg_init(&message_); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    ~Message() { zmq_msg_close(&message_); }

    /// False when there is none.
    bool receive(void* socket) { return zmq_msg_recv(&message_, socket, ZMQ_DONTWAIT) >= 0; }

    [[nodiscard]] ByteView data()
    {
        return {static_cast<const std::byte*>(zmq_msg_data(&message_)), zmq_msg_size(&message_)};
    }

    /// Where its connection comes from.
    [[nodiscard]] std::string address() const
    {
        const char* const text = zmq_msg_gets(&message_, "Peer-Address");
        const std::string_view address = text == nullptr ? "" : text;
        return std::string{address.substr(address.starts_with(mapped) ? mapped.size() : 0)};
    }

private:
    zmq_msg_t message_{};
};

[[noreturn]] void throw_zmq(Exit code, const std::string& action)
{
    throw Error{code, "cannot " + action + ": " + zmq_strerror(zmq_errno())};
}

template <class Int>
void set(void* socket, int option, Int value)
{
    if (zmq_setsockopt(socket, option, &value, sizeof value) != 0)
        throw_zmq(Exit::oserr, "set up a ZeroMQ socket");
}

/// Whether an address ends in a colon and a port.
bool has_port(std::string_view address)
{
    const std::size_t colon = address.rfind(':');
    if (colon == std::string_view::npos) return false;
    const auto port = parse_number(address.substr(colon + 1));
    return port && *port > 0 && *port <= UINT16_MAX;
}

using RouteBytes = std::array<std::byte, outgoing_route_size>;

/// The routing id, in the first bytes of `bytes`.
ByteView to_bytes(Route route, RouteBytes& bytes)
{
    const std::size_t size = is_outgoing(route) ? outgoing_route_size : incoming_route_size;
    bytes[0] = is_outgoing(route) ? std::byte{'L'} : std::byte{0};
    for (std::size_t i = 1; i < size; ++i)
        bytes[i] = static_cast<std::byte>(route.number >> 8 * (size - 1 - i));
    if (is_outgoing(route)) bytes[1] &= std::byte{0x7f};
    return ByteView{bytes}.first(size);
}

Route parse_route(ByteView bytes)
{
    std::uint64_t number = 0;
    for (const std::byte byte : bytes.subspan(1))
        number = number << 8U | std::to_integer<std::uint64_t>(byte);
    return bytes.size() == outgoing_route_size ? outgoing_route(number) : Route{number};
}

void free_chunk(void* /*data*/, void* chunk)
{
    const std::unique_ptr<Chunk> owner{static_cast<Chunk*>(chunk)};
    owner->flight->leave(owner->size);
}

} // namespace

void Flight::leave(std::size_t size) noexcept
{
    total->bytes -= size;
    total->left += size;
    left += size;
    const std::size_t rest = bytes -= size;
    if (rest > wanted || !is_waited_for.exchange(false)) return;
    total->has_drained = true;
    total->wake.signal();
}

void Flight::wait_for(std::size_t size) noexcept
{
    wanted = size;
    is_waited_for = true;
    if (bytes <= size) leave(0); // it went by while we looked
}

Chunk::Chunk(std::shared_ptr<Flight> flight_, std::size_t capacity_)
    : flight{std::move(flight_)},
      data{std::make_unique_for_overwrite<std::byte[]>(capacity_)},
      capacity{capacity_}
{
}

void Chunk::put(ByteView bytes) noexcept
{
    std::memcpy(data.get() + size, bytes.data(), bytes.size());
    size += bytes.size();
}

struct StreamSocket::State {
    std::unique_ptr<void, EndContext> context;
    Socket socket;
    Socket monitor;
    Message route;
    Message data;
    std::map<std::string, Route> endpoints; // of connections that are being made
};

StreamSocket::StreamSocket(const Options& options) : state_{std::make_unique<State>()}
{
    state_->context.reset(zmq_ctx_new());
    if (!state_->context) throw_zmq(Exit::oserr, "start ZeroMQ");
    state_->socket.reset(zmq_socket(state_->context.get(), ZMQ_STREAM));
    state_->monitor.reset(zmq_socket(state_->context.get(), ZMQ_PAIR));
    if (!state_->socket || !state_->monitor) throw_zmq(Exit::oserr, "make a ZeroMQ socket");
    void* const socket = state_->socket.get();
    set(socket, ZMQ_SNDHWM, 0); // a full queue would tell of nothing but an error
    set(socket, ZMQ_RCVHWM, static_cast<int>(options.queue_max));
    set(socket, ZMQ_LINGER, 0);
    set(socket, ZMQ_IPV6, 1);
    set(socket, ZMQ_BACKLOG, 1024);
    set(socket, ZMQ_TCP_KEEPALIVE, 1);
    set(socket, ZMQ_MAXMSGSIZE, std::int64_t{1 << 20});
    set(socket, ZMQ_HANDSHAKE_IVL, 3000);
    set(socket, ZMQ_RECONNECT_IVL, -1); // a new connection is a new link
    set(socket, ZMQ_CONNECT_TIMEOUT, static_cast<int>(options.connect_ms));
    set(state_->monitor.get(), ZMQ_LINGER, 0);
    if (zmq_socket_monitor(socket, monitor_address, ZMQ_EVENT_CLOSED) != 0 ||
        zmq_connect(state_->monitor.get(), monitor_address) != 0)
        throw_zmq(Exit::oserr, "watch a ZeroMQ socket");
}

StreamSocket::~StreamSocket() = default;

std::string StreamSocket::listen(const std::string& address)
{
    void* const socket = state_->socket.get();
    if (zmq_bind(socket, ("tcp://" + address).c_str()) != 0)
        throw_zmq(Exit::cantcreat, "listen at '" + address + "'");
    std::array<char, 256> bound{};
    std::size_t size = bound.size();
    if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound.data(), &size) != 0)
        throw_zmq(Exit::cantcreat, "listen at '" + address + "'");
    const std::string_view text = std::string_view{bound.data()}.substr(std::strlen("tcp://"));
    if (!text.starts_with("[::ffff:")) return std::string{text};
    std::string plain{text.substr(1 + mapped.size())};
    return plain.erase(plain.find(']'), 1);
}

bool StreamSocket::connect(Route route, const std::string& address)
{
    // The library knows connections by their addresses, and ends all of one address together:
    // zeros before the port keep them apart, and apart from the form that it makes itself.
    if (!has_port(address)) return false;
    const std::size_t port = address.rfind(':') + 1;
    std::string endpoint = "tcp://" + address.substr(0, port) + '0';
    while (state_->endpoints.contains(endpoint + address.substr(port))) endpoint += '0';
    endpoint += address.substr(port);
    RouteBytes bytes{};
    const ByteView id = to_bytes(route, bytes);
    void* const socket = state_->socket.get();
    if (zmq_setsockopt(socket, ZMQ_CONNECT_ROUTING_ID, id.data(), id.size()) != 0 ||
        zmq_connect(socket, endpoint.c_str()) != 0)
        return false;
    state_->endpoints.emplace(std::move(endpoint), route);
    return true;
}

std::optional<StreamArrival> StreamSocket::receive()
{
    if (!state_->route.receive(state_->socket.get())) return std::nullopt;
    state_->data.receive(state_->socket.get());
    StreamArrival arrival{parse_route(state_->route.data()), state_->data.data(), {}};
    if (arrival.data.empty()) arrival.address = state_->data.address();
    return arrival;
}

std::optional<Route> StreamSocket::failed()
{
    Message event;
    Message address;
    while (event.receive(state_->monitor.get()) && address.receive(state_->monitor.get())) {
        const auto found = state_->endpoints.find(std::string{as_text(address.data())});
        if (found != state_->endpoints.end()) return found->second;
    }
    return std::nullopt;
}

bool StreamSocket::send(Route route, std::unique_ptr<Chunk> chunk)
{
    void* const socket = state_->socket.get();
    RouteBytes bytes{};
    const ByteView id = to_bytes(route, bytes);
    if (zmq_send(socket, id.data(), id.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) return false;
    Chunk* const owned = chunk.release();
    owned->flight->bytes += owned->size;
    owned->flight->total->bytes += owned->size;
    zmq_msg_t message;
    if (zmq_msg_init_data(&message, owned->data.get(), owned->size, free_chunk, owned) != 0) {
        free_chunk(nullptr, owned);
        throw_zmq(Exit::oserr, "send");
    }
    const bool is_sent = zmq_msg_send(&message, socket, ZMQ_DONTWAIT) >= 0;
    if (!is_sent) zmq_msg_close(&message);
    return is_sent;
}

void StreamSocket::close(Route route)
{
    void* const socket = state_->socket.get();
    RouteBytes bytes{};
    const ByteView id = to_bytes(route, bytes);
    if (zmq_send(socket, id.data(), id.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0)
        zmq_send(socket, nullptr, 0, ZMQ_DONTWAIT);
    if (!is_outgoing(route)) return;
    const auto found =
        std::ranges::find(state_->endpoints, route, [](const auto& entry) { return entry.second; });
    if (found == state_->endpoints.end()) return;
    zmq_disconnect(socket, found->first.c_str());
    state_->endpoints.erase(found);
}

void StreamSocket::wait(WakeUp& wake, std::uint64_t timeout_ms)
{
    std::array<zmq_pollitem_t, 3> items{{
        {state_->socket.get(), 0, ZMQ_POLLIN, 0},
        {state_->monitor.get(), 0, ZMQ_POLLIN, 0},
        {nullptr, wake.descriptor(), ZMQ_POLLIN, 0},
    }};
    zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(timeout_ms));
    if ((items[2].revents & ZMQ_POLLIN) != 0) wake.clear();
}

} // namespace cairn::detail
