#pragma once

#include <cstdint>

namespace cairn {

/// For time-outs and rates: never goes back.
std::uint64_t monotonic_ms() noexcept;

/// For display and for stamps that people read: since 1970-01-01 UTC.
std::uint64_t wall_clock_ms() noexcept;

/// Lets other threads go on for about so long.
void nap_us(std::uint64_t time_us) noexcept;

} // namespace cairn
