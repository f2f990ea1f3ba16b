#include "os/clock.hpp"

#include <ctime>

namespace cairn {
namespace {

std::uint64_t now_ms(clockid_t clock) noexcept
{
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1000U +
           static_cast<std::uint64_t>(time.tv_nsec) / 1'000'000U;
}

} // namespace

std::uint64_t monotonic_ms() noexcept
{
    return now_ms(CLOCK_MONOTONIC);
}

std::uint64_t wall_clock_ms() noexcept
{
    return now_ms(CLOCK_REALTIME);
}

void nap_us(std::uint64_t time_us) noexcept
{
    const timespec time{static_cast<std::time_t>(time_us / 1'000'000U),
                        static_cast<long>(time_us % 1'000'000U * 1000U)};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr); // a signal may end it early
}

} // namespace cairn
