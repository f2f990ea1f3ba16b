#include "net/trace.hpp"

#include "base/testing.hpp"
#include "net/mux.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

class Nowhere final : public ByteSink {
public:
    void put(ByteView /*bytes*/) override {}
};

/// Writes the frames of a mux as those of link 7, a millisecond apart.
class Tap final : public FrameObserver {
public:
    explicit Tap(Trace& trace) : trace_{&trace} {}

    void frame(const FrameNote& note) override { trace_->frame(++now_ms_, LinkId{7}, note); }

private:
    Trace* trace_;
    std::uint64_t now_ms_ = 0;
};

} // namespace

TEST_CASE("a trace is what cairn-link(7) says, without what is carried")
{
    const TestDirectory directory;
    {
        Trace trace{directory / "trace"};
        Tap tap{trace};
        Nowhere nowhere;
        Mux caller{Mux::Side::caller, nowhere, &tap};
        caller.open("shard.put", as_bytes("SECRET"));
        caller.send(1, as_bytes("SECRET"));
        caller.grant(1, 1000);
        caller.half_end(1);
        const Bytes end = hex_bytes("010000000507000004534543524554"); // full, "SECRET"
        caller.feed(end);
        CHECK(caller.next());
        caller.open("a", {});
        caller.reset(3, "no more");
        caller.ping();
        HubEvent event;
        event.link = LinkId{7};
        event.is_caller = true;
        event.peer.bytes[0] = std::byte{0xab};
        event.address = "127.0.0.1:7000";
        trace.linked(20, event);
        event.reason = "the \"end\"";
        trace.unlinked(21, event);
    }
    CHECK(
        file_text(directory / "trace") ==
        R"({"time_ms":1,"link":7,"direction":"sent","stream":1,"kind":"open","size_bytes":16,"method":"shard.put"}
{"time_ms":2,"link":7,"direction":"sent","stream":1,"kind":"data","size_bytes":6}
{"time_ms":3,"link":7,"direction":"sent","stream":1,"kind":"credit","size_bytes":4,"credit_bytes":1000}
{"time_ms":4,"link":7,"direction":"sent","stream":1,"kind":"half_end","size_bytes":0}
{"time_ms":5,"link":7,"direction":"received","stream":1,"kind":"end","size_bytes":7,"status":"full"}
{"time_ms":6,"link":7,"direction":"sent","stream":3,"kind":"open","size_bytes":2,"method":"a"}
{"time_ms":7,"link":7,"direction":"sent","stream":3,"kind":"reset","size_bytes":7,"reason":"no more"}
{"time_ms":8,"link":7,"direction":"sent","stream":0,"kind":"ping","size_bytes":8}
{"time_ms":20,"link":7,"kind":"linked","side":"caller","peer":"ab00000000000000000000000000000000000000000000000000000000000000","address":"127.0.0.1:7000"}
{"time_ms":21,"link":7,"kind":"unlinked","reason":"the \"end\""}
)");
}

TEST_CASE("a trace that cannot be written is told of")
{
    CHECK(exit_of([] { Trace{"/nowhere/trace"}; }) == Exit::cantcreat);
    CHECK(exit_of([] { Trace{"/dev/full"}.unlinked(1, HubEvent{}); }) == Exit::ioerr);

    std::string told;
    Trace trace{"/dev/full", [&](const std::string& text) { told += text; }};
    for (int i = 0; i < 3; ++i) trace.unlinked(1, HubEvent{});
    CHECK(told == "the trace ends: cannot write '/dev/full': No space left on device");
}
