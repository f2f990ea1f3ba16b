#include "os/socket.hpp"

#include "base/testing.hpp"
#include "os/clock.hpp"
#include "os/notify.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/testing.hpp"

#include <csignal>
#include <cstring>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

using namespace cairn;

namespace {

constexpr std::uint64_t patience_ms = 5'000;

/// Waits for one side of a socket; whether it came.
bool is_soon(const Fd& socket, bool for_writing)
{
    Watch watch{
        .descriptor = socket.number(), .wants_read = !for_writing, .wants_write = for_writing};
    wait_for({&watch, 1}, monotonic_ms() + patience_ms);
    return for_writing ? watch.can_write || watch.is_broken : watch.can_read;
}

/// Two ends of a connection over the loopback.
struct Connection {
    Fd listener = listen_at(resolve("127.0.0.1:0").front());
    Fd client = start_connect(local_address(listener));
    Fd server;

    Connection()
    {
        REQUIRE(is_soon(listener, false));
        auto accepted = accept_from(listener);
        REQUIRE(accepted);
        CHECK(to_text(accepted->peer) == to_text(local_address(client)));
        server = std::move(accepted->socket);
        REQUIRE(is_soon(client, true));
        CHECK(connect_failure(client).empty());
    }
};

} // namespace

TEST_CASE("addresses are a host and a port")
{
    CHECK(to_text(resolve("127.0.0.1:80").front()) == "127.0.0.1:80");
    CHECK(to_text(resolve("[::1]:65535").front()) == "[::1]:65535");
    for (const char* const text :
         {"", ":", "127.0.0.1", "127.0.0.1:", ":80", "::1:80", "[::1]", "[::1:80", "[]:80",
          "127.0.0.1:65536", "127.0.0.1:http", "127.0.0.1:-1", "127.0.0.1:080", "a:b:1"}) {
        CAPTURE(text);
        CHECK(exit_of([&] { resolve(text); }) == Exit::usage);
    }
    for (const char* const text : {"no.such.host.invalid:80", "1.2.3.4.5:80", "[1.2.3]x:80"}) {
        CAPTURE(text);
        const Exit status = exit_of([&] { resolve(text); });
        CHECK((status == Exit::nohost || status == Exit::usage));
    }
}

TEST_CASE("bytes go both ways, and each side can end")
{
    const Connection connection;
    std::array<std::byte, 16> buffer{};
    CHECK(receive(connection.server, buffer).state == Transfer::State::later);
    CHECK(send(connection.client, as_bytes("there")).size == 5);
    end_sending(connection.client);
    REQUIRE(is_soon(connection.server, false));
    const Transfer there = receive(connection.server, buffer);
    CHECK(there.state == Transfer::State::open);
    CHECK(as_text(ByteView{buffer}.first(there.size)) == "there");
    REQUIRE(is_soon(connection.server, false));
    CHECK(receive(connection.server, buffer).state == Transfer::State::ended);
    CHECK(send(connection.server, as_bytes("back")).size == 4);
    REQUIRE(is_soon(connection.client, false));
    CHECK(receive(connection.client, buffer).size == 4);
}

TEST_CASE("a reset is seen as one")
{
    Connection connection;
    reset_when_closed(connection.server);
    connection.server = Fd{};
    Watch watch{.descriptor = connection.client.number(), .wants_read = true};
    wait_for({&watch, 1}, monotonic_ms() + patience_ms);
    CHECK(watch.is_broken);
    std::array<std::byte, 1> buffer{};
    CHECK(receive(connection.client, buffer).state == Transfer::State::broken);
    CHECK(send(connection.client, as_bytes("x")).state == Transfer::State::broken);
}

TEST_CASE("a connection that nobody takes fails, and a taken address is refused")
{
    SocketAddress gone;
    {
        const Fd listener = listen_at(resolve("127.0.0.1:0").front());
        gone = local_address(listener);
        CHECK(exit_of([&] { listen_at(gone); }) == Exit::tempfail);
        CHECK_FALSE(accept_from(listener));
    }
    const Fd client = start_connect(gone);
    REQUIRE(is_soon(client, true));
    CHECK(connect_failure(client) == "Connection refused");
    CHECK(exit_of([] { listen_at(resolve("192.0.2.1:0").front()); }) == Exit::unavail);
}

TEST_CASE("waiting ends with the time")
{
    const Connection connection;
    Watch watch{.descriptor = connection.client.number(), .wants_read = true};
    const std::uint64_t start_ms = monotonic_ms();
    wait_for({&watch, 1}, start_ms + 20);
    CHECK(monotonic_ms() >= start_ms + 20);
    CHECK_FALSE(watch.can_read);
    wait_for({&watch, 1}, start_ms);
    CHECK_FALSE(watch.is_broken);
}

TEST_CASE("signals are events while somebody asks for them")
{
    SignalEvents signals;
    CHECK_FALSE(signals.next());
    signals.end_by_signal(); // none came
    std::raise(SIGHUP);
    Watch watch{.descriptor = signals.descriptor(), .wants_read = true};
    wait_for({&watch, 1}, monotonic_ms() + patience_ms);
    CHECK(watch.can_read);
    CHECK(signals.next() == SignalEvents::Kind::reload);
    std::raise(SIGTERM);
    CHECK(signals.next() == SignalEvents::Kind::stop);
    CHECK_FALSE(signals.next());
}

TEST_CASE("a message reaches a datagram socket, and nobody is no error")
{
    const TestDirectory directory;
    const std::string path = directory / "socket";
    notify(path, "lost");
    notify("", "lost");
    notify(std::string(200, 'x'), "lost");

    const Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    notify(path, "READY=1\n");
    std::array<std::byte, 16> buffer{};
    const Transfer message = receive(socket, buffer);
    CHECK(as_text(ByteView{buffer}.first(message.size)) == "READY=1\n");
}
