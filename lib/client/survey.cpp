#include "client/survey.hpp"

#include "client/detail/object_census.hpp"

namespace cairn {
namespace {

using detail::Census;
using detail::ManifestState;
using detail::ObjectCensus;
using detail::SegmentState;
using detail::ShardCensus;

SegmentStanding to_standing(const SegmentState& state, const Profile& profile)
{
    SegmentStanding standing;
    standing.segment = *state.segment;
    standing.needed = profile.k;
    standing.wanted = profile.shards();
    standing.good = static_cast<unsigned>(state.keepers.size());
    for (const unsigned index : state.missing)
        if (!state.shards[index].damaged.empty()) ++standing.damaged;
    for (const ShardCensus& shard : state.shards) standing.holders.push_back(shard.holders);
    return standing;
}

class Surveyor {
public:
    Surveyor(Session& session, const SurveyOptions& options)
        : context_{session, {.patience_ms = options.patience_ms}},
          census_{context_, {.is_deep = options.is_deep}},
          options_{&options}
    {
        survey_.providers.resize(context_.providers());
    }

    void look_at_segments(ObjectReader& reader, bool is_of_manifest)
    {
        const ManifestHead& head = reader.head();
        ObjectCensus object{reader, census_};
        for (;;) {
            const std::vector<SegmentState> states = object.next();
            if (states.empty()) return;
            for (const SegmentState& state : states) {
                account(state, head.profile.k);
                SegmentStanding standing = to_standing(state, head.profile);
                standing.is_of_manifest = is_of_manifest;
                if (options_->segment) options_->segment(standing);
                if (options_->checked) options_->checked(head.segment_length(*state.segment));
            }
        }
    }

    void look_at_manifests(const ObjectReader& reader, const ObjectId& id)
    {
        const ManifestState state = detail::count_manifests(census_, reader, id, keepers_);
        survey_.roots = state.wanted - state.missing;
        survey_.roots_wanted = state.wanted;
        for (const std::size_t provider : state.copies.holders)
            survey_.providers[provider].has_root = true;
        for (const std::size_t provider : state.copies.damaged)
            ++survey_.providers[provider].damaged;
        note(state.missing == 0, state.copies.holders.empty());
    }

    void look_at_copies(const ObjectReader& reader, const ObjectId& id)
    {
        const SegmentState state = detail::count_copies(census_, reader, id);
        account(state, 1);
        survey_.roots = state.holders.size();
        survey_.roots_wanted = state.shards.size();
        for (const std::size_t provider : state.holders)
            survey_.providers[provider].has_root = true;
        if (options_->checked) options_->checked(state.size);
    }

    Survey finish()
    {
        for (std::size_t provider = 0; provider < survey_.providers.size(); ++provider)
            survey_.providers[provider].is_silent = census_.is_silent(provider);
        for (const ProviderFault& fault : context_.faults)
            if (!fault.is_lie) survey_.providers[fault.provider].reason = fault.what;
        return std::move(survey_);
    }

private:
    void account(const SegmentState& state, unsigned needed)
    {
        note(state.missing.empty(), state.rebuildable_from < needed);
        keepers_.insert(state.keepers.begin(), state.keepers.end());
        for (const ShardCensus* shard : state.distinct()) {
            for (const std::size_t provider : shard->holders) {
                ++survey_.providers[provider].shards;
                survey_.providers[provider].bytes += state.size;
            }
            for (const std::size_t provider : shard->damaged) ++survey_.providers[provider].damaged;
        }
    }

    void note(bool is_good, bool is_lost)
    {
        if (is_lost)
            survey_.health = ObjectHealth::lost;
        else if (!is_good && survey_.health == ObjectHealth::good)
            survey_.health = ObjectHealth::degraded;
    }

    detail::ReadContext context_;
    Census census_;
    const SurveyOptions* options_;
    Survey survey_;
    std::set<std::size_t> keepers_; // who has a shard
};

} // namespace

Survey take_survey(Session& session, ObjectReader& object, LinkKind kind, const ObjectId& id,
                   const SurveyOptions& options)
{
    Surveyor surveyor{session, options};
    if (kind == LinkKind::whole) {
        surveyor.look_at_copies(object, id);
        return surveyor.finish();
    }
    if (const auto manifest = object.manifest()) surveyor.look_at_segments(*manifest, true);
    surveyor.look_at_segments(object, false);
    surveyor.look_at_manifests(object, id);
    return surveyor.finish();
}

} // namespace cairn
