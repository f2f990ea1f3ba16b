#include "capacity/retarget.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

using Wide = unsigned __int128;

constexpr std::uint64_t target_max_240 = 18'325'193'796; // 2^42 / 240: one TiB in all
constexpr std::uint64_t target_max_180 = 24'433'591'728; // 2^42 / 180

std::uint64_t mean_of(const RetargetRule& rule, std::span<const PastBlock> past)
{
    if (rule.mean == RetargetRule::Mean::plain) {
        Wide sum = 0;
        for (const PastBlock& block : past.first(rule.blocks)) sum += block.target.value;
        return static_cast<std::uint64_t>(sum / rule.blocks);
    }
    Wide mean = past.front().target.value;
    std::size_t weight = rule.mean == RetargetRule::Mean::running_twice ? 2 : 1;
    for (const PastBlock& block : past.subspan(1, rule.blocks - 1)) {
        mean = (mean * weight + block.target.value) / (weight + 1);
        ++weight;
    }
    return static_cast<std::uint64_t>(mean);
}

std::uint64_t percent_of(std::uint64_t value, std::uint32_t percent)
{
    return static_cast<std::uint64_t>(Wide{value} * percent / 100);
}

} // namespace

constexpr RetargetRule burst_early_rule{.mean = RetargetRule::Mean::plain,
                                        .blocks = 4,
                                        .spans = 4,
                                        .block_time_s = 240,
                                        .step_percent = 10,
                                        .target_max = target_max_240};

constexpr RetargetRule signum_rule{.mean = RetargetRule::Mean::running_twice,
                                   .blocks = 24,
                                   .spans = 24,
                                   .block_time_s = 240,
                                   .is_bounded = true,
                                   .is_from_parent = true,
                                   .step_percent = 20,
                                   .target_max = target_max_240};

constexpr RetargetRule bhd_early_rule{.mean = RetargetRule::Mean::plain,
                                      .blocks = 4,
                                      .spans = 4,
                                      .block_time_s = 300,
                                      .step_percent = 10,
                                      .target_max = target_max_240};

constexpr RetargetRule bhd_25_rule{.mean = RetargetRule::Mean::running,
                                   .blocks = 25,
                                   .spans = 24,
                                   .block_time_s = 300,
                                   .is_bounded = true,
                                   .is_from_parent = true,
                                   .step_percent = 20,
                                   .target_max = target_max_240};

constexpr RetargetRule bhd_288_rule{.mean = RetargetRule::Mean::running,
                                    .blocks = 288,
                                    .spans = 287,
                                    .block_time_s = 300,
                                    .is_bounded = true,
                                    .is_from_parent = true,
                                    .step_percent = 20,
                                    .target_max = target_max_240};

constexpr RetargetRule bhd_4_rule{.mean = RetargetRule::Mean::plain,
                                  .blocks = 4,
                                  .spans = 4,
                                  .block_time_s = 180,
                                  .less_s = 4,
                                  .step_percent = 10,
                                  .target_max = target_max_180};

constexpr RetargetRule bhd_80_rule{.mean = RetargetRule::Mean::running,
                                   .blocks = 80,
                                   .spans = 80,
                                   .block_time_s = 180,
                                   .less_s = 80,
                                   .is_bounded = true,
                                   .is_from_parent = true,
                                   .step_percent = 20,
                                   .target_max = target_max_180};

BaseTarget next_base_target(const RetargetRule& rule, std::span<const PastBlock> past,
                            std::int64_t time_s)
{
    assert(past.size() >= rule.blocks && rule.blocks > 0);
    const std::uint64_t mean = mean_of(rule, past);
    const std::int64_t span = std::int64_t{rule.spans} * rule.block_time_s;
    std::int64_t passed = time_s - past[rule.blocks - 1].time_s - rule.less_s;
    if (rule.is_bounded) passed = std::clamp(passed, span / 2, span * 2);
    // Time that runs backwards gives the largest target, as the family's own arithmetic does.
    const Wide target = passed < 0 ? Wide{rule.target_max}
                                   : Wide{mean} * static_cast<std::uint64_t>(passed) /
                                         static_cast<std::uint64_t>(span);
    const std::uint64_t base = rule.is_from_parent ? past.front().target.value : mean;
    auto next = static_cast<std::uint64_t>(std::min<Wide>(target, rule.target_max));
    next = std::max({next, percent_of(base, 100 - rule.step_percent), std::uint64_t{1}});
    return {std::min(next, percent_of(base, 100 + rule.step_percent))};
}

} // namespace cairn
