#include "net/sim_hub.hpp"

#include "base/testing.hpp"
#include "net/trace.hpp"
#include "os/testing.hpp"

#include <algorithm>
#include <map>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

using Kind = HubEvent::Kind;

constexpr const char* server_address = "server:7000";

Ed25519KeyPair key_pair(std::uint64_t number)
{
    return Ed25519KeyPair{Secret::copy(noise(Ed25519KeyPair::seed_size, number))};
}

/// A network with a node that sends back what it gets, and one that calls it.
class Fixture {
public:
    explicit Fixture(std::uint64_t seed, Trace* trace = nullptr)
        : network{seed},
          client{network.add({.address = "client:1", .link_key = &client_key, .trace = trace})},
          server{network.add({.address = server_address, .link_key = &server_key})}
    {
        network.serve(server, [this](const HubEvent& event) { echo(event); });
    }

    LinkId connect()
    {
        const LinkId link = client.connect({server_address, server_key.public_key()});
        auto event = client.next(network.now_ms() + 60'000);
        while (event && event->link != link) event = client.next(network.now_ms() + 60'000);
        REQUIRE(event);
        REQUIRE(event->kind == Kind::linked);
        return link;
    }

    /// Sends `data` and returns what comes back; cut off at the first reset or end.
    Bytes exchange(LinkId link, ByteView data)
    {
        const auto stream = client.open(link, "echo", {});
        REQUIRE(stream);
        Bytes received;
        std::size_t sent = 0;
        for (;;) {
            const std::size_t size = std::min(client.writable(*stream), data.size() - sent);
            client.send(*stream, data.subspan(sent, size));
            sent += size;
            if (sent == data.size()) client.half_end(*stream);
            const auto event = client.next(network.now_ms() + 100'000);
            if (!event) break;
            last = event->kind;
            reason = event->reason;
            if (event->kind == Kind::ended || event->kind == Kind::reset) break;
            if (event->kind != Kind::data) continue;
            received.insert(received.end(), event->data.begin(), event->data.end());
            client.consumed(*stream, event->data.size());
        }
        return received;
    }

    Ed25519KeyPair client_key = key_pair(1);
    Ed25519KeyPair server_key = key_pair(2);
    SimNetwork network;
    Hub& client;
    Hub& server;
    Kind last = Kind::woken;
    std::string reason;

private:
    struct Echo {
        Bytes data;
        bool is_complete = false;
    };

    void echo(const HubEvent& event)
    {
        if (event.kind == Kind::reset || event.kind == Kind::unlinked) echoes_.clear();
        if (event.kind == Kind::opened) echoes_[event.stream] = {};
        const auto found = echoes_.find(event.stream);
        if (found == echoes_.end()) return;
        Echo& kept = found->second;
        if (event.kind == Kind::data)
            kept.data.insert(kept.data.end(), event.data.begin(), event.data.end());
        if (event.kind == Kind::half_end) kept.is_complete = true;
        const std::size_t size = std::min(server.writable(event.stream), kept.data.size());
        server.send(event.stream, ByteView{kept.data}.first(size));
        server.consumed(event.stream, size);
        kept.data.erase(kept.data.begin(), kept.data.begin() + static_cast<std::ptrdiff_t>(size));
        if (!kept.is_complete || !kept.data.empty()) return;
        server.end(event.stream, CallStatus::ok, {});
        echoes_.erase(found);
    }

    std::map<StreamId, Echo> echoes_;
};

} // namespace

TEST_CASE("what is sent through the simulated network comes back")
{
    Fixture fixture{1};
    const LinkId link = fixture.connect();
    const Bytes data = noise(3'000'000);
    CHECK(fixture.exchange(link, data) == data);
    CHECK(fixture.last == Kind::ended);
    fixture.client.close(link, "done");
    const auto down = fixture.client.next(fixture.network.now_ms() + 1'000);
    REQUIRE(down);
    CHECK(down->kind == Kind::unlinked);
    CHECK(down->reason == "done");
}

TEST_CASE("time passes as delay and rate ask for")
{
    Fixture fixture{2};
    fixture.network.set_path({.delay_ms = 50, .rate = 1'000'000});
    const std::uint64_t started = fixture.network.now_ms();
    const LinkId link = fixture.connect();
    CHECK(fixture.network.now_ms() - started == 200); // two trips there and back
    const Bytes data = noise(2'000'000);
    const std::uint64_t connected = fixture.network.now_ms();
    CHECK(fixture.exchange(link, data) == data);
    const std::uint64_t took = fixture.network.now_ms() - connected;
    CHECK(took >= 2'100);
    CHECK(took < 4'500);
}

TEST_CASE("the same seed gives the same trace, another seed another")
{
    const auto trace_of = [](std::uint64_t seed) {
        const TestDirectory directory;
        Trace trace{directory / "trace"};
        Fixture fixture{seed, &trace};
        fixture.network.set_path({.delay_ms = 5, .jitter_ms = 20, .reset_per_million = 5'000});
        for (unsigned round = 0; round < 5; ++round)
            fixture.exchange(fixture.connect(), noise(500'000));
        return file_text(directory / "trace");
    };
    const std::string first = trace_of(3);
    CHECK(first.size() > 10'000);
    CHECK(first == trace_of(3));
    CHECK(first != trace_of(4));
    CHECK(first.find("\"kind\":\"open\",\"size_bytes\":5,\"method\":\"echo\"}") !=
          std::string::npos);
}

TEST_CASE("a node that is down breaks its links and takes no others")
{
    Fixture fixture{5};
    const LinkId link = fixture.connect();
    const auto stream = fixture.client.open(link, "echo", {});
    REQUIRE(stream);
    fixture.network.run_until(fixture.network.now_ms() + 100);
    fixture.network.take_down(fixture.server);
    auto event = fixture.client.next(60'000);
    REQUIRE(event);
    CHECK(event->kind == Kind::reset);
    CHECK(event->stream == *stream);
    CHECK(event->reason == "the connection broke");
    event = fixture.client.next(60'000);
    REQUIRE(event);
    CHECK(event->kind == Kind::unlinked);
    const LinkId again = fixture.client.connect({server_address, {}});
    event = fixture.client.next(60'000);
    REQUIRE(event);
    CHECK(event->kind == Kind::unlinked);
    CHECK(event->link == again);
    CHECK(event->reason == "cannot connect");
    fixture.network.bring_up(fixture.server);
    const Bytes data = noise(1'000);
    CHECK(fixture.exchange(fixture.connect(), data) == data);
}

TEST_CASE("between two nodes that are cut off nothing passes until the link is given up")
{
    Fixture fixture{6};
    const LinkId link = fixture.connect();
    fixture.network.cut(fixture.client, fixture.server);
    REQUIRE(fixture.client.open(link, "echo", {}));
    const std::uint64_t started = fixture.network.now_ms();
    const auto event = fixture.client.next(started + 100'000);
    REQUIRE(event);
    CHECK(event->kind == Kind::reset);
    CHECK(event->reason == "the peer is silent");
    CHECK(fixture.network.now_ms() - started >= 30'000);
    fixture.client.connect({server_address, {}});
    REQUIRE(fixture.client.next(fixture.network.now_ms() + 1)->kind == Kind::unlinked);
    const auto down = fixture.client.next(fixture.network.now_ms() + 10'000);
    REQUIRE(down);
    CHECK(down->reason == "no answer");
    fixture.network.cut(fixture.client, fixture.server, false);
    const Bytes data = noise(1'000);
    CHECK(fixture.exchange(fixture.connect(), data) == data);
}

TEST_CASE("a stalled path holds everything back, and nothing is lost")
{
    Fixture fixture{7};
    const LinkId link = fixture.connect();
    fixture.network.set_path(fixture.server, fixture.client, {.is_stalled = true});
    fixture.network.at(5'000,
                       [&] { fixture.network.set_path(fixture.server, fixture.client, {}); });
    const Bytes data = noise(200'000);
    CHECK(fixture.exchange(link, data) == data);
    CHECK(fixture.network.now_ms() >= 5'000);
}

TEST_CASE("flipped bits reach the data or break the link")
{
    unsigned broken = 0;
    unsigned changed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Fixture fixture{seed};
        fixture.network.set_path({.corrupt_per_million = 20'000});
        const Bytes data = noise(1'000'000);
        const Bytes received = fixture.exchange(fixture.connect(), data);
        if (fixture.last == Kind::reset)
            ++broken;
        else if (received != data)
            ++changed;
    }
    CHECK(changed > 5);
    CHECK(broken + changed <= 20);
}

TEST_CASE("a caller that expects another key gets no link")
{
    Fixture fixture{8};
    fixture.client.connect({server_address, key_pair(9).public_key()});
    const auto event = fixture.client.next(60'000);
    REQUIRE(event);
    CHECK(event->kind == Kind::unlinked);
    CHECK(event->reason == "the peer has another key than expected");
}
