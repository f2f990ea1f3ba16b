#include "cli/detail/status.hpp"

#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

using namespace cairn::detail;

namespace {

std::size_t allocations = 0;

constexpr std::uint64_t mib = 1U << 20U;

std::string text_of(const Snapshot& snapshot)
{
    Line line;
    put_text(line, snapshot);
    return std::string{line.text()};
}

std::string bar_of(const Snapshot& snapshot, unsigned width = 80)
{
    Line line;
    put_bar(line, snapshot, width);
    return std::string{line.text()};
}

std::string time_of(std::uint64_t ms)
{
    return std::string{Line{}.put_timestamp(ms).text()};
}

} // namespace

// The program's own operator new: signal handlers must not get here.
void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}

TEST_CASE("a status tells what is known")
{
    CHECK(text_of({}) == "no progress to tell yet");
    CHECK(text_of({"read", 3 * mib, {}, 1500, 2 * mib}) ==
          "read 3.00 MiB, 2.00 MiB/s, 1.5 s so far");
    CHECK(text_of({"encrypt", 100 * mib, 400 * mib, 5000, 20 * mib}) ==
          "encrypt 25%, 100.00 MiB of 400.00 MiB, 20.00 MiB/s, ETA 15.0 s, 5.0 s so far");
    CHECK(bar_of({"encrypt", 100 * mib, 400 * mib, 5000, 20 * mib}, 100) ==
          "encrypt  25% [#####...............] 100.00 MiB of 400.00 MiB, 20.00 MiB/s, ETA 15.0 s");
    CHECK(bar_of({"encrypt", 100 * mib, 400 * mib, 5000, 20 * mib}, 12) == "encrypt  25%");
    CHECK(bar_of({"read", 0, {}, 0, 0}) == "read 0 B, 0 B/s");
    CHECK(text_of({"plot", 3 * mib, 4 * mib, 1500, 2 * mib, mib}) ==
          "plot 75%, 3.00 MiB of 4.00 MiB (1.00 MiB written), 2.00 MiB/s, 1.5 s so far");
}

TEST_CASE("time left is told when it can be told")
{
    const auto left = [](const Snapshot& snapshot) { return snapshot.left_ms(); };
    CHECK(left({"x", 50, 100, 5000, 10}) == 5000);
    CHECK(left({"x", 100, 100, 5000, 10}) == 0);
    CHECK(left({"x", 120, 100, 5000, 10}) == 0);                       // it grew meanwhile
    CHECK_FALSE(left({"x", 50, 100, 2000, 10}));                       // too early
    CHECK_FALSE(left({"x", 50, {}, 5000, 10}));                        // of what?
    CHECK_FALSE(left({"x", 50, 100, 5000, 0}));                        // stalled
    CHECK_FALSE(left({"x", 1, 1000, 5000, 10}));                       // below one percent
    CHECK_FALSE(left({"x", UINT64_MAX / 2, UINT64_MAX - 1, 5000, 1})); // longer than a life
}

TEST_CASE("percentages do not overflow")
{
    const auto percent = [](const Snapshot& snapshot) { return snapshot.percent(); };
    CHECK(percent({"x", 0, 0, 0, 0}) == 100);
    CHECK(percent({"x", 999, 1000, 0, 0}) == 99);
    CHECK(percent({"x", UINT64_MAX / 4, UINT64_MAX - 1, 0, 0}) == 25);
    CHECK(percent({"x", UINT64_MAX, 1, 0, 0}) == 100);
    CHECK_FALSE(percent({"x", 1, {}, 0, 0}));
}

TEST_CASE("a progress event is one line of JSON")
{
    Line line;
    put_json(line, {"encrypt", 5 * mib, 10 * mib, 4000, mib}, "cairn-put", 1767323045678);
    CHECK(line.text() == R"({"v":1,"tool":"cairn-put","t":"2026-01-02T03:04:05.678Z",)"
                         R"("ev":"progress","phase":"encrypt","done_bytes":5242880,)"
                         R"("total_bytes":10485760,"percent":50,"elapsed_ms":4000,)"
                         R"("bytes_per_s":1048576,"left_ms":5000})");
}

TEST_CASE("timestamps follow the calendar")
{
    CHECK(time_of(0) == "1970-01-01T00:00:00.000Z");
    CHECK(time_of(951'782'399'999) == "2000-02-28T23:59:59.999Z");
    CHECK(time_of(951'782'400'000) == "2000-02-29T00:00:00.000Z");
    CHECK(time_of(4'107'542'400'000) == "2100-03-01T00:00:00.000Z");
}

TEST_CASE("a status needs no memory, so a signal handler may show it")
{
    const std::uint64_t large = UINT64_MAX - 1;
    for (const Snapshot& snapshot :
         {Snapshot{}, Snapshot{"x", 1023 * mib, 1023 * mib + 1, 86'399'999, 1023 * mib},
          Snapshot{"x", large, large, 9'000'000'000, large},
          Snapshot{"x", large, {}, 59'999, large},
          Snapshot{"x", 10 * mib, 100 * mib, 3'599'999, 1}}) {
        Line line;
        const std::size_t before = allocations;
        put_text(line, snapshot);
        if (snapshot.phase != nullptr) put_bar(line, snapshot, 80);
        put_json(line, snapshot, "cairn-put", 1767323045678);
        CHECK(allocations == before);
    }
    const std::size_t before = allocations;
    const std::string counted(100, 'x');
    CHECK(allocations > before);
}

TEST_CASE("a line that is too long is cut off")
{
    Line line;
    for (int i = 0; i < 100; ++i) line.put("0123456789");
    CHECK(line.text().size() == 512);
    line.pad(1000).cut(3);
    CHECK(line.text() == "012");
}

TEST_CASE("the rate is that of the last ten seconds")
{
    RateWindow window{0};
    CHECK(window.sample(0, 0) == 0);
    CHECK(window.sample(200, 200) == 1000);
    std::uint64_t done = 0;
    std::uint64_t now_ms = 200;
    for (; now_ms < 20'000; now_ms += 200) CHECK(window.sample(now_ms, done += 200) >= 900);
    CHECK(window.sample(now_ms, done) >= 900);
    for (; now_ms < 25'000; now_ms += 200) window.sample(now_ms, done); // stalls
    CHECK(window.sample(now_ms, done) == doctest::Approx(500).epsilon(0.1));
    for (; now_ms < 31'000; now_ms += 200) window.sample(now_ms, done);
    CHECK(window.sample(now_ms, done) == 0);
}

TEST_CASE("without measured rates the average since the start counts")
{
    Status status;
    CHECK(status.snapshot(7).phase == nullptr);
    status.start("tag", 1000, 10'000);
    status.add(100);
    status.add(200);
    Snapshot snapshot = status.snapshot(12'000);
    CHECK(snapshot.done_bytes == 300);
    CHECK(snapshot.total_bytes == 1000);
    CHECK(snapshot.elapsed_ms == 2000);
    CHECK(snapshot.rate == 150);
    status.set_rate(7);
    CHECK(status.snapshot(12'000).rate == 7);
    status.start("prove", {}, 13'000);
    snapshot = status.snapshot(13'000);
    CHECK(snapshot.done_bytes == 0);
    CHECK_FALSE(snapshot.total_bytes);
    CHECK(snapshot.rate == 0);
}
