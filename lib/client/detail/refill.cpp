#include "client/detail/refill.hpp"

#include <algorithm>
#include <utility>

namespace cairn::detail {
namespace {

constexpr std::uint64_t tick_ms = 50;

} // namespace

Refill::Refill(Session& session, Entropy& entropy, const Census& census,
               const ObjectRepairOptions& options)
    : session_{&session},
      census_{&census},
      memory_max_{options.memory_max / 3},
      pool_{session, entropy},
      uploader_{session, options.network, options.owner, options.receipt}
{
}

Refill::~Refill() = default;

/// Who has nothing of the segment comes first, then who lost what it had, then who has a shard
/// that another has too.
std::vector<std::size_t> Refill::candidates(const SegmentState& state)
{
    std::vector<std::size_t> list = pool_.candidates(state.size, used_);
    std::erase_if(list, [&](std::size_t provider) {
        return census_->is_silent(provider) || census_->has_lied(provider) ||
               std::ranges::find(state.keepers, provider) != state.keepers.end();
    });
    const auto rank = [&](std::size_t provider) {
        return state.holders.contains(provider) ? 2 : state.losers.contains(provider) ? 1 : 0;
    };
    std::ranges::stable_sort(list, {}, rank);
    return list;
}

void Refill::add(const SegmentState& state, std::vector<OutgoingShard> shards, Done done)
{
    start(state.missing, candidates(state), std::move(shards), std::move(done));
    wait(memory_max_);
}

void Refill::add_at(const std::vector<std::size_t>& providers, const OutgoingShard& shard,
                    Done done)
{
    std::vector<unsigned> indices(providers.size());
    for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<unsigned>(i);
    start(std::move(indices), providers, std::vector(providers.size(), shard), std::move(done));
    wait(memory_max_);
}

void Refill::start(std::vector<unsigned> indices, const std::vector<std::size_t>& candidates,
                   std::vector<OutgoingShard> shards, Done done)
{
    Job& job = jobs_.emplace_back();
    for (const OutgoingShard& shard : shards) job.size += shard.item.size;
    memory_ += job.size;
    job.indices = std::move(indices);
    job.done = std::move(done);
    job.placement =
        std::make_unique<Placement>(pool_, candidates, shards.size(), shards.front().item.size);
    const auto count = static_cast<unsigned>(shards.size());
    job.spread =
        std::make_unique<Spread>(uploader_, pool_, *job.placement, std::move(shards), count);
    job.spread->start({.stored = [](const Holder&) {}, .over = [] {}});
}

void Refill::finish()
{
    wait(0);
}

/// Until so few bytes are on their way.
void Refill::wait(std::uint64_t memory_max)
{
    for (;;) {
        const bool is_done = session_->run(
            [&] {
                reap();
                uploader_.flush();
                return memory_ <= memory_max && (memory_max > 0 || jobs_.empty());
            },
            session_->now_ms() + tick_ms);
        if (is_done) return;
        for (Job& job : jobs_) job.spread->tick();
    }
}

void Refill::reap()
{
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        if (!job->spread->is_over()) {
            ++job;
            continue;
        }
        memory_ -= job->size;
        for (std::size_t slot = 0; slot < job->indices.size(); ++slot) {
            const auto& holder = job->spread->holder(slot);
            const auto provider = holder ? std::optional{holder->provider} : std::nullopt;
            if (provider && std::ranges::find(used_, *provider) == used_.end())
                used_.push_back(*provider);
            job->done(job->indices[slot], provider, job->spread->fault());
        }
        job = jobs_.erase(job);
    }
}

} // namespace cairn::detail
