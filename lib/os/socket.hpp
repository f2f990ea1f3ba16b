#pragma once

#include "os/fd.hpp"

#include <optional>
#include <string>
#include <vector>

// TCP sockets that never block, for event loops: wait with wait_for().

namespace cairn {

/// An address of the network, as the system keeps it.
struct SocketAddress {
    std::array<std::byte, 128> bytes{};
    unsigned size = 0; ///< bytes that count
};

/// The addresses that "host:port" or "[v6]:port" stands for, at least one, the best one first.
/// Throws Error{usage} when it is neither, Error{nohost} when the host is not known.
std::vector<SocketAddress> resolve(const std::string& address);

/// "127.0.0.1:4100", "[::1]:4100".
std::string to_text(const SocketAddress& address);

/// Port 0 takes a free one. Throws Error{tempfail} when the address is taken, Error{noperm} when
/// it is not for us, else Error{unavail}.
Fd listen_at(const SocketAddress& address);

/// The address that a socket has here.
SocketAddress local_address(const Fd& socket);

/// A connection that somebody made.
struct Accepted {
    Fd socket;
    SocketAddress peer;
};

/// The next connection that waits; none when there is none. Throws Error{oserr} when there are no
/// descriptors or no memory left for it: it stays in the queue.
std::optional<Accepted> accept_from(const Fd& listener);

/// Starts a connection. When the socket is writable or broken, connect_failure() tells how it went.
/// Throws Error{oserr}.
Fd start_connect(const SocketAddress& address);

/// Why the connection failed; empty when it is up.
std::string connect_failure(const Fd& socket);

/// How much was moved, and what can be expected.
struct Transfer {
    enum class State {
        open,   ///< go on
        later,  ///< not now
        ended,  ///< the other side sends no more
        broken, ///< the connection is no more
    };

    std::size_t size = 0; ///< bytes
    State state = State::open;
};

Transfer receive(const Fd& socket, MutableByteView buffer) noexcept;
Transfer send(const Fd& socket, ByteView data) noexcept;

/// The other side sees the end of the stream behind what was sent.
void end_sending(const Fd& socket) noexcept;

/// When it is closed, the other side sees a reset, and what was not yet sent is lost.
void reset_when_closed(const Fd& socket) noexcept;

} // namespace cairn
