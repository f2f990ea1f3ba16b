#pragma once

#include "capacity/round.hpp"

#include <span>

// How the family's chains keep the time between their blocks: the base target of a block follows
// from those before it, and from when they were made.

namespace cairn {

/// A block of the past.
struct PastBlock {
    BaseTarget target;
    std::int64_t time_s = 0; ///< Unix time
};

/// One chain's rule between two heights: the mean of some base targets, times the time that has
/// passed, divided by the time that should have passed, within bounds.
struct RetargetRule {
    enum class Mean : std::uint8_t {
        plain,         ///< the sum, divided
        running,       ///< (mean * k + target) / (k + 1) for k = 1, 2, ..., from the parent back
        running_twice, ///< the same, with the parent counted twice
    };

    Mean mean = Mean::plain;
    std::size_t blocks = 0;  ///< the mean is of these
    std::uint32_t spans = 0; ///< block times that should have passed
    std::uint32_t block_time_s = 0;
    std::uint32_t less_s = 0;       ///< taken off the time that has passed since the oldest of them
    bool is_bounded = false;        ///< the time counts as half to twice what it should be
    bool is_from_parent = false;    ///< bounds are shares of the parent's target, not of the mean
    std::uint32_t step_percent = 0; ///< up or down, at most
    std::uint64_t target_max = 0;
};

/// Of Burst and Signum, below height 2 700 and from there on.
extern const RetargetRule burst_early_rule;
extern const RetargetRule signum_rule;

/// Of BHD: below 84 600 or so, below 129 100, below 197 568, from 197 572, and from 197 648 on.
extern const RetargetRule bhd_early_rule;
extern const RetargetRule bhd_25_rule;
extern const RetargetRule bhd_288_rule;
extern const RetargetRule bhd_4_rule;
extern const RetargetRule bhd_80_rule;

/// The base target of a block of time `time_s` that follows `past`, newest first. Needs at least
/// rule.blocks of them.
[[nodiscard]] BaseTarget next_base_target(const RetargetRule& rule, std::span<const PastBlock> past,
                                          std::int64_t time_s);

} // namespace cairn
