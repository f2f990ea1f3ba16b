#pragma once

#include <cstdint>

namespace cairn::detail {

/// What a sequence of random numbers is for: each purpose has its own.
enum class Purpose : std::uint64_t { refuse, loss, corrupt, jitter };

/// Numbers that look random and follow from where they are drawn, splitmix64.
class Draw {
public:
    struct Place {
        std::uint64_t seed = 0;
        std::uint64_t connection = 0;
        bool is_up = false;
        std::uint64_t stretch = 0; ///< which one of the stream
    };

    Draw(Purpose purpose, const Place& place) noexcept
    {
        for (const std::uint64_t part :
             {place.seed, place.connection, std::uint64_t{place.is_up}, place.stretch})
            state_ = mix(state_ ^ part);
        state_ ^= static_cast<std::uint64_t>(purpose) << 56U;
    }

    std::uint64_t next() noexcept { return mix(state_ += step); }

    /// From 0 to just below 1.
    double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1p-53; }

private:
    static constexpr std::uint64_t step = 0x9e3779b97f4a7c15U;

    static std::uint64_t mix(std::uint64_t x) noexcept
    {
        x += step;
        x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
        x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
        return x ^ (x >> 31U);
    }

    std::uint64_t state_ = 0;
};

} // namespace cairn::detail
