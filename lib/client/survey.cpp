#include "client/survey.hpp"

#include "client/detail/holders.hpp"
#include "client/detail/shard_read.hpp"
#include "client/put_options.hpp"

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <set>

namespace cairn {
namespace {

using detail::Holders;
using detail::ReadContext;
using detail::ShardPart;
using detail::ShardRead;

using RootBytes = std::array<std::byte, Blake3Digest::size>;

constexpr std::uint64_t look_ms = 1'000; // how long nothing at all may happen without a look
constexpr std::size_t reads_max = 2;     // of one provider at a time

/// A shard at a provider, to be read.
struct Check {
    std::size_t root = 0; // of the batch
    std::size_t provider = 0;
    ShardPart part;
    std::unique_ptr<ShardRead> read;
};

/// Some segments of an object: who has which shards, and in which state.
class Batch {
public:
    Batch(ReadContext& context, std::vector<Blake3Digest> roots)
        : context_{&context},
          holders_{context, std::move(roots)}
    {
    }

    /// Waits for all answers.
    void ask()
    {
        while (holders_.pending() > 0)
            context_->session.run([&] { return holders_.pending() == 0; },
                                  context_->session.now_ms() + look_ms);
        for (std::size_t root = 0; root < holders_.roots().size(); ++root)
            for (const std::size_t provider : holders_.of(root)) good_[root].insert(provider);
    }

    /// Reads every shard at every provider that has it. `size_of` tells the size of a root's shard.
    void check(const std::function<std::uint64_t(std::size_t root)>& size_of,
               const std::function<void(std::uint64_t bytes)>& done)
    {
        std::set<std::pair<RootBytes, std::size_t>> seen; // equal shards are stored once
        std::deque<Check> waiting;
        for (const auto& [root, providers] : good_)
            for (const std::size_t provider : providers) {
                if (!seen.emplace(holders_.roots()[root].bytes, provider).second) continue;
                const std::uint64_t size = size_of(root);
                waiting.push_back({root,
                                   provider,
                                   {.root = holders_.roots()[root],
                                    .pieces = {size, 0, piece_count(size) - 1},
                                    .data = {}},
                                   nullptr});
            }
        std::list<Check> running;
        while (!waiting.empty() || !running.empty()) {
            start(waiting, running);
            context_->is_changed = false;
            context_->session.run([&] { return context_->is_changed; },
                                  context_->session.now_ms() + look_ms);
            reap(running, done);
        }
    }

    [[nodiscard]] std::span<const Blake3Digest> roots() const { return holders_.roots(); }
    [[nodiscard]] const std::set<std::size_t>& good(std::size_t root) { return good_[root]; }
    [[nodiscard]] const std::set<std::size_t>& damaged(std::size_t root) { return damaged_[root]; }

private:
    /// As many as the memory and the providers' turns allow.
    void start(std::deque<Check>& waiting, std::list<Check>& running)
    {
        for (auto check = waiting.begin(); check != waiting.end();) {
            const auto busy = std::ranges::count(running, check->provider, &Check::provider);
            const std::uint64_t size = check->part.size();
            if (!running.empty() && context_->memory + size > context_->options.memory_max) return;
            if (static_cast<std::size_t>(busy) >= reads_max) {
                ++check;
                continue;
            }
            context_->memory += size;
            Check& started = running.emplace_back(std::move(*check));
            check = waiting.erase(check);
            started.part.data.emplace(size);
            started.read = std::make_unique<ShardRead>(*context_, started.provider, started.part);
        }
    }

    void reap(std::list<Check>& running, const std::function<void(std::uint64_t bytes)>& done)
    {
        const std::uint64_t now = context_->session.now_ms();
        for (auto check = running.begin(); check != running.end();) {
            const bool is_late = now - check->read->moved_ms() >= context_->options.patience_ms;
            if (!check->read->end() && !is_late) {
                ++check;
                continue;
            }
            settle(*check);
            if (done) done(check->part.size());
            context_->memory -= check->part.size();
            check = running.erase(check);
        }
    }

    void settle(const Check& check)
    {
        const auto end = check.read->end().value_or(ShardRead::End::slow);
        if (end == ShardRead::End::complete) return;
        for (std::size_t root = 0; root < roots().size(); ++root) {
            if (roots()[root] != check.part.root) continue;
            good_[root].erase(check.provider);
            if (end == ShardRead::End::damaged) damaged_[root].insert(check.provider);
        }
    }

    ReadContext* context_;
    Holders holders_;
    std::map<std::size_t, std::set<std::size_t>> good_;
    std::map<std::size_t, std::set<std::size_t>> damaged_;
};

class Surveyor {
public:
    Surveyor(Session& session, const SurveyOptions& options)
        : context_{session, {.patience_ms = options.patience_ms}},
          options_{&options}
    {
        survey_.providers.resize(session.providers().size());
    }

    void look_at_root(LinkKind kind, const ObjectId& id, ObjectReader& object)
    {
        Batch batch{context_, {{id.bytes}}};
        batch.ask();
        if (options_->is_deep)
            batch.check([&](std::size_t) { return object.root_bytes().size(); }, {});
        for (const std::size_t provider : batch.good(0)) {
            survey_.providers[provider].has_root = true;
            if (kind == LinkKind::whole) add_shard(provider, object.root_bytes().size());
        }
        for (const std::size_t provider : batch.damaged(0)) ++survey_.providers[provider].damaged;
        survey_.roots = static_cast<unsigned>(batch.good(0).size());
        survey_.roots_wanted = kind == LinkKind::whole ? whole_copies : object.head().profile.m + 1;
        note(survey_.roots, 1, survey_.roots_wanted);
    }

    void look_at_segments(ObjectReader& object, bool is_of_manifest)
    {
        const ManifestHead& head = object.head();
        const unsigned shards = head.profile.shards();
        const std::uint64_t step = std::max<std::uint64_t>(1, has_roots_max / shards);
        for (std::uint64_t first = 0; first < head.segments(); first += step) {
            const std::uint64_t count = std::min(step, head.segments() - first);
            Batch batch{context_, object.roots(first, count)};
            batch.ask();
            const auto size_of = [&](std::size_t root) {
                return shard_size(head.profile, head.segment_length(first + root / shards));
            };
            if (options_->is_deep) batch.check(size_of, options_->done);
            for (std::uint64_t i = 0; i < count; ++i) {
                SegmentStanding standing = judge(batch, i * shards, head.profile);
                standing.segment = first + i;
                standing.is_of_manifest = is_of_manifest;
                account(batch, i * shards, shards, size_of(i * shards));
                note(standing.good, standing.needed, standing.wanted);
                survey_.segments.push_back(std::move(standing));
            }
        }
    }

    Survey finish()
    {
        for (const ProviderFault& fault : context_.faults) {
            if (fault.is_lie) continue;
            survey_.providers[fault.provider].is_silent = true;
            survey_.providers[fault.provider].reason = fault.what;
        }
        return std::move(survey_);
    }

private:
    void add_shard(std::size_t provider, std::uint64_t size)
    {
        ++survey_.providers[provider].shards;
        survey_.providers[provider].bytes += size;
    }

    void account(Batch& batch, std::size_t first, unsigned shards, std::uint64_t size)
    {
        std::set<std::pair<RootBytes, std::size_t>> seen;
        for (std::size_t root = first; root < first + shards; ++root) {
            for (const std::size_t provider : batch.good(root))
                if (seen.emplace(batch.roots()[root].bytes, provider).second)
                    add_shard(provider, size);
            for (const std::size_t provider : batch.damaged(root))
                if (seen.emplace(batch.roots()[root].bytes, provider).second)
                    ++survey_.providers[provider].damaged;
        }
    }

    /// Of shards that are equal, as copies are, each needs a provider of its own.
    static SegmentStanding judge(Batch& batch, std::size_t first, const Profile& profile)
    {
        SegmentStanding standing;
        standing.needed = profile.k;
        standing.wanted = profile.shards();
        std::map<RootBytes, std::size_t> used; // how many shards of a root were met
        for (std::size_t root = first; root < first + profile.shards(); ++root) {
            const auto& good = batch.good(root);
            standing.holders.emplace_back(good.begin(), good.end());
            if (used[batch.roots()[root].bytes]++ < good.size())
                ++standing.good;
            else if (!batch.damaged(root).empty())
                ++standing.damaged;
        }
        return standing;
    }

    void note(unsigned good, unsigned needed, unsigned wanted)
    {
        if (good < needed)
            survey_.health = ObjectHealth::lost;
        else if (good < wanted && survey_.health == ObjectHealth::good)
            survey_.health = ObjectHealth::degraded;
    }

    ReadContext context_;
    const SurveyOptions* options_;
    Survey survey_;
};

} // namespace

Survey take_survey(Session& session, ObjectReader& object, LinkKind kind, const ObjectId& id,
                   const SurveyOptions& options)
{
    Surveyor surveyor{session, options};
    surveyor.look_at_root(kind, id, object);
    if (const auto manifest = object.manifest()) surveyor.look_at_segments(*manifest, true);
    if (kind != LinkKind::whole) surveyor.look_at_segments(object, false);
    return surveyor.finish();
}

} // namespace cairn
