#include "base/number.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t uint64_max = ~0ULL;
constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t gib = kib * kib * kib;
constexpr std::uint64_t pib = gib * kib * kib;

} // namespace

TEST_CASE("a number is read from decimal digits")
{
    CHECK(parse_number("0") == 0);
    CHECK(parse_number("7") == 7);
    CHECK(parse_number("1234567890") == 1234567890);
    CHECK(parse_number("18446744073709551615") == uint64_max);
}

TEST_CASE("signs, leading zeros, other bases, blanks and overflow are no numbers")
{
    for (const char* text : {"",
                             "-1",
                             "-0",
                             "+1",
                             "00",
                             "007",
                             "0x10",
                             "0b1",
                             "1e3",
                             "1.0",
                             " 1",
                             "1 ",
                             "1\n",
                             "1,000",
                             "1_000",
                             "1'000",
                             "x",
                             "18446744073709551616",
                             "99999999999999999999999999",
                             "\xd9\xa3"})
        CHECK_FALSE(parse_number(text));
    CHECK_FALSE(parse_number(std::string_view{"1\0", 2}));
}

TEST_CASE("a size is read in bytes, in powers of 1000 and in powers of 1024")
{
    CHECK(parse_size("0") == 0);
    CHECK(parse_size("4096") == 4096);
    CHECK(parse_size("512B") == 512);
    CHECK(parse_size("64KiB") == 64 * kib);
    CHECK(parse_size("1MiB") == kib * kib);
    CHECK(parse_size("1GiB") == gib);
    CHECK(parse_size("2TiB") == 2 * kib * gib);
    CHECK(parse_size("3PiB") == 3 * pib);
    CHECK(parse_size("1KB") == 1'000);
    CHECK(parse_size("1MB") == 1'000'000);
    CHECK(parse_size("10GB") == 10'000'000'000);
    CHECK(parse_size("1TB") == 1'000'000'000'000);
    CHECK(parse_size("1PB") == 1'000'000'000'000'000);
    CHECK(parse_size("18446744073709551615B") == uint64_max);
    CHECK(parse_size("16383PiB") == 16383 * pib);
}

TEST_CASE("a fraction of a size is exact or refused")
{
    CHECK(parse_size("1.5GiB") == gib + gib / 2);
    CHECK(parse_size("0.5KiB") == 512);
    CHECK(parse_size("0.0009765625KiB") == 1);
    CHECK(parse_size("1.50KB") == 1'500);
    CHECK(parse_size("0.001KB") == 1);
    CHECK(parse_size("1.0") == 1);
    CHECK(parse_size("16383.999999999999999112PiB") == std::nullopt);
    CHECK(parse_size("16383.5PiB") == 16383 * pib + pib / 2);

    CHECK_FALSE(parse_size("0.1KiB"));
    CHECK_FALSE(parse_size("1.5"));
    CHECK_FALSE(parse_size("1.5B"));
    CHECK_FALSE(parse_size("0.0001KB"));
    CHECK_FALSE(parse_size("1.0000000000000000000GiB"));
}

TEST_CASE("near misses of a size are refused")
{
    for (const char* text : {"",
                             "B",
                             "KiB",
                             ".5KiB",
                             "1.KiB",
                             "1..5KiB",
                             "1.5.5KiB",
                             "-1",
                             "+1KiB",
                             "01KiB",
                             "0x1KiB",
                             "1 KiB",
                             "1KiB ",
                             " 1KiB",
                             "1kib",
                             "1kB",
                             "1K",
                             "1k",
                             "1KIB",
                             "1Kib",
                             "1ki",
                             "1EiB",
                             "1BB",
                             "1,5GiB",
                             "18446744073709551616",
                             "16384PiB",
                             "18446744073709552KB",
                             "1e3B"})
        CHECK_FALSE(parse_size(text));
}

TEST_CASE("a duration is read in milliseconds")
{
    CHECK(parse_duration_ms("250ms") == 250);
    CHECK(parse_duration_ms("0s") == 0);
    CHECK(parse_duration_ms("90s") == 90'000);
    CHECK(parse_duration_ms("15m") == 900'000);
    CHECK(parse_duration_ms("36h") == 129'600'000);
    CHECK(parse_duration_ms("30d") == 2'592'000'000);
    CHECK(parse_duration_ms("213503982334d") == 213503982334U * 86'400'000);
}

TEST_CASE("near misses of a duration are refused")
{
    for (const char* text :
         {"", "s", "90", "0", "1.5h", "-1s", "+1s", "01s", "1 s", "1s ", "1S", "1M", "1min",
          "1h30m", "1w", "213503982335d", "18446744073709551616ms"})
        CHECK_FALSE(parse_duration_ms(text));
}

TEST_CASE("sizes are shown in binary units with two decimals")
{
    CHECK(format_size(0) == "0 B");
    CHECK(format_size(512) == "512 B");
    CHECK(format_size(1023) == "1023 B");
    CHECK(format_size(1024) == "1.00 KiB");
    CHECK(format_size(1034) == "1.01 KiB");
    CHECK(format_size(gib + gib / 2) == "1.50 GiB");
    CHECK(format_size(kib * kib - 6) == "1023.99 KiB");
    CHECK(format_size(kib * kib - 1) == "1.00 MiB");
    CHECK(format_size(pib) == "1.00 PiB");
    CHECK(format_size(uint64_max) == "16384.00 PiB");
    CHECK(format_rate(gib + gib / 2) == "1.50 GiB/s");
    CHECK(format_rate(5) == "5 B/s");
}

TEST_CASE("durations are shown in the two units that matter")
{
    CHECK(format_duration(0) == "0 ms");
    CHECK(format_duration(999) == "999 ms");
    CHECK(format_duration(1'000) == "1.0 s");
    CHECK(format_duration(12'399) == "12.3 s");
    CHECK(format_duration(59'999) == "59.9 s");
    CHECK(format_duration(60'000) == "1m 0s");
    CHECK(format_duration(90'000) == "1m 30s");
    CHECK(format_duration(3'599'999) == "59m 59s");
    CHECK(format_duration(7'500'000) == "2h 5m");
    CHECK(format_duration(86'400'000 * 3 + 3'600'000 * 4) == "3d 4h");
    CHECK(format_duration(uint64_max) == "213503982334d 14h");
}

TEST_CASE("times are shown in UTC")
{
    CHECK(format_time(0) == "1970-01-01T00:00:00Z");
    CHECK(format_time(951'782'399) == "2000-02-28T23:59:59Z");
    CHECK(format_time(951'782'400) == "2000-02-29T00:00:00Z");
    CHECK(format_time(1'700'000'000) == "2023-11-14T22:13:20Z");
    CHECK(format_time(253'402'300'799) == "9999-12-31T23:59:59Z");
}
