#pragma once

#include "os/signals.hpp"
#include "os/socket.hpp"
#include "relaying/impairment.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// What is told of a connection when it is over.
struct ConnectionReport {
    std::uint64_t number = 0;
    std::uint64_t up_size = 0;        ///< bytes that reached the server
    std::uint64_t down_size = 0;      ///< bytes that reached the client
    std::uint64_t corrupted_size = 0; ///< bytes that were changed
    std::uint64_t duration_ms = 0;
    std::string reason;
};

struct RelayOptions {
    SocketAddress listen;
    std::vector<SocketAddress> to; ///< the server; another is tried when one does not answer
    Impairments impairments;
    std::size_t connections_max = 1024;

    std::function<void(std::uint64_t number, const std::string& peer)> opened;
    std::function<void(const ConnectionReport&)> closed;
};

/// Passes TCP connections on to a server, impaired. Its memory is bounded: it reads no more than
/// fits, so that senders wait.
class Relay {
public:
    /// Listens. Throws what listen_at() throws.
    explicit Relay(RelayOptions options);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay();

    /// Where it listens.
    [[nodiscard]] std::string address() const;

    /// From now on, also for connections that are open; those keep their seed.
    void set(const Impairments& impairments);

    /// Serves until a signal says stop; `reload` is called when one says so. Then all connections
    /// are closed.
    void serve(SignalEvents& signals, const std::function<void()>& reload);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
