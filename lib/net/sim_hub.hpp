#pragma once

#include "net/hub.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cairn {

class Trace;

namespace detail {
class SimNode;
class SimEnd;
} // namespace detail

/// What happens to bytes on their way from one node to another.
struct SimPath {
    std::uint64_t delay_ms = 1;
    std::uint64_t jitter_ms = 0;      ///< more delay, at random; the order stays
    std::uint64_t rate = 0;           ///< bytes a second; 0: no limit
    unsigned reset_per_million = 0;   ///< of segments of 16 KiB: the connection breaks there
    unsigned corrupt_per_million = 0; ///< of segments: one bit of it is flipped
    bool is_stalled = false;          ///< bytes wait until it is not
};

struct SimNodeOptions {
    std::string address;                      ///< "host:port", by which others connect to it
    const Ed25519KeyPair* link_key = nullptr; ///< needed only while the node is made
    Trace* trace = nullptr;                   ///< must outlive the network; null: none
    std::size_t credit_size = 32UL * 1024 * 1024;
    std::size_t window_size_max = 4UL * 1024 * 1024;
};

/// A network within one process and one thread, in virtual time: the hubs of its nodes speak the
/// frames of cairn-link(7) with each other, without TLS, and what they send meets the faults that
/// are asked for. The same seed and the same calls give the same events at the same times.
///
/// Time passes in Hub::next() of any node, which runs the whole network until there is an event for
/// that node, and in run_until().
class SimNetwork {
public:
    explicit SimNetwork(std::uint64_t seed);
    SimNetwork(const SimNetwork&) = delete;
    SimNetwork& operator=(const SimNetwork&) = delete;
    ~SimNetwork();

    /// A new node; its hub lives as long as the network.
    Hub& add(const SimNodeOptions& options);

    /// Hands the events of a node to `handler` as they come, while time passes in another's next().
    /// The handler calls the hub, but not next().
    void serve(Hub& node, std::function<void(const HubEvent& event)> handler);

    /// Runs a task at a time.
    void at(std::uint64_t time_ms, std::function<void()> task);

    /// Lets time pass.
    void run_until(std::uint64_t time_ms);

    [[nodiscard]] std::uint64_t now_ms() const noexcept;

    // ---- Faults.

    /// Of all bytes for which nothing else is said. Bytes that are on their way stay as they are.
    void set_path(const SimPath& path);
    void set_path(const Hub& from, const Hub& to, const SimPath& path);

    /// Both ways between a node and all others.
    void set_paths_of(const Hub& node, const SimPath& path);

    /// Between two nodes nothing arrives any more, and nobody is told; or again as usual.
    void cut(const Hub& one, const Hub& other, bool is_cut = true);

    /// The node's process is gone: its links break, and others cannot connect to it.
    void take_down(const Hub& node);
    void bring_up(const Hub& node);

private:
    friend class detail::SimNode;
    friend class detail::SimEnd;

    struct State;
    std::unique_ptr<State> state_;
};

} // namespace cairn
