#include "base/testing.hpp"
#include "net/detail/stream_socket.hpp"
#include "net/frame.hpp"
#include "net/tls.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"
#include "os/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace cairn;

namespace {

using Kind = HubEvent::Kind;

constexpr std::uint64_t patience_ms = 60'000;

Ed25519KeyPair key_pair(std::uint64_t number)
{
    return Ed25519KeyPair{Secret::copy(noise(Ed25519KeyPair::seed_size, number))};
}

/// A hub that listens, and what it has told of.
class Node {
public:
    explicit Node(ZmqHubOptions options = {})
    {
        const Ed25519KeyPair key = key_pair(1);
        options.link_key = &key;
        options.listen = "127.0.0.1:0";
        hub = make_zmq_hub(options);
    }

    /// Lets it work for a moment.
    void run()
    {
        while (const auto event = hub->next(hub->now_ms() + 1)) {
            kinds.push_back(event->kind);
            streams.push_back(event->stream);
            if (!event->reason.empty()) reasons.push_back(event->reason);
            if (on_event) on_event(*event);
        }
    }

    /// Lets it work until something is so; false when that takes too long.
    bool run_until(const std::function<bool()>& is_so)
    {
        const std::uint64_t deadline = hub->now_ms() + patience_ms;
        while (!is_so()) {
            if (hub->now_ms() >= deadline) return false;
            run();
        }
        return true;
    }

    [[nodiscard]] std::size_t count(Kind kind) const
    {
        return static_cast<std::size_t>(std::ranges::count(kinds, kind));
    }

    std::unique_ptr<ZmqHub> hub;
    std::vector<Kind> kinds;
    std::vector<StreamId> streams;
    std::vector<std::string> reasons;
    std::function<void(const HubEvent&)> on_event;
};

/// A peer that does as it is told, whether or not it is allowed: connections by the socket of the
/// hub itself, and TLS, and bytes.
class Stranger final : private ByteSink {
public:
    explicit Stranger(Node& node, std::uint64_t number = 2)
        : node_{&node},
          identity_{key_pair(number)},
          tls_{identity_, Mux::Side::caller, {}, *this}
    {
        CHECK(socket_.connect(route_, node.hub->listening()));
        REQUIRE(node.run_until([&] {
            const auto arrival = socket_.receive();
            return arrival && arrival->data.empty();
        }));
    }

    void send_raw(ByteView bytes)
    {
        auto chunk = std::make_unique<detail::Chunk>(flight_, bytes.size());
        chunk->put(bytes);
        socket_.send(route_, std::move(chunk));
    }

    void put(ByteView bytes) override { send_raw(bytes); }

    void shake_hands()
    {
        tls_.handshake();
        REQUIRE(node_->run_until([&] { return take() && tls_.handshake(); }));
        const std::size_t links = node_->hub->status().links;
        REQUIRE(node_->run_until([&] { return node_->hub->status().links > links; }));
    }

    void send(std::uint32_t stream, FrameKind kind, ByteView payload)
    {
        tls_.write(to_bytes(FrameHeader{stream, kind, payload.size()}));
        tls_.write(payload);
    }

    void open(std::uint32_t stream) { send(stream, FrameKind::open, as_bytes("\4hold")); }

    /// What has come so far, plain.
    std::size_t read_all()
    {
        std::size_t size = 0;
        Bytes buffer(tls_record_size);
        while (take())
            while (const std::size_t part = tls_.read(buffer).size()) size += part;
        return size;
    }

    /// Whether the connection is gone.
    bool is_gone()
    {
        while (const auto arrival = socket_.receive())
            if (arrival->data.empty()) is_gone_ = true;
        return is_gone_;
    }

private:
    bool take()
    {
        const auto arrival = socket_.receive();
        if (!arrival) return false;
        if (arrival->data.empty()) is_gone_ = true;
        tls_.feed(arrival->data);
        return !arrival->data.empty();
    }

    Node* node_;
    TlsIdentity identity_;
    detail::StreamSocket socket_{{.queue_max = 64, .connect_ms = 5'000}};
    std::shared_ptr<detail::Flight> flight_ =
        std::make_shared<detail::Flight>(std::make_shared<detail::Flight::Total>());
    detail::Route route_ = detail::outgoing_route(1);
    Tls tls_;
    bool is_gone_ = false;
};

/// A connection from an address of this machine, which begins a handshake at most.
class Caller final : private ByteSink {
public:
    Caller(Node& node, const char* address) : tls_{identity_, Mux::Side::caller, {}, *this}
    {
        sockaddr_in from{};
        from.sin_family = AF_INET;
        REQUIRE(::inet_pton(AF_INET, address, &from.sin_addr) == 1);
        REQUIRE(::bind(socket_.number(), to_sockaddr(from), sizeof from) == 0);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const std::string& listening = node.hub->listening();
        to.sin_port = htons(
            static_cast<std::uint16_t>(std::stoul(listening.substr(listening.rfind(':') + 1))));
        REQUIRE(::connect(socket_.number(), to_sockaddr(to), sizeof to) == 0);
    }

    void begin_handshake() { tls_.handshake(); }

    /// Whether the other side has begun the handshake too.
    [[nodiscard]] bool is_answered() const
    {
        std::byte first{};
        return ::recv(socket_.number(), &first, sizeof first, MSG_DONTWAIT | MSG_PEEK) > 0;
    }

    /// Whether the connection is gone, after all that came before.
    bool is_gone()
    {
        Bytes buffer(tls_record_size);
        ssize_t size = 0;
        do size = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        while (size > 0);
        if (size == 0 || errno == ECONNRESET) is_gone_ = true;
        return is_gone_;
    }

private:
    static const sockaddr* to_sockaddr(const sockaddr_in& address)
    {
        return reinterpret_cast<const sockaddr*>(&address);
    }

    void put(ByteView bytes) override { write_all(socket_.number(), bytes, "the connection"); }

    TlsIdentity identity_{key_pair(3)};
    Fd socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    Tls tls_;
    bool is_gone_ = false;
};

} // namespace

TEST_CASE("who does not speak TLS is shut out at once")
{
    Node node;
    Stranger stranger{node};
    stranger.send_raw(as_bytes("GET / HTTP/1.1\r\n"));
    CHECK(node.run_until([&] { return stranger.is_gone(); }));
    CHECK(node.hub->status().refused == 1);
    CHECK(node.kinds.empty()); // it was never a link
}

TEST_CASE("who says nothing is shut out in time")
{
    Node node{{.handshake_ms = 100}};
    Stranger stranger{node};
    CHECK(node.run_until([&] { return stranger.is_gone(); }));
    CHECK(node.hub->status().refused == 1);
    CHECK(node.hub->status().half_open == 0);
}

TEST_CASE("a breach of the rules ends the link and is counted")
{
    Node node;
    Stranger stranger{node};
    stranger.shake_hands();
    stranger.open(1);
    CHECK(node.run_until([&] { return node.count(Kind::opened) == 1; }));
    stranger.send(1, FrameKind::credit, Bytes(4));
    CHECK(node.run_until([&] { return node.count(Kind::unlinked) == 1; }));
    CHECK(node.count(Kind::reset) == 1);
    CHECK(node.reasons.back() == "the peer gave no credit");
    CHECK(node.hub->status().violations == 1);
    CHECK(node.hub->status().credit_used == 0);
    CHECK(node.run_until([&] { return stranger.is_gone(); }));
}

TEST_CASE("a link that falls silent is asked for life and given up")
{
    Node node{{.ping_ms = 150, .dead_ms = 600}};
    Stranger stranger{node};
    stranger.shake_hands();
    CHECK(node.run_until([&] { return stranger.read_all() >= 16; })); // a ping
    CHECK(node.run_until([&] { return node.count(Kind::unlinked) == 1; }));
    CHECK(node.reasons.back() == "the peer is silent");
}

TEST_CASE("two hubs keep a silent link alive")
{
    Node node{{.ping_ms = 100, .dead_ms = 1'500}};
    const Ed25519KeyPair key = key_pair(3);
    const auto caller = make_zmq_hub({.link_key = &key});
    caller->connect({node.hub->listening(), {}});
    const std::uint64_t end = node.hub->now_ms() + 2'500;
    while (node.hub->now_ms() < end) {
        node.run();
        caller->next(0);
    }
    CHECK(node.hub->status().links == 1);
    CHECK(node.count(Kind::unlinked) == 0);
}

TEST_CASE("the newest connections push out the oldest of the same address")
{
    Node node{{.address_half_open_max = 3}};
    std::deque<Stranger> strangers;
    for (unsigned i = 0; i < 5; ++i) {
        strangers.emplace_back(node);
        CHECK(node.run_until([&] { return node.hub->status().half_open == std::min(i + 1, 3U); }));
    }
    CHECK(node.run_until([&] { return strangers[0].is_gone() && strangers[1].is_gone(); }));
    CHECK_FALSE(strangers[4].is_gone());
    strangers[4].shake_hands();
    CHECK(node.hub->status().links == 1);
}

TEST_CASE("who has few connections is not pushed out by those who have many")
{
    Node node{{.handshake_ms = patience_ms, .half_open_max = 4}};
    const auto has = [&](std::size_t count) {
        return node.run_until([&] { return node.hub->status().half_open == count; });
    };
    Stranger first{node};
    CHECK(has(1));
    std::deque<Caller> callers;
    for (std::size_t i = 0; i < 5; ++i) {
        callers.emplace_back(node, "127.0.0.2");
        CHECK(has(std::min(i + 2, std::size_t{4})));
    }
    CHECK(node.run_until([&] { return callers[0].is_gone() && callers[1].is_gone(); }));
    CHECK(node.hub->status().refused == 2);
    CHECK_FALSE(callers[4].is_gone());
    CHECK_FALSE(first.is_gone());
    first.shake_hands();
}

TEST_CASE("of handshakes that have begun only so many are kept, of each address its share")
{
    Node node{{.handshake_ms = patience_ms, .handshakes_max = 2}};
    const auto begin = [&](Caller& caller) {
        caller.begin_handshake();
        CHECK(node.run_until([&] { return caller.is_answered(); }));
    };
    Caller first{node, "127.0.0.1"};
    begin(first);
    std::deque<Caller> callers;
    for (int i = 0; i < 3; ++i) begin(callers.emplace_back(node, "127.0.0.2"));
    CHECK(node.run_until([&] { return callers[0].is_gone() && callers[1].is_gone(); }));
    CHECK(node.hub->status().half_open == 2);
    CHECK(node.hub->status().refused == 2);
}

TEST_CASE("when there are too many links the idlest goes")
{
    Node node{{.connections_max = 3}};
    std::deque<Stranger> strangers;
    for (unsigned i = 0; i < 3; ++i) strangers.emplace_back(node).shake_hands();
    strangers[0].open(1);
    CHECK(node.run_until([&] { return node.count(Kind::opened) == 1; }));
    strangers.emplace_back(node).shake_hands();
    CHECK(node.run_until([&] { return strangers[1].is_gone(); }));
    CHECK(node.hub->status().links == 3);
    CHECK(node.hub->status().evicted == 1);
    CHECK(node.reasons.back() == "too many connections");
}

TEST_CASE("when credit is short the link that is of least use goes")
{
    Node node{{.credit_size = 1024UL * 1024}};
    Stranger useful{node, 5};
    useful.shake_hands();
    useful.open(1);
    useful.send(1, FrameKind::data, Bytes(10'000));
    CHECK(node.run_until([&] { return node.count(Kind::data) > 0; }));
    Stranger greedy{node, 6};
    greedy.shake_hands();
    for (std::uint32_t stream = 1; stream < 40; stream += 2) greedy.open(stream);
    CHECK(node.run_until([&] { return node.count(Kind::unlinked) == 1; }));
    CHECK(node.reasons.back() == "no memory for all peers, and others are of more use");
    CHECK(node.hub->status().evicted == 1);
    CHECK(node.hub->status().links == 1);
    CHECK(node.hub->status().streams == 1);
    CHECK_FALSE(useful.is_gone());
}

TEST_CASE("what waits for a peer that does not read is bounded, and it is given up")
{
    Node node{{.link_send_size_max = 256UL * 1024, .stall_ms = 500}};
    std::size_t sent = 0;
    const auto pour = [&](const HubEvent& event) {
        if (event.kind != Kind::opened && event.kind != Kind::writable) return;
        while (const std::size_t size =
                   std::min<std::size_t>(node.hub->writable(event.stream), 4096)) {
            node.hub->send(event.stream, Bytes(size));
            sent += size;
        }
    };
    node.on_event = pour;
    Stranger stranger{node};
    stranger.shake_hands();
    stranger.open(1);
    stranger.send(1, FrameKind::credit,
                  std::array{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{3}}); // 48 MiB
    std::size_t waiting_most = 0;
    CHECK(node.run_until([&] {
        waiting_most = std::max(waiting_most, node.hub->status().waiting);
        return node.count(Kind::unlinked) == 1;
    }));
    CHECK(sent > 256UL * 1024);
    CHECK(waiting_most < 512UL * 1024);
    CHECK(node.reasons.back() == "the peer takes nothing");
}

TEST_CASE("wake() ends a wait, from any thread")
{
    Node node;
    const std::uint64_t started = monotonic_ms();
    std::thread other{[&] { node.hub->wake(); }};
    const auto event = node.hub->next(started + patience_ms);
    other.join();
    REQUIRE(event);
    CHECK(event->kind == Kind::woken);
    CHECK(monotonic_ms() - started < patience_ms);
    CHECK_FALSE(node.hub->next(0));
}
