#include "client/detail/health_meter.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::uint64_t window_ms = 250;
constexpr std::uint64_t at_once_ms = 20;
constexpr std::uint64_t window_bytes_min = 64 * 1024; // fewer tell of delay, not of a rate

std::uint64_t smooth(std::uint64_t known, std::uint64_t fresh) noexcept
{
    return known == 0 ? fresh : known - known / 4 + fresh / 4;
}

} // namespace

void HealthMeter::begin(std::uint64_t now_ms) noexcept
{
    if (health_.calls++ > 0) return;
    window_start_ms_ = now_ms;
    window_bytes_ = 0;
}

void HealthMeter::end(std::uint64_t now_ms) noexcept
{
    if (--health_.calls == 0) sample(now_ms);
}

void HealthMeter::answer(std::uint64_t sent_ms, std::uint64_t now_ms) noexcept
{
    // At least 1, since 0 says that nothing is known.
    health_.first_byte_ms =
        std::max<std::uint64_t>(1, smooth(health_.first_byte_ms, now_ms - sent_ms));
}

void HealthMeter::move(std::size_t bytes, std::uint64_t now_ms) noexcept
{
    window_bytes_ += bytes;
    if (now_ms - window_start_ms_ >= window_ms) sample(now_ms);
}

void HealthMeter::fault(std::uint64_t now_ms) noexcept
{
    if (health_.faults > 0 && now_ms - fault_ms_ < at_once_ms) return;
    ++health_.faults;
    fault_ms_ = now_ms;
}

void HealthMeter::sample(std::uint64_t now_ms) noexcept
{
    const std::uint64_t elapsed_ms = std::max<std::uint64_t>(1, now_ms - window_start_ms_);
    if (window_bytes_ >= window_bytes_min || elapsed_ms >= window_ms)
        health_.rate = smooth(health_.rate, window_bytes_ * 1000 / elapsed_ms);
    window_start_ms_ = now_ms;
    window_bytes_ = 0;
}

} // namespace cairn::detail
