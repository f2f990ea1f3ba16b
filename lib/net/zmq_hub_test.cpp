#include "net/zmq_hub.hpp"

#include "base/testing.hpp"

#include <deque>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t patience_ms = 60'000; // of a machine with much else to do

Ed25519KeyPair key_pair(unsigned char number)
{
    Secret seed{Ed25519KeyPair::seed_size};
    seed.bytes()[0] = std::byte{number};
    return Ed25519KeyPair{std::move(seed)};
}

/// What is told of an event, kept.
struct Told {
    explicit Told(const HubEvent& event)
        : kind{event.kind},
          link{event.link},
          stream{event.stream},
          is_caller{event.is_caller},
          peer{event.peer},
          status{event.status},
          method{event.method},
          data{event.data.begin(), event.data.end()},
          reason{event.reason},
          address{event.address}
    {
    }

    HubEvent::Kind kind;
    LinkId link;
    StreamId stream;
    bool is_caller;
    Ed25519PublicKey peer;
    CallStatus status;
    std::string method;
    Bytes data;
    std::string reason;
    std::string address;
};

using Kind = HubEvent::Kind;

/// Two hubs that talk by loopback.
class Pair {
public:
    explicit Pair(ZmqHubOptions callee_options = {}, ZmqHubOptions caller_options = {})
    {
        callee_options.link_key = &callee_key;
        callee_options.listen = "127.0.0.1:0";
        caller_options.link_key = &caller_key;
        callee = make_zmq_hub(callee_options);
        caller = make_zmq_hub(caller_options);
    }

    /// Runs both until `hub` tells of `kind`; the test fails when it does not.
    Told wait_for(Hub& hub, Kind kind)
    {
        const std::uint64_t deadline = hub.now_ms() + patience_ms;
        while (hub.now_ms() < deadline) {
            auto& told = &hub == caller.get() ? at_caller : at_callee;
            for (std::size_t i = 0; i < told.size(); ++i) {
                if (told[i].kind != kind) continue;
                Told found = std::move(told[i]);
                told.erase(told.begin() + static_cast<std::ptrdiff_t>(i));
                return found;
            }
            run();
        }
        FAIL("the event does not come");
        return Told{HubEvent{}};
    }

    void run()
    {
        if (const auto event = caller->next(caller->now_ms() + 1)) at_caller.emplace_back(*event);
        if (const auto event = callee->next(callee->now_ms() + 1)) at_callee.emplace_back(*event);
    }

    LinkId connect()
    {
        CHECK(callee->listening().starts_with("127.0.0.1:"));
        const LinkId link = caller->connect({callee->listening(), callee_key.public_key()});
        const Told up = wait_for(*caller, Kind::linked);
        CHECK(up.link == link);
        CHECK(up.is_caller);
        CHECK(up.peer == callee_key.public_key());
        const Told other = wait_for(*callee, Kind::linked);
        CHECK_FALSE(other.is_caller);
        CHECK(other.peer == caller_key.public_key());
        CHECK(other.address == "127.0.0.1");
        return link;
    }

    Ed25519KeyPair callee_key = key_pair(1);
    Ed25519KeyPair caller_key = key_pair(2);
    std::unique_ptr<ZmqHub> callee;
    std::unique_ptr<ZmqHub> caller;
    std::deque<Told> at_caller;
    std::deque<Told> at_callee;
};

} // namespace

TEST_CASE("a call is made and answered")
{
    Pair pair;
    const LinkId link = pair.connect();
    const auto stream = pair.caller->open(link, "shard.get", as_bytes("request"));
    REQUIRE(stream);
    const Told opened = pair.wait_for(*pair.callee, Kind::opened);
    CHECK(opened.method == "shard.get");
    CHECK(as_text(opened.data) == "request");
    CHECK_FALSE(opened.is_caller);
    CHECK(opened.peer == pair.caller_key.public_key());
    CHECK(pair.callee->writable(opened.stream) == 64 * 1024);
    pair.callee->send(opened.stream, as_bytes("some data"));
    pair.callee->end(opened.stream, CallStatus::no, as_bytes("reply"));
    const Told data = pair.wait_for(*pair.caller, Kind::data);
    CHECK(as_text(data.data) == "some data");
    CHECK(data.stream == *stream);
    const Told ended = pair.wait_for(*pair.caller, Kind::ended);
    CHECK(ended.status == CallStatus::no);
    CHECK(as_text(ended.data) == "reply");
    pair.caller->close(link, "done");
    CHECK(pair.wait_for(*pair.caller, Kind::unlinked).reason == "done");
    CHECK(pair.wait_for(*pair.callee, Kind::unlinked).reason == "done");
    CHECK(pair.callee->status().links == 0);
}

TEST_CASE("many bytes arrive as they were sent")
{
    Pair pair;
    const LinkId link = pair.connect();
    const Bytes sent = noise(20'000'001);
    const auto stream = pair.caller->open(link, "shard.put", {});
    REQUIRE(stream);
    std::size_t at = 0;
    Bytes received;
    bool is_half_ended = false;
    const std::uint64_t deadline = pair.caller->now_ms() + patience_ms;
    while (!is_half_ended && pair.caller->now_ms() < deadline) {
        const std::size_t size = std::min(pair.caller->writable(*stream), sent.size() - at);
        pair.caller->send(*stream, ByteView{sent}.subspan(at, size));
        if (size > 0 && at + size == sent.size()) pair.caller->half_end(*stream);
        at += size;
        pair.caller->next(0);
        const auto event = pair.callee->next(0);
        if (!event) continue;
        if (event->kind == Kind::half_end) is_half_ended = true;
        if (event->kind != Kind::data) continue;
        received.insert(received.end(), event->data.begin(), event->data.end());
        pair.callee->consumed(event->stream, event->data.size());
    }
    CHECK(received == sent);
}

TEST_CASE("a peer with another key is refused")
{
    Pair pair;
    const LinkId link = pair.caller->connect({pair.callee->listening(), key_pair(9).public_key()});
    const Told down = pair.wait_for(*pair.caller, Kind::unlinked);
    CHECK(down.link == link);
    CHECK(down.reason == "the peer has another key than expected");
}

TEST_CASE("a connection that nobody takes fails at once")
{
    Pair pair;
    const LinkId link = pair.caller->connect({"127.0.0.1:1", {}});
    const std::uint64_t started = pair.caller->now_ms();
    const Told down = pair.wait_for(*pair.caller, Kind::unlinked);
    CHECK(down.link == link);
    CHECK(down.reason == "cannot connect");
    CHECK(pair.caller->now_ms() - started < 2'000);
}

TEST_CASE("an address that is none is told of")
{
    const Ed25519KeyPair key = key_pair(3);
    const auto hub = make_zmq_hub({.link_key = &key});
    for (const char* const address : {"", "nowhere", "127.0.0.1:", "127.0.0.1:port"}) {
        const LinkId link = hub->connect({address, {}});
        const auto event = hub->next(hub->now_ms() + patience_ms);
        REQUIRE(event);
        CHECK(event->kind == Kind::unlinked);
        CHECK(event->link == link);
        CHECK(event->reason == "the address cannot be used");
    }
    CHECK(exit_of([&] { make_zmq_hub({.link_key = &key, .listen = "nowhere"}); }) ==
          Exit::cantcreat);
}
