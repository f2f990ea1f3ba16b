#include "client/detail/segment_fetch.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn::detail {
namespace {

constexpr std::uint64_t answers_ms = 100; // how long slow answers about who has what are awaited
constexpr std::uint64_t beside_max = std::uint64_t{32} << 20U; // bytes of reads beside late ones
constexpr double parity_weight = 2; // parity is worth its rebuilding when it is twice as quick
constexpr std::array<std::uint64_t, 3> round_delays_ms{200, 700, 2'000};

/// The pieces of data shard `index` that hold the wanted bytes; none when none of them is there.
std::optional<PieceRange> pieces_of(const SegmentPlan& plan, unsigned index)
{
    const std::uint64_t size = shard_size(plan.profile, plan.length);
    const std::uint64_t begin = index * size;
    if (plan.last < begin || plan.first >= begin + size) return std::nullopt;
    const std::uint64_t first = std::max(plan.first, begin) - begin;
    const std::uint64_t last = std::min(plan.last, begin + size - 1) - begin;
    return PieceRange{size, first / piece_size, last / piece_size};
}

/// Bytes of the wanted pieces, all in all.
std::uint64_t pieces_size(const SegmentPlan& plan)
{
    std::uint64_t sum = 0;
    for (unsigned index = 0; index < plan.profile.k; ++index)
        if (const auto pieces = pieces_of(plan, index))
            sum += ShardPart{.root = {}, .pieces = *pieces, .data = {}}.size();
    return sum;
}

/// The data shards that are touched give what is wanted more cheaply than any k shards.
bool is_part_enough(const SegmentPlan& plan)
{
    return pieces_size(plan) < plan.profile.k * shard_size(plan.profile, plan.length);
}

} // namespace

std::uint64_t SegmentFetch::memory_needed(const SegmentPlan& plan)
{
    return pieces_size(plan);
}

SegmentFetch::SegmentFetch(ReadContext& context, std::shared_ptr<Holders> holders,
                           std::size_t first_root, const SegmentPlan& plan)
    : context_{&context},
      holders_{std::move(holders)},
      first_root_{first_root},
      plan_{plan},
      slots_(plan.profile.shards())
{
    assert(plan.first <= plan.last && plan.last < plan.length);
    for (std::size_t i = 0; i < slots_.size(); ++i)
        slots_[i].part.root = holders_->roots()[first_root + i];
    if (is_part_enough(plan))
        want_pieces();
    else
        want_any();
    reserved_ = memory_needed(plan);
    context.memory += reserved_;
}

SegmentFetch::~SegmentFetch()
{
    context_->memory -= reserved_;
}

void SegmentFetch::want_pieces()
{
    is_partial_ = true;
    for (Slot& slot : slots_) slot.is_wanted = false;
    for (unsigned index = 0; index < plan_.profile.k; ++index) {
        const auto pieces = pieces_of(plan_, index);
        if (!pieces) continue;
        slots_[index].is_wanted = true;
        slots_[index].part.pieces = *pieces;
        slots_[index].part.next = pieces->first;
        ++needed_;
    }
}

void SegmentFetch::want_any()
{
    is_partial_ = false;
    needed_ = plan_.profile.k;
    const std::uint64_t size = shard_size(plan_.profile, plan_.length);
    for (Slot& slot : slots_) {
        release(slot);
        slot.is_wanted = true;
        slot.part.pieces = {size, 0, piece_count(size) - 1};
        slot.part.next = 0;
    }
}

/// Stops a read and gives its memory back; what was verified is lost.
void SegmentFetch::release(Slot& slot)
{
    slot.read.reset();
    slot.part.next = slot.part.pieces.first;
    if (!slot.part.data) return;
    slot.part.data.reset();
}

std::size_t SegmentFetch::count_complete() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_, [](const Slot& slot) { return slot.is_wanted && slot.part.is_complete(); }));
}

std::size_t SegmentFetch::count_reads(bool with_late) const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        slots_, [&](const Slot& slot) { return slot.read && (with_late || !slot.read->is_late); }));
}

void SegmentFetch::step()
{
    if (is_complete_) return;
    const std::uint64_t now = context_->session.now_ms();
    reap();
    is_complete_ = count_complete() >= needed_;
    if (is_complete_) return;
    const std::uint64_t answers_by_ms = holders_->asked_ms() + answers_ms;
    if (!is_started_ && holders_->pending() > 0 && now < answers_by_ms) {
        timer_ms_ = answers_by_ms;
        return;
    }
    is_started_ = true;
    note_late(now);
    fill();
    check_hope(now);
    set_timer(now);
}

SegmentFetch::Mark SegmentFetch::to_mark(ShardRead::End end)
{
    switch (end) {
    case ShardRead::End::complete:
        break;
    case ShardRead::End::absent:
        return Mark::absent;
    case ShardRead::End::damaged:
        return Mark::damaged;
    case ShardRead::End::cut:
        return Mark::cut;
    case ShardRead::End::slow:
        return Mark::slow;
    }
    assert(false && "a read that is complete leaves no mark");
    return Mark::cut;
}

/// Clears away the reads that are over.
void SegmentFetch::reap()
{
    for (Slot& slot : slots_) {
        if (!slot.read || !slot.read->end()) continue;
        if (slot.read->has_progress()) rounds_ = 0;
        if (*slot.read->end() != ShardRead::End::complete)
            slot.attempts.push_back({slot.read->provider(), to_mark(*slot.read->end())});
        slot.read.reset();
    }
}

void SegmentFetch::note_late(std::uint64_t now)
{
    for (Slot& slot : slots_) {
        if (!slot.read) continue;
        const std::uint64_t waited_ms = now - slot.read->moved_ms();
        if (waited_ms >= context_->options.patience_ms) {
            context_->add_fault(slot.read->provider(), "is too slow");
            slot.attempts.push_back({slot.read->provider(), Mark::slow});
            slot.read.reset();
        } else if (waited_ms >= context_->pace.late_ms() && !slot.read->is_late) {
            slot.read->is_late = true;
            context_->ranking.note_late(slot.read->provider());
        }
    }
}

bool SegmentFetch::was_tried(const Slot& slot, std::size_t provider)
{
    return std::ranges::find(slot.attempts, provider, &Attempt::provider) != slot.attempts.end();
}

std::optional<SegmentFetch::Candidate> SegmentFetch::find_candidate() const
{
    std::optional<Candidate> best;
    double least = 0;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[i];
        if (!slot.is_wanted || slot.part.is_complete() || (slot.read && !slot.read->is_late))
            continue;
        for (const std::size_t provider : holders_->of(first_root_ + i)) {
            if (was_tried(slot, provider) || (slot.read && slot.read->provider() == provider))
                continue;
            const double cost = context_->ranking.cost(provider, slot.part.size()) *
                                (i < plan_.profile.k ? 1 : parity_weight);
            if (best && cost >= least) continue;
            best = Candidate{i, provider};
            least = cost;
        }
    }
    return best;
}

/// Starts reads until as many are on their way, and not late, as are needed.
void SegmentFetch::fill()
{
    while (count_complete() + count_reads(false) < needed_) {
        const auto candidate = find_candidate();
        if (candidate) {
            start(*candidate);
            continue;
        }
        if (!is_partial_) return;
        want_any(); // a data shard that is wanted cannot be had, or not soon
    }
}

void SegmentFetch::start(const Candidate& candidate)
{
    Slot& slot = slots_[candidate.slot];
    if (slot.read) slot.attempts.push_back({slot.read->provider(), Mark::late});
    slot.read.reset();
    if (!slot.part.data) {
        make_room(candidate.slot);
        slot.part.data.emplace(slot.part.size());
        std::uint64_t used = 0;
        for (const Slot& other : slots_)
            if (other.part.data) used += other.part.size();
        const std::uint64_t reserved = std::max(reserved_, used);
        context_->memory += reserved - reserved_;
        reserved_ = reserved;
    }
    slot.read = std::make_unique<ShardRead>(*context_, candidate.provider, slot.part);
}

/// Where memory is short a late read ends when another is started in its place.
void SegmentFetch::make_room(std::size_t wanted)
{
    if (context_->memory + slots_[wanted].part.size() <= context_->options.memory_max + beside_max)
        return;
    for (Slot& slot : slots_) {
        const bool is_idle = !slot.read && slot.part.data && !slot.part.is_complete();
        if (!is_idle && (!slot.read || !slot.read->is_late)) continue;
        if (slot.read) slot.attempts.push_back({slot.read->provider(), Mark::late});
        release(slot);
        return;
    }
}

bool SegmentFetch::may_help_again(const Attempt& attempt)
{
    return attempt.mark == Mark::cut || attempt.mark == Mark::late;
}

bool SegmentFetch::can_retry() const
{
    return holders_->can_ask_again() || std::ranges::any_of(slots_, [](const Slot& slot) {
               return std::ranges::any_of(slot.attempts, may_help_again);
           });
}

/// What to do when too few reads are on their way: wait for answers, try again, or give up.
void SegmentFetch::check_hope(std::uint64_t now)
{
    if (count_complete() + count_reads(true) >= needed_ || holders_->pending() > 0) {
        retry_at_ms_ = 0;
        return;
    }
    if (retry_at_ms_ == 0) {
        if (rounds_ == round_delays_ms.size() || !can_retry()) fail();
        retry_at_ms_ = now + round_delays_ms.at(rounds_++);
        return;
    }
    if (now < retry_at_ms_) return;
    retry_at_ms_ = 0;
    for (Slot& slot : slots_) std::erase_if(slot.attempts, may_help_again);
    holders_->ask_again();
    context_->is_changed = true;
}

void SegmentFetch::set_timer(std::uint64_t now)
{
    timer_ms_ = retry_at_ms_ == 0 ? UINT64_MAX : retry_at_ms_;
    for (const Slot& slot : slots_) {
        if (!slot.read) continue;
        const std::uint64_t wait_ms =
            slot.read->is_late ? context_->options.patience_ms : context_->pace.late_ms();
        timer_ms_ = std::min(timer_ms_, std::max(now + 1, slot.read->moved_ms() + wait_ms));
    }
}

void SegmentFetch::fail() const
{
    std::size_t good = 0;
    std::size_t damaged = 0;
    for (const Slot& slot : slots_) {
        const bool is_damaged =
            std::ranges::find(slot.attempts, Mark::damaged, &Attempt::mark) != slot.attempts.end();
        if (slot.part.is_complete())
            ++good;
        else if (is_damaged)
            ++damaged;
    }
    const std::string what = "segment " + std::to_string(plan_.segment) + " has " +
                             std::to_string(good) + " good shards of the " +
                             std::to_string(plan_.profile.k) + " that are needed (asked " +
                             std::to_string(context_->providers()) +
                             " providers: " + std::to_string(holders_->silent()) +
                             " did not answer, " + std::to_string(damaged) + " shards are damaged)";
    throw Error{good + damaged >= plan_.profile.k ? Exit::data : Exit::unavail, what};
}

SegmentShards SegmentFetch::take()
{
    assert(is_complete_);
    SegmentShards shards;
    shards.segment = plan_.segment;
    shards.length = plan_.length;
    shards.profile = plan_.profile;
    shards.is_partial = is_partial_;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[i];
        slot.read.reset();
        shards.roots.push_back(slot.part.root);
        if (!slot.is_wanted || !slot.part.is_complete() || shards.parts.size() == needed_) continue;
        shards.parts.push_back({.index = static_cast<unsigned>(i),
                                .offset = slot.part.pieces.first * piece_size,
                                .size = slot.part.size(),
                                .data = std::move(*slot.part.data)});
    }
    return shards;
}

} // namespace cairn::detail
