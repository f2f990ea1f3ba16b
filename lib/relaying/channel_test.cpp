#include "relaying/channel.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <bit>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Impairment impairment(std::string_view text)
{
    return parse_impairments(text).up;
}

/// A channel with a clock of its own, and what has left it.
struct Pipe {
    Channel channel;
    std::uint64_t now_ms = 1'000'000;
    Bytes out;
    std::vector<std::uint64_t> times_ms; // of each byte
    std::size_t largest = 0;

    explicit Pipe(std::string_view text, Channel::Origin origin = {1, 0, true})
        : channel{impairment(text), origin}
    {
    }

    void take(ByteView data) { channel.take(data, now_ms); }

    void pump()
    {
        for (;;) {
            const ByteView data = channel.ready(now_ms);
            if (data.empty()) return;
            largest = std::max(largest, data.size());
            out.insert(out.end(), data.begin(), data.end());
            times_ms.resize(out.size(), now_ms);
            channel.leave(data.size());
        }
    }

    /// As long as something is due, at most until a time.
    void run(std::uint64_t until_ms = UINT64_MAX)
    {
        for (pump(); channel.due_ms() && *channel.due_ms() <= until_ms; pump()) {
            REQUIRE(*channel.due_ms() > now_ms);
            now_ms = *channel.due_ms();
        }
    }

    void send(ByteView data, std::size_t piece = SIZE_MAX)
    {
        while (!data.empty()) {
            const std::size_t size = std::min(piece, data.size());
            take(data.first(size));
            pump();
            data = data.subspan(size);
        }
    }
};

} // namespace

TEST_CASE("without impairments all passes at once, and then the end")
{
    Pipe pipe{""};
    const Bytes data = noise(200'000);
    pipe.send(data, 7'777);
    CHECK(pipe.out == data);
    CHECK(pipe.channel.held() == 0);
    CHECK(pipe.channel.state() == Channel::State::open);
    pipe.channel.take_end(pipe.now_ms);
    pipe.pump();
    CHECK(pipe.channel.state() == Channel::State::ended);
    CHECK_FALSE(pipe.channel.is_taking());
    CHECK(pipe.channel.left() == data.size());
}

TEST_CASE("a delay is that of each byte, and of the end")
{
    Pipe pipe{"delay=50ms"};
    pipe.take(as_bytes("a"));
    pipe.pump();
    CHECK(pipe.channel.due_ms() == 1'000'050);
    pipe.now_ms += 20;
    pipe.take(as_bytes("b"));
    pipe.now_ms += 5;
    pipe.channel.take_end(pipe.now_ms);
    pipe.run();
    CHECK(as_text(pipe.out) == "ab");
    CHECK(pipe.times_ms == std::vector<std::uint64_t>{1'000'050, 1'000'070});
    CHECK(pipe.now_ms == 1'000'075);
    CHECK(pipe.channel.state() == Channel::State::ended);
}

TEST_CASE("jitter keeps the order, stays in its bounds and does not depend on timing")
{
    const Bytes data = noise(64 * jitter_stretch_size);
    const auto run = [&](std::size_t piece, std::uint64_t seed) {
        Pipe pipe{"delay=10ms,jitter=20ms", {seed, 3, true}};
        for (ByteView rest = data; !rest.empty();) {
            const std::size_t size = std::min(piece, rest.size());
            pipe.take(rest.first(size));
            rest = rest.subspan(size);
        }
        pipe.run();
        CHECK(pipe.out == data);
        CHECK(pipe.times_ms.front() >= 1'000'010);
        CHECK(pipe.times_ms.back() <= 1'000'030);
        CHECK(std::ranges::is_sorted(pipe.times_ms));
        CHECK(pipe.times_ms.front() < pipe.times_ms.back());
        return pipe.times_ms;
    };
    CHECK(run(data.size(), 1) == run(1'000, 1));
    CHECK(run(data.size(), 1) != run(data.size(), 2));
}

TEST_CASE("a rate is kept over any time, also a slow one")
{
    struct Case {
        const char* text;
        std::size_t size;
        std::uint64_t duration_ms;
    };
    for (const Case& each : {Case{"rate=1MiB", 2U << 20U, 2'000},
                             {"rate=10", 50, 5'000},
                             {"rate=1", 3, 3'000},
                             {"rate=1GiB", 64U << 20U, 62}}) {
        CAPTURE(each.text);
        Pipe pipe{each.text};
        pipe.send(Bytes(each.size));
        pipe.run();
        CHECK(pipe.out.size() == each.size);
        const std::uint64_t took_ms = pipe.now_ms - 1'000'000;
        const std::uint64_t byte_ms =
            each.duration_ms / each.size + 12; // a burst, and the last one
        CHECK(took_ms + byte_ms >= each.duration_ms);
        CHECK(took_ms <= each.duration_ms + 1);
    }
}

TEST_CASE("slices are as small as wanted")
{
    Pipe pipe{"slice=3"};
    pipe.send(noise(1'000));
    CHECK(pipe.out == noise(1'000));
    CHECK(pipe.largest == 3);
}

TEST_CASE("a stall holds what comes behind it, once")
{
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}}) {
        Pipe pipe{"stall=10:5s"};
        pipe.send(noise(1'000), piece);
        CHECK(pipe.out.size() == 10);
        pipe.run();
        CHECK(pipe.now_ms == 1'005'000);
        CHECK(pipe.out == noise(1'000));
        pipe.send(noise(10));
        CHECK(pipe.out.size() == 1'010);
    }
    Pipe pipe{"stall=0"};
    pipe.send(noise(100));
    pipe.channel.take_end(pipe.now_ms);
    pipe.run();
    CHECK(pipe.out.empty());
    CHECK(pipe.channel.state() == Channel::State::open);
    pipe.channel.set(impairment(""));
    pipe.run();
    CHECK(pipe.out.size() == 100);
    CHECK(pipe.channel.state() == Channel::State::ended);
}

TEST_CASE("a connection is cut at the very byte")
{
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{5'000}}) {
        for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{999}}) {
            const std::string offset = std::to_string(at);
            Pipe closing{"close=" + offset + ",reset=2000"};
            closing.send(noise(5'000), piece);
            CHECK(closing.channel.state() == Channel::State::closed);
            CHECK(closing.out.size() == at);
            Pipe resetting{"reset=" + offset + ",close=" + offset};
            resetting.send(noise(5'000), piece);
            CHECK(resetting.channel.state() == Channel::State::reset);
            CHECK(resetting.out.size() == at);
            CHECK_FALSE(resetting.channel.is_taking());
        }
    }
    Pipe late{""};
    late.send(noise(100));
    late.channel.set(impairment("close=10"));
    CHECK(late.channel.state() == Channel::State::closed);
}

TEST_CASE("losses come as often as wanted, at the same places in every run")
{
    const auto place = [](std::uint64_t connection, std::uint64_t seed, std::size_t piece) {
        Pipe pipe{"loss=0.05", {seed, connection, true}};
        for (const Bytes data(piece);
             pipe.channel.is_taking() && pipe.out.size() < 64 * loss_stretch_size;)
            pipe.send(data);
        const bool is_lost = pipe.channel.state() == Channel::State::reset;
        return is_lost ? pipe.out.size() : SIZE_MAX;
    };
    std::size_t lost = 0;
    std::size_t same = 0;
    for (std::uint64_t connection = 0; connection < 200; ++connection) {
        const std::size_t at = place(connection, 1, 65'536);
        CHECK(place(connection, 1, 10'007) == at);
        lost += at == SIZE_MAX ? 0 : 1;
        same += place(connection, 2, 65'536) == at ? 1 : 0;
    }
    CHECK(lost > 185); // of 200 * (1 - 0.95^64) = 192.5
    CHECK(lost < 199);
    CHECK(same < 20);
    Pipe never{"loss=0"};
    never.send(Bytes(8 * loss_stretch_size));
    CHECK(never.channel.state() == Channel::State::open);
    Pipe always{"loss=1"};
    always.send(Bytes(loss_stretch_size));
    CHECK(always.channel.state() == Channel::State::reset);
}

TEST_CASE("bits are flipped as often as wanted, at the same places in every run")
{
    const Bytes data = noise(1U << 20U);
    const auto corrupted = [&](std::string_view text, std::size_t piece, std::uint64_t seed) {
        Pipe pipe{text, {seed, 5, false}};
        pipe.send(data, piece);
        CHECK(pipe.out.size() == data.size());
        std::size_t bytes = 0;
        std::size_t bits = 0;
        for (std::size_t i = 0; i < data.size(); ++i) {
            const auto change = static_cast<unsigned>(data[i] ^ pipe.out[i]);
            bytes += change == 0 ? 0 : 1;
            bits += static_cast<std::size_t>(std::popcount(change));
        }
        CHECK(bytes == bits);
        CHECK(bytes == pipe.channel.corrupted());
        return std::pair{bytes, pipe.out};
    };
    CHECK(corrupted("corrupt=1", 65'536, 1).first == data.size());
    CHECK(corrupted("corrupt=0", 65'536, 1).first == 0);
    const auto [bytes, out] = corrupted("corrupt=0.001", 65'536, 1);
    CHECK(bytes > 900); // of 1049, with a deviation of 32
    CHECK(bytes < 1'200);
    CHECK(corrupted("corrupt=0.001", 1'009, 1).second == out);
    CHECK(corrupted("corrupt=0.001", 65'536, 2).second != out);
    CHECK(corrupted("corrupt=1e-9", 65'536, 1).first <= 1);
}

TEST_CASE("a black hole loses everything, the end too, until it is gone")
{
    Pipe pipe{"blackhole"};
    pipe.send(noise(1'000));
    CHECK(pipe.channel.held() == 0);
    CHECK(pipe.out.empty());
    pipe.channel.set(impairment(""));
    pipe.send(as_bytes("back"));
    CHECK(as_text(pipe.out) == "back");
    pipe.channel.set(impairment("delay=1s"));
    pipe.send(as_bytes("held"));
    pipe.channel.set(impairment("blackhole"));
    pipe.channel.take_end(pipe.now_ms);
    pipe.run();
    CHECK(as_text(pipe.out) == "back");
    CHECK(pipe.channel.state() == Channel::State::open);
}
