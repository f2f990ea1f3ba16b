#pragma once

#include <algorithm>
#include <cstdint>

namespace cairn {

/// What a peer may cost: so many microseconds of work in each second, and some at once.
class TokenBucket {
public:
    static constexpr std::uint64_t rate = 500'000;       // microseconds of work a second
    static constexpr std::uint64_t level_max = 2 * rate; // microseconds of work

    explicit TokenBucket(std::uint64_t now_ms) : filled_ms_{now_ms} {}

    /// False when the peer has used up what it may.
    [[nodiscard]] bool take(std::uint64_t cost, std::uint64_t now_ms)
    {
        const std::uint64_t passed_ms = std::min(now_ms - filled_ms_, std::uint64_t{10'000});
        level_ = std::min(level_max, level_ + passed_ms * (rate / 1000));
        filled_ms_ = now_ms;
        if (level_ < cost) return false;
        level_ -= cost;
        return true;
    }

private:
    std::uint64_t level_ = level_max;
    std::uint64_t filled_ms_;
};

} // namespace cairn
