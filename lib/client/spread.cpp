#include "client/spread.hpp"

#include "format/address.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t spares_max = 2;         // races at a time: the tail that is cut
constexpr std::uint64_t race_delay_ms = 100;  // above what is due
constexpr std::uint64_t alone_ms = 2'000;     // what is due where there is nothing to compare with
constexpr unsigned retries_max = 4;           // with one provider, where there is no other
constexpr std::uint64_t retry_first_ms = 150; // doubled with each
constexpr std::uint64_t grace_ms = 10'000;    // for the rest, once there is enough
constexpr std::uint64_t attempt_ms = 60'000;  // for one shard, and
constexpr std::uint64_t rate_min = 64;        // bytes a millisecond

/// When something that took the others `elapsed_ms` is late.
std::uint64_t late_ms(std::uint64_t elapsed_ms)
{
    return elapsed_ms + elapsed_ms / 2 + race_delay_ms;
}

bool is_worth_a_retry(UploadResult::Kind kind)
{
    switch (kind) {
    case UploadResult::Kind::busy:
    case UploadResult::Kind::lost:
        return true;
    case UploadResult::Kind::stored:
    case UploadResult::Kind::full:
    case UploadResult::Kind::refused:
    case UploadResult::Kind::lied:
        break;
    }
    return false;
}

} // namespace

Spread::Spread(Uploader& uploader, ProviderPool& pool, Placement& placement,
               std::vector<OutgoingShard> shards, unsigned happy)
    : uploader_{&uploader},
      pool_{&pool},
      placement_{&placement},
      happy_{happy}
{
    assert(shards.size() == placement.slots());
    for (OutgoingShard& shard : shards) parts_.emplace_back().shard = std::move(shard);
}

Spread::~Spread()
{
    for (Part& part : parts_) drop_all(part);
}

void Spread::preset(std::size_t slot, Holder holder)
{
    taken_.insert(holder.provider);
    placement_->assign(slot, holder.provider);
    parts_[slot].holder = std::move(holder);
    ++stored_;
    ++over_;
}

void Spread::start(Watch watch)
{
    watch_ = std::move(watch);
    if (is_over()) return watch_.over();
    started_ms_ = now_ms();
    note_progress();
    // First those whose provider is clear, so that nobody takes it as a replacement.
    for (std::size_t slot = 0; slot < parts_.size(); ++slot) {
        const auto provider = placement_->at(slot);
        if (is_settled(parts_[slot]) || !provider || taken_.contains(*provider)) continue;
        if (!pool_->session().health(*provider).is_down) launch(slot, *provider);
    }
    for (std::size_t slot = 0; slot < parts_.size(); ++slot)
        if (!is_settled(parts_[slot]) && parts_[slot].attempts.empty()) begin(slot);
}

/// Somebody else for a slot: who has it now, because another segment has found him, or a spare.
std::optional<std::size_t> Spread::other(std::size_t slot, std::size_t than) const
{
    const auto current = placement_->at(slot);
    const bool is_other = current && *current != than && !taken_.contains(*current) &&
                          !pool_->session().health(*current).is_down;
    if (is_other) return current;
    std::set<std::size_t> taken = taken_;
    taken.insert(than);
    return placement_->spare(taken);
}

/// Sends a shard that nobody has and nobody is sent: to a spare, or to one that is down.
void Spread::begin(std::size_t slot)
{
    if (const auto spare = placement_->spare(taken_)) {
        placement_->assign(slot, *spare);
        return launch(slot, *spare);
    }
    const auto provider = placement_->at(slot);
    if (!provider || taken_.contains(*provider)) return give_up(slot);
    launch(slot, *provider);
}

void Spread::launch(std::size_t slot, std::size_t provider)
{
    Part& part = parts_[slot];
    taken_.insert(provider);
    part.retry_ms = 0;
    part.attempts.push_back({provider, {}, now_ms()});
    part.attempts.back().upload =
        uploader_->start(provider, part.shard, [this, slot, provider](UploadResult&& result) {
            settle(slot, provider, std::move(result));
        });
}

void Spread::settle(std::size_t slot, std::size_t provider, UploadResult&& result)
{
    Part& part = parts_[slot];
    std::erase_if(part.attempts, [&](const Attempt& a) { return a.provider == provider; });
    if (result.kind != UploadResult::Kind::stored) return fail(slot, provider, result);
    drop_all(part);
    succeed(slot, {provider, std::move(result.receipt)});
}

void Spread::succeed(std::size_t slot, Holder holder)
{
    Part& part = parts_[slot];
    placement_->assign(slot, holder.provider);
    placement_->succeed(slot);
    part.holder = std::move(holder);
    part.shard.owner.reset();
    ++stored_;
    note_progress();
    watch_.stored(*part.holder);
    settled();
}

void Spread::fail(std::size_t slot, std::size_t provider, const UploadResult& result)
{
    Part& part = parts_[slot];
    taken_.erase(provider);
    fault_ = to_address(pool_->session().providers()[provider].node_key) + ": " + result.reason;
    const bool is_hopeless = !is_worth_a_retry(result.kind);
    if (is_hopeless) pool_->exclude(provider);
    if (!part.attempts.empty()) return; // somebody else is at it
    if (const auto next = other(slot, provider)) {
        placement_->assign(slot, *next);
        return launch(slot, *next);
    }
    if (is_hopeless || placement_->is_given_up(slot) || part.retries == retries_max)
        return give_up(slot);
    part.retry_ms = now_ms() + (retry_first_ms << part.retries++);
    part.retry_with = provider;
    taken_.insert(provider);
}

void Spread::give_up(std::size_t slot)
{
    Part& part = parts_[slot];
    drop_all(part);
    placement_->give_up(slot);
    part.is_given_up = true;
    part.retry_ms = 0;
    part.shard.owner.reset();
    settled();
}

void Spread::abandon(std::size_t slot)
{
    if (!is_settled(parts_[slot])) give_up(slot);
}

void Spread::settled()
{
    ++over_;
    if (is_over()) watch_.over();
}

void Spread::drop(Part& part, std::size_t provider)
{
    const auto is_his = [&](const Attempt& attempt) { return attempt.provider == provider; };
    for (const Attempt& attempt : part.attempts)
        if (is_his(attempt)) uploader_->cancel(attempt.upload);
    std::erase_if(part.attempts, is_his);
    taken_.erase(provider);
}

void Spread::drop_all(Part& part)
{
    while (!part.attempts.empty()) drop(part, part.attempts.back().provider);
}

void Spread::note_progress()
{
    const std::uint64_t elapsed_ms = now_ms() - started_ms_;
    if (!tail_ms_ && parts_.size() > spares_max && stored_ >= parts_.size() - spares_max)
        tail_ms_ = elapsed_ms;
    if (!happy_ms_ && stored_ >= happy_) happy_ms_ = elapsed_ms;
}

std::uint64_t Spread::attempt_limit_ms(const Part& part) const
{
    return attempt_ms + part.shard.item.size / rate_min;
}

void Spread::tick()
{
    const std::uint64_t now = now_ms();
    for (std::size_t slot = 0; slot < parts_.size(); ++slot)
        if (!is_settled(parts_[slot])) tick(slot, now);
}

void Spread::tick(std::size_t slot, std::uint64_t now)
{
    Part& part = parts_[slot];
    if (part.retry_ms != 0) {
        if (now < part.retry_ms) return;
        const std::size_t provider = part.retry_with;
        taken_.erase(provider);
        const auto next = other(slot, provider);
        if (next) placement_->assign(slot, *next);
        return launch(slot, next.value_or(provider));
    }
    const std::uint64_t elapsed_ms = now - started_ms_;
    const bool has_few = parts_.size() <= spares_max;
    if ((tail_ms_ || has_few) && elapsed_ms > late_ms(tail_ms_.value_or(alone_ms))) race(slot);
    const std::uint64_t enough_ms = placement_->is_given_up(slot)
                                        ? late_ms(happy_ms_.value_or(0))
                                        : 4 * happy_ms_.value_or(0) + grace_ms;
    if (happy_ms_ && elapsed_ms > enough_ms) {
        fault_ = to_address(pool_->session().providers()[part.attempts.back().provider].node_key) +
                 ": is too slow";
        return give_up(slot);
    }
    for (const Attempt& attempt : part.attempts) {
        if (now - attempt.started_ms <= attempt_limit_ms(part)) continue;
        const std::size_t provider = attempt.provider;
        drop(part, provider);
        UploadResult result;
        result.reason = "is too slow";
        return fail(slot, provider, result);
    }
}

/// Sends a late shard to one more provider: who is done first has it.
void Spread::race(std::size_t slot)
{
    const Part& part = parts_[slot];
    // What still waits for others of ours is not the provider's delay.
    if (part.attempts.size() != 1 || !uploader_->is_sent(part.attempts.front().upload)) return;
    if (const auto rival = other(slot, part.attempts.front().provider)) launch(slot, *rival);
}

} // namespace cairn
