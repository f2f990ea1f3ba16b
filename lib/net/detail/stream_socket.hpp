#pragma once

#include "base/bytes.hpp"
#include "os/wake.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace cairn::detail {

/// A connection of a socket: numbers below 2^63 are those of connections that others made.
struct Route {
    std::uint64_t number = 0;

    friend bool operator==(const Route&, const Route&) = default;
};

constexpr bool is_outgoing(Route route)
{
    return route.number >> 63U != 0;
}

/// The route of a connection that we make; `number` is used once.
constexpr Route outgoing_route(std::uint64_t number)
{
    return {1ULL << 63U | number};
}

/// Bytes that the library has taken and that have not left yet, of one connection and of all.
/// Counted down by the library's thread.
struct Flight {
    struct Total {
        std::atomic<std::size_t> bytes{0};
        std::atomic<std::uint64_t> left{0};   ///< bytes that have ever left
        std::atomic<bool> has_drained{false}; ///< a connection that was waited for has drained
        WakeUp wake;
    };

    explicit Flight(std::shared_ptr<Total> all) : total{std::move(all)} {}

    /// `size` bytes have left.
    void leave(std::size_t size) noexcept;

    /// Asks for has_drained and a wake-up as soon as at most `size` bytes are on their way.
    void wait_for(std::size_t size) noexcept;

    std::shared_ptr<Total> total;
    std::atomic<std::size_t> bytes{0};
    std::atomic<std::uint64_t> left{0}; ///< bytes that have ever left
    std::atomic<bool> is_waited_for{false};
    std::atomic<std::size_t> wanted{0};
};

/// Bytes on their way to the library, which frees them from its own thread.
struct Chunk {
    Chunk(std::shared_ptr<Flight> flight_, std::size_t capacity_);

    [[nodiscard]] std::size_t room() const noexcept { return capacity - size; }
    void put(ByteView bytes) noexcept;

    std::shared_ptr<Flight> flight;
    std::unique_ptr<std::byte[]> data;
    std::size_t size = 0;
    std::size_t capacity = 0;
};

/// What came from a connection. `data` is empty when the connection is made or gone; then
/// `address` is the numeric one of the other side, without a port.
struct StreamArrival {
    Route route;
    ByteView data; ///< lives until the next receive()
    std::string address;
};

/// One ZMQ_STREAM socket: connections to and from others as streams of bytes. Nothing it does
/// blocks, but wait(). What a peer does not take is kept without a limit: the callers count it by
/// Flight. Throws Error{oserr} when the library cannot work, Error{cantcreat} when it cannot
/// listen.
class StreamSocket {
public:
    struct Options {
        std::size_t queue_max = 0; ///< reads of a connection that may wait, of at most 8 KiB each
        std::uint64_t connect_ms = 0;
    };

    explicit StreamSocket(const Options& options);
    StreamSocket(const StreamSocket&) = delete;
    StreamSocket& operator=(const StreamSocket&) = delete;
    ~StreamSocket();

    /// Listens; returns "host:port" as it is bound.
    std::string listen(const std::string& address);

    /// Starts to connect once; false when the address is not one. An arrival without data follows,
    /// or failed().
    [[nodiscard]] bool connect(Route route, const std::string& address);

    std::optional<StreamArrival> receive();

    /// The next route whose connection could not be made.
    std::optional<Route> failed();

    /// False when the connection is gone.
    bool send(Route route, std::unique_ptr<Chunk> chunk);

    /// Ends a connection, also one that is not yet made; what is on its way to it is dropped.
    void close(Route route);

    /// Waits until there is something to receive, or `wake` is signalled, or some time has passed.
    void wait(WakeUp& wake, std::uint64_t timeout_ms);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace cairn::detail
