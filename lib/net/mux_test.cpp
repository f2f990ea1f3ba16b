#include "net/mux.hpp"

#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

using Kind = MuxEvent::Kind;
using Side = Mux::Side;

class Buffer final : public ByteSink {
public:
    void put(ByteView bytes) override { data.insert(data.end(), bytes.begin(), bytes.end()); }

    Bytes take() { return std::exchange(data, {}); }

    Bytes data;
};

/// What is told of an event, kept.
struct Told {
    Kind kind;
    std::uint32_t stream;
    CallStatus status;
    std::string method;
    std::string text; ///< data or reason

    bool operator==(const Told&) const = default;
};

std::vector<Told> events_of(Mux& mux, ByteView input)
{
    std::vector<Told> told;
    mux.feed(input);
    while (const auto event = mux.next()) {
        const std::string_view text = event->data.empty() ? event->reason : as_text(event->data);
        told.push_back({event->kind, event->stream, event->status, std::string{event->method},
                        std::string{text}});
    }
    return told;
}

Bytes frame(std::uint32_t stream, unsigned kind, ByteView payload)
{
    const FrameHeaderBytes header =
        to_bytes(FrameHeader{stream, static_cast<FrameKind>(kind), payload.size()});
    Bytes bytes{header.begin(), header.end()};
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    return bytes;
}

Bytes frame(std::uint32_t stream, FrameKind kind, std::string_view payload = {})
{
    return frame(stream, static_cast<unsigned>(kind), as_bytes(payload));
}

Bytes joined(std::initializer_list<Bytes> parts)
{
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

constexpr std::string_view open_echo = "\4echoask";
constexpr std::string_view credit_1{"\1\0\0\0", 4};

/// What a callee makes of frames after one open stream, number 1.
std::string fault_of(const Bytes& bytes)
{
    Buffer out;
    Mux mux{Side::callee, out, nullptr};
    REQUIRE(events_of(mux, frame(1, FrameKind::open, open_echo)).size() == 1);
    try {
        events_of(mux, bytes);
        return "";
    } catch (const Error& error) {
        CHECK(error.code() == Exit::protocol);
        return error.what();
    }
}

class Notes final : public FrameObserver {
public:
    void frame(const FrameNote& note) override
    {
        text += note.is_sent ? '>' : '<';
        text += std::to_string(note.header.stream) + to_text(note.header.kind) +
                std::to_string(note.header.size) + std::string{note.method} +
                std::string{note.reason} + ' ';
    }

    std::string text;
};

} // namespace

TEST_CASE("a call goes through two muxes")
{
    Buffer from_caller;
    Buffer from_callee;
    Notes notes;
    Mux caller{Side::caller, from_caller, &notes};
    Mux callee{Side::callee, from_callee, nullptr};

    const auto stream = caller.open("echo", as_bytes("ask"));
    REQUIRE(stream);
    CHECK(*stream == 1);
    caller.send(*stream, as_bytes("body"));
    caller.half_end(*stream);
    const std::vector<Told> at_callee = events_of(callee, from_caller.take());
    CHECK(at_callee == std::vector<Told>{
                           {Kind::opened, 1, CallStatus::ok, "echo", "ask"},
                           {Kind::data, 1, CallStatus::ok, "", "body"},
                           {Kind::half_end, 1, CallStatus::ok, "", ""},
                       });
    callee.send(1, as_bytes("answer"));
    callee.end(1, CallStatus::busy, as_bytes("later"));
    CHECK_FALSE(callee.has(1));
    const std::vector<Told> at_caller = events_of(caller, from_callee.take());
    CHECK(at_caller == std::vector<Told>{
                           {Kind::data, 1, CallStatus::ok, "", "answer"},
                           {Kind::ended, 1, CallStatus::busy, "", "later"},
                       });
    CHECK_FALSE(caller.has(1));
    CHECK(notes.text == ">1open8echo >1data4 >1half_end0 <1data6 <1end6 ");
}

TEST_CASE("the callee's streams have even numbers")
{
    Buffer out;
    Mux callee{Side::callee, out, nullptr};
    CHECK(callee.open("a", {}) == 2);
    CHECK(callee.open("a", {}) == 4);
    CHECK(callee.streams() == std::vector<std::uint32_t>{2, 4});
}

TEST_CASE("bytes are understood wherever they are cut")
{
    const Bytes whole = joined({
        frame(1, FrameKind::open, open_echo),
        frame(1, FrameKind::data, "first"),
        frame(1, FrameKind::credit, credit_1),
        frame(0, FrameKind::ping, "12345678"),
        frame(3, FrameKind::open, "\1aother"),
        frame(3, FrameKind::reset, "no more"),
        frame(1, FrameKind::half_end),
        frame(0, FrameKind::goaway, "bye"),
    });
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        Buffer out;
        Mux mux{Side::callee, out, nullptr};
        std::vector<Told> told = events_of(mux, ByteView{whole}.first(cut));
        const std::vector<Told> rest = events_of(mux, ByteView{whole}.subspan(cut));
        for (const Told& event : rest) {
            if (event.kind == Kind::data && !told.empty() && told.back().kind == Kind::data)
                told.back().text += event.text; // data comes in parts
            else
                told.push_back(event);
        }
        CHECK(told == std::vector<Told>{
                          {Kind::opened, 1, CallStatus::ok, "echo", "ask"},
                          {Kind::data, 1, CallStatus::ok, "", "first"},
                          {Kind::writable, 1, CallStatus::ok, "", ""},
                          {Kind::opened, 3, CallStatus::ok, "a", "other"},
                          {Kind::reset, 3, CallStatus::ok, "", "no more"},
                          {Kind::half_end, 1, CallStatus::ok, "", ""},
                          {Kind::goaway, 0, CallStatus::ok, "", "bye"},
                      });
        CHECK(out.take() == frame(0, FrameKind::pong, "12345678"));
        CHECK(mux.writable(1) == initial_credit_size + 1);
    }
}

TEST_CASE("no more is sent than there is credit for")
{
    Buffer out;
    Mux caller{Side::caller, out, nullptr};
    const auto stream = caller.open("put", {});
    REQUIRE(stream);
    CHECK(caller.writable(*stream) == initial_credit_size);
    caller.send(*stream, Bytes(initial_credit_size));
    CHECK(caller.writable(*stream) == 0);
    CHECK(events_of(caller, frame(1, FrameKind::credit, credit_1)).size() == 1);
    CHECK(caller.writable(*stream) == 1);
    caller.half_end(*stream);
    CHECK(caller.writable(*stream) == 0);
    CHECK(events_of(caller, frame(1, FrameKind::credit, credit_1)).empty());
}

TEST_CASE("a large piece of data is sent in frames of the largest size")
{
    Buffer out;
    Buffer back;
    Mux caller{Side::caller, out, nullptr};
    Mux callee{Side::callee, back, nullptr};
    const auto stream = caller.open("put", {});
    events_of(callee, out.take());
    callee.grant(*stream, 200'000);
    CHECK(callee.granted(*stream) == initial_credit_size + 200'000);
    events_of(caller, back.take());
    const Bytes data = noise(200'000);
    caller.send(*stream, data);
    CHECK(out.data.size() == data.size() + 4 * frame_header_size);
    std::string received;
    for (const Told& event : events_of(callee, out.take())) received += event.text;
    CHECK(received == as_text(data));
    CHECK(callee.granted(*stream) == initial_credit_size);
}

TEST_CASE("at most 64 streams of ours are open")
{
    Buffer out;
    Mux caller{Side::caller, out, nullptr};
    for (std::size_t i = 0; i < link_streams_max; ++i) CHECK(caller.open("a", {}));
    CHECK_FALSE(caller.open("a", {}));
    caller.reset(1, "enough");
    CHECK(caller.open("a", {}) == 2 * link_streams_max + 1);
}

TEST_CASE("after goaway no stream is opened")
{
    Buffer out;
    Mux callee{Side::callee, out, nullptr};
    callee.go_away("b\ny\377e");
    CHECK(out.take() == frame(0, FrameKind::goaway, "b?y?e"));
    CHECK_FALSE(callee.open("a", {}));
    CHECK(events_of(callee, frame(1, FrameKind::open, open_echo)).empty()); // it crossed ours
    CHECK_FALSE(callee.has(1));
    CHECK(events_of(callee, frame(1, FrameKind::data, "late")).empty());
}

TEST_CASE("frames that cross the end of a stream are let by")
{
    Buffer out;
    Mux callee{Side::callee, out, nullptr};
    events_of(callee, frame(1, FrameKind::open, open_echo));
    callee.end(1, CallStatus::ok, {});
    CHECK(
        events_of(callee,
                  joined({frame(1, FrameKind::data, "late"), frame(1, FrameKind::credit, credit_1),
                          frame(1, FrameKind::half_end), frame(1, FrameKind::reset, "late")}))
            .empty());
    callee.send(1, as_bytes("nothing"));
    callee.grant(1, 5);
    callee.end(1, CallStatus::ok, {});
    CHECK(callee.writable(1) == 0);
}

TEST_CASE("who breaks the rules is found out")
{
    CHECK(fault_of({}).empty());
    const std::string wrong_size = "the peer sent a frame of a wrong size";
    CHECK(fault_of(frame(1, 10, {})) == "the peer sent a frame of an unknown kind");
    CHECK(fault_of(frame(1, 0, {})) == "the peer sent a frame of an unknown kind");
    CHECK(fault_of(frame(1, FrameKind::data)) == wrong_size);
    CHECK(fault_of(frame(1, FrameKind::credit, "12345")) == wrong_size);
    CHECK(fault_of(frame(1, FrameKind::half_end, "1")) == wrong_size);
    CHECK(fault_of(frame(0, FrameKind::ping, "1234567")) == wrong_size);
    CHECK(fault_of(frame(1, FrameKind::reset, std::string(201, 'a'))) == wrong_size);
    CHECK(fault_of(frame(3, FrameKind::open, std::string(8 * 1024 + 34, 'a'))) == wrong_size);
    CHECK(fault_of(frame(3, FrameKind::open, "\1a" + std::string(8 * 1024 + 1, 'a'))) ==
          "the peer sent a request that is too long");
    CHECK(fault_of(frame(1, 2, Bytes(frame_payload_max + 1))) == wrong_size);

    const std::string misplaced = "the peer sent a frame for a stream where it does not belong";
    CHECK(fault_of(frame(0, FrameKind::data, "a")) == misplaced);
    CHECK(fault_of(frame(0, FrameKind::open, open_echo)) == misplaced);
    CHECK(fault_of(frame(1, FrameKind::ping, "12345678")) == misplaced);

    const std::string never = "the peer sent a frame for a stream that was never opened";
    CHECK(fault_of(frame(3, FrameKind::data, "a")) == never);
    CHECK(fault_of(frame(2, FrameKind::end, "\0")) != "");
    CHECK(fault_of(frame(2, FrameKind::reset)) == never);

    const std::string name = "the peer opened a stream with a bad method name";
    CHECK(fault_of(frame(3, FrameKind::open, "\1A")) == name);
    CHECK(fault_of(frame(3, FrameKind::open, "\2a")) == name);
    CHECK(fault_of(frame(3, FrameKind::open, std::string_view{"\0a", 2})) == name);
    CHECK(fault_of(frame(3, FrameKind::open, '\x21' + std::string(33, 'a'))) == name);
    CHECK(fault_of(frame(1, FrameKind::open, open_echo)) == "the peer opened a stream twice");
    CHECK(fault_of(frame(2, FrameKind::open, open_echo)) ==
          "the peer opened a stream with a number of ours");

    CHECK(fault_of(frame(1, FrameKind::credit, std::string_view{"\0\0\0\0", 4})) ==
          "the peer gave no credit");
    CHECK(fault_of(frame(1, FrameKind::credit, "\xff\xff\xff\xff")) ==
          "the peer gave too much credit");
    CHECK(
        fault_of(joined({frame(1, 2, Bytes(frame_payload_max)), frame(1, FrameKind::data, "a")})) ==
        "the peer sent more than it had credit for");
    CHECK(fault_of(joined({frame(1, FrameKind::half_end), frame(1, FrameKind::data, "a")})) ==
          "the peer sent data after the end of its data");
    CHECK(fault_of(joined({frame(1, FrameKind::half_end), frame(1, FrameKind::half_end)})) ==
          "the peer ended its data twice");
    CHECK(fault_of(frame(1, FrameKind::end, std::string_view{"\0", 1})) ==
          "the peer ended a call that it made itself");
    CHECK(fault_of(frame(0, FrameKind::goaway, "a\n")) ==
          "the peer gave a reason that is not text");
    Bytes many;
    for (std::uint32_t i = 1; i <= link_streams_max; ++i)
        many = joined({many, frame(2 * i + 1, FrameKind::open, "\1a")});
    CHECK(fault_of(many) == "the peer opened too many streams");
}

TEST_CASE("who is called does not end the caller's data")
{
    Buffer out;
    Mux caller{Side::caller, out, nullptr};
    REQUIRE(caller.open("a", {}));
    CHECK(exit_of([&] { events_of(caller, frame(1, FrameKind::half_end)); }) == Exit::protocol);
    Mux other{Side::caller, out, nullptr};
    REQUIRE(other.open("a", {}));
    CHECK(exit_of([&] { events_of(other, frame(1, FrameKind::end, "\x09")); }) == Exit::protocol);
}

TEST_CASE("an incomplete frame is held in bounded memory, and data not at all")
{
    Buffer out;
    Mux mux{Side::callee, out, nullptr};
    events_of(mux, frame(1, FrameKind::open, open_echo));
    const Bytes large = frame(1, 2, Bytes(frame_payload_max, std::byte{'x'}));
    std::size_t received = 0;
    for (std::size_t at = 0; at < large.size(); at += 1000)
        for (const Told& event : events_of(
                 mux, ByteView{large}.subspan(at, std::min<std::size_t>(1000, large.size() - at))))
            received += event.text.size();
    CHECK(received == frame_payload_max);
}

TEST_CASE("the examples of cairn-link(7)")
{
    Buffer from_caller;
    Buffer from_callee;
    Mux caller{Side::caller, from_caller, nullptr};
    Mux callee{Side::callee, from_callee, nullptr};
    CHECK(caller.open("hello", hex_bytes("8100")) == 1);
    caller.half_end(1);
    CHECK(from_caller.data == hex_bytes("01000000010800000568656c6c6f8100"
                                        "0100000004000000"));
    events_of(callee, from_caller.take());
    callee.end(1, CallStatus::ok, hex_bytes("820001"));
    CHECK(from_callee.take() == hex_bytes("010000000504000000820001"));

    REQUIRE(caller.open("hello", {}));
    events_of(callee, from_caller.take());
    callee.grant(3, 65536);
    CHECK(from_callee.take() == hex_bytes("030000000304000000000100"));
}
