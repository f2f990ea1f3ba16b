#include "base/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <numeric>
#include <span>

namespace cairn {
namespace {

using Number = std::optional<std::uint64_t>;

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<Unit, 12> size_units{{
    {"", 1},
    {"B", 1},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"PB", 1'000'000'000'000'000},
    {"KiB", 1ULL << 10U},
    {"MiB", 1ULL << 20U},
    {"GiB", 1ULL << 30U},
    {"TiB", 1ULL << 40U},
    {"PiB", 1ULL << 50U},
}};

constexpr std::array<Unit, 5> duration_units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

constexpr std::string_view digits = "0123456789";

/// 0 if there is no such unit.
std::uint64_t factor_of(std::string_view name, std::span<const Unit> units)
{
    const auto unit = std::ranges::find(units, name, &Unit::name);
    return unit == units.end() ? 0 : unit->factor;
}

Number multiply(Number left, std::uint64_t right)
{
    std::uint64_t product = 0;
    if (!left || __builtin_mul_overflow(*left, right, &product)) return std::nullopt;
    return product;
}

/// 0.`decimals` of `factor`, if that is whole.
Number part_of(std::uint64_t factor, std::string_view decimals)
{
    constexpr std::size_t decimals_max = 18; // 10^18 fits into 64 bits
    if (decimals.empty() || decimals.size() > decimals_max) return std::nullopt;
    std::uint64_t numerator = 0;
    std::uint64_t denominator = 1;
    for (const char c : decimals) {
        numerator = numerator * 10 + static_cast<std::uint64_t>(c - '0');
        denominator *= 10;
    }
    const std::uint64_t common = std::gcd(numerator, denominator);
    if (factor % (denominator / common) != 0) return std::nullopt;
    return numerator / common * (factor / (denominator / common));
}

} // namespace

Number parse_number(std::string_view text)
{
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    if (text.find_first_not_of(digits) != text.npos) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Number parse_size(std::string_view text)
{
    const std::size_t whole_size = std::min(text.find_first_not_of(digits), text.size());
    const Number whole = parse_number(text.substr(0, whole_size));
    text.remove_prefix(whole_size);

    std::string_view decimals = "0";
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimals = text.substr(0, std::min(text.find_first_not_of(digits), text.size()));
        text.remove_prefix(decimals.size());
    }

    const std::uint64_t factor = factor_of(text, size_units);
    if (factor == 0) return std::nullopt;
    const Number bytes = multiply(whole, factor);
    const Number part = part_of(factor, decimals);
    std::uint64_t sum = 0;
    if (!bytes || !part || __builtin_add_overflow(*bytes, *part, &sum)) return std::nullopt;
    return sum;
}

Number parse_duration_ms(std::string_view text)
{
    const std::size_t size = std::min(text.find_first_not_of(digits), text.size());
    const std::uint64_t factor = factor_of(text.substr(size), duration_units);
    if (factor == 0) return std::nullopt;
    return multiply(parse_number(text.substr(0, size)), factor);
}

std::string format_size(std::uint64_t bytes)
{
    if (bytes < 1024) return std::to_string(bytes) + " B";
    constexpr std::string_view prefixes = "KMGTP";
    std::uint64_t unit = 1;
    std::uint64_t hundredths = 0;
    std::size_t i = 0;
    for (;; ++i) {
        unit <<= 10U;
        hundredths = bytes / unit * 100 + (bytes % unit * 100 + unit / 2) / unit;
        if (hundredths < 102400 || i + 1 == prefixes.size()) break;
    }
    std::string text = std::to_string(hundredths);
    text.insert(text.size() - 2, 1, '.');
    return text + ' ' + prefixes[i] + "iB";
}

std::string format_rate(std::uint64_t bytes_per_s)
{
    return format_size(bytes_per_s) + "/s";
}

std::string format_duration(std::uint64_t duration_ms)
{
    const auto pair = [](std::uint64_t big, char big_name, std::uint64_t small, char small_name) {
        return std::to_string(big) + big_name + ' ' + std::to_string(small) + small_name;
    };
    const std::uint64_t seconds = duration_ms / 1000;
    if (duration_ms < 1000) return std::to_string(duration_ms) + " ms";
    if (seconds < 60) {
        const std::uint64_t tenths = duration_ms / 100;
        return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
    }
    if (seconds < 3'600) return pair(seconds / 60, 'm', seconds % 60, 's');
    if (seconds < 86'400) return pair(seconds / 3'600, 'h', seconds / 60 % 60, 'm');
    return pair(seconds / 86'400, 'd', seconds / 3'600 % 24, 'h');
}

std::string format_time(std::uint64_t time_s)
{
    using namespace std::chrono;
    const seconds time{time_s};
    const sys_days day{floor<days>(time)};
    const year_month_day date{day};
    const hh_mm_ss<seconds> clock{time - day.time_since_epoch()};
    const auto padded = [](auto value, std::size_t width) {
        const std::string text = std::to_string(value);
        return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
    };
    return padded(static_cast<int>(date.year()), 4) + '-' +
           padded(static_cast<unsigned>(date.month()), 2) + '-' +
           padded(static_cast<unsigned>(date.day()), 2) + 'T' + padded(clock.hours().count(), 2) +
           ':' + padded(clock.minutes().count(), 2) + ':' + padded(clock.seconds().count(), 2) +
           'Z';
}

} // namespace cairn
