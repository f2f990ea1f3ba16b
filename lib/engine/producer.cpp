#include "engine/producer.hpp"

#include "engine/retarget.hpp"

#include <algorithm>

namespace cairn {

PocProducer::PocProducer(const Genesis& genesis, KnownHeader tip)
    : genesis_{&genesis},
      rules_{&std::get<PocRules>(genesis.engine)},
      parent_{std::move(tip)}
{
}

PocRound PocProducer::round() const
{
    return round_after(*genesis_, parent_.header, parent_.state, genesis_->time_s);
}

std::uint64_t PocProducer::delay_max() const
{
    return best_ ? delay_of(*rules_, best_->quality, best_->base_target) : UINT64_MAX;
}

bool PocProducer::offer(const PocData& proof)
{
    const PocRound asked = round();
    if (proof.base_target != asked.base_target || is_made_) return false;
    if (best_ && best_->quality <= proof.quality) return false;
    best_ = proof;
    return true;
}

/// When the block of the best proof may be made.
std::uint64_t PocProducer::due_s() const
{
    const std::uint64_t delay = std::max<std::uint64_t>(delay_max(), 1);
    return parent_.header.time_s + delay;
}

BlockOrder PocProducer::order(std::uint64_t time_s)
{
    is_made_ = true;
    return {parent_.id, time_s, to_bytes(*best_)};
}

ProducerWish PocProducer::tip_changed(const KnownHeader& tip, std::uint64_t now_s)
{
    ProducerWish wish;
    if (tip.id == parent_.id) {
        if (best_ && !is_made_) wish.wake_at_s = due_s();
        return wish;
    }
    if (best_ && !is_made_ && tip.header.parent == parent_.id &&
        best_->quality < parse_poc_data(tip.header.consensus).quality &&
        due_s() <= now_s + rules_->future_s)
        wish.block = order(due_s());
    const PocRound before = round();
    const bool is_beside = tip.header.height == parent_.header.height;
    parent_ = tip;
    is_made_ = false;
    const PocRound asked = round();
    if (!best_ || !is_beside || asked.challenge != before.challenge) {
        best_.reset();
        return wish;
    }
    best_->base_target = asked.base_target;
    return {.block = {}, .wake_at_s = due_s()};
}

ProducerWish PocProducer::tick(std::uint64_t now_s)
{
    if (!best_ || is_made_) return {};
    if (due_s() <= now_s) return {.block = order(std::max(due_s(), now_s)), .wake_at_s = {}};
    return {.block = {}, .wake_at_s = due_s()};
}

SoloProducer::SoloProducer(const SoloRules& rules, KnownHeader tip, Options options)
    : rules_{rules},
      options_{options},
      tip_{std::move(tip)}
{
}

std::optional<std::uint64_t> SoloProducer::due(std::uint64_t now_ms, bool is_waiting) const
{
    constexpr std::uint64_t ms_per_s = 1000;
    const std::uint64_t begun_ms = tip_.header.time_s * ms_per_s;
    const std::uint64_t wait_ms =
        options_.is_on_demand && !is_waiting ? options_.idle_ms : rules_.interval_ms;
    if (now_ms < begun_ms + std::max(wait_ms, ms_per_s)) return std::nullopt;
    return std::max(now_ms / ms_per_s, tip_.header.time_s + 1);
}

} // namespace cairn
