#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Numbers as people write them, on command lines and in messages.

namespace cairn {

/// Decimal digits only: no sign, no white space, no leading zero; nothing that overflows.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

/// Bytes: "4096", "512B", "64KiB", "1.5GiB", "10GB". KB to PB are powers of 1000, KiB to PiB of
/// 1024. A fraction must make a whole number of bytes, exactly.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

/// Milliseconds: "250ms", "90s", "15m", "36h", "30d". The unit is never left out.
[[nodiscard]] std::optional<std::uint64_t> parse_duration_ms(std::string_view text);

/// "512 B", "1.50 GiB": binary units, rounded to two decimals.
std::string format_size(std::uint64_t bytes);

/// "1.50 GiB/s".
std::string format_rate(std::uint64_t bytes_per_s);

/// "250 ms", "12.3 s", "1m 30s", "2h 5m", "3d 4h": two units at most, rounded down.
std::string format_duration(std::uint64_t duration_ms);

/// "2026-11-25T21:03:00Z", of seconds since 1970, up to the year 9999.
std::string format_time(std::uint64_t time_s);

} // namespace cairn
