#pragma once

#include "net/hub.hpp"

#include <memory>
#include <string>

namespace cairn {

class Trace;

struct ZmqHubOptions {
    const Ed25519KeyPair* link_key = nullptr; ///< needed only while the hub is made
    std::string listen{};   ///< "host:port", "[v6]:port"; port 0 is any; empty: only connects
    Trace* trace = nullptr; ///< must outlive the hub; null: none

    std::size_t connections_max = 1200; ///< and never more than 3 in 4 of the files it may open
    std::size_t credit_size = 32UL * 1024 * 1024;       ///< bytes that all peers together may send
    std::size_t window_size_max = 4UL * 1024 * 1024;    ///< bytes that may be sent on one stream
    std::size_t send_size = 16UL * 1024 * 1024;         ///< bytes that wait for all peers to take
    std::size_t link_send_size_max = 4UL * 1024 * 1024; ///< bytes that wait for one peer

    std::uint64_t connect_ms = 5'000;   ///< time limit of connect(), TLS included
    std::uint64_t handshake_ms = 3'000; ///< of those who connect to us
    std::uint64_t ping_ms = 15'000;     ///< a link that is silent this long is asked for life
    std::uint64_t dead_ms = 45'000;     ///< and given up when it is silent this long
    std::uint64_t stall_ms = 30'000;    ///< also when it takes nothing of what waits for it

    unsigned address_handshakes_per_s = 100; ///< of one address
    unsigned handshakes_per_s = 500;         ///< of all
    std::size_t address_half_open_max = 64;  ///< connections of one address that are not yet links
    std::size_t half_open_max = 512;         ///< the same of all addresses
    std::size_t handshakes_max = 128;        ///< of these, those that have begun with TLS
};

/// What a hub has done, for metrics.
struct HubStatus {
    std::size_t links = 0;        ///< up
    std::size_t half_open = 0;    ///< connections that are not yet links
    std::size_t streams = 0;      ///< open
    std::size_t credit_used = 0;  ///< bytes of ZmqHubOptions::credit_size
    std::size_t waiting = 0;      ///< bytes that wait for peers to take them
    std::uint64_t received = 0;   ///< bytes, as they came
    std::uint64_t sent = 0;       ///< bytes, as they left
    std::uint64_t refused = 0;    ///< connections: limits, no handshake
    std::uint64_t evicted = 0;    ///< links that made room for others
    std::uint64_t violations = 0; ///< links cut because the peer broke the rules
};

/// Links over TCP and TLS 1.3, cairn-link(7).
class ZmqHub : public Hub {
public:
    /// Where it listens: "host:port"; empty where it does not.
    [[nodiscard]] virtual const std::string& listening() const noexcept = 0;

    [[nodiscard]] virtual HubStatus status() const = 0;
};

/// Throws Error{cantcreat} when it cannot listen, Error{oserr} when the libraries cannot work.
std::unique_ptr<ZmqHub> make_zmq_hub(const ZmqHubOptions& options);

} // namespace cairn
