#include "client/detail/object_census.hpp"

#include "client/detail/matching.hpp"
#include "client/put_options.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace cairn::detail {
namespace {

/// What is missing of one segment, given who has which of its shards.
SegmentState assess(std::optional<std::uint64_t> segment, std::vector<ShardCensus> shards)
{
    SegmentState state;
    state.segment = segment;
    state.size = shards.front().item.size;
    state.shards = std::move(shards);
    std::vector<std::vector<std::size_t>> holders;
    for (const ShardCensus& shard : state.shards) {
        holders.push_back(shard.holders);
        state.holders.insert(shard.holders.begin(), shard.holders.end());
        state.losers.insert(shard.losers.begin(), shard.losers.end());
        if (!shard.holders.empty()) ++state.rebuildable_from;
    }
    const auto keepers = match_holders(holders);
    for (unsigned i = 0; i < keepers.size(); ++i)
        if (keepers[i])
            state.keepers.push_back(*keepers[i]);
        else
            state.missing.push_back(i);
    return state;
}

bool is_whole(const std::vector<SegmentState>& states)
{
    return std::ranges::all_of(states,
                               [](const SegmentState& state) { return state.missing.empty(); });
}

SegmentState assess_copies(const ShardCensus& copy)
{
    return assess(std::nullopt, std::vector(whole_copies, copy));
}

ManifestState assess_manifests(const ShardCensus& copies, const ManifestHead& head,
                               const std::set<std::size_t>& keepers)
{
    ManifestState state;
    state.copies = copies;
    if (head.segments() == 0) {
        state.wanted = head.profile.shards();
        state.missing = state.wanted - std::min(state.wanted, copies.holders.size());
        return state;
    }
    state.wanted = keepers.size();
    const std::set<std::size_t> holders{copies.holders.begin(), copies.holders.end()};
    std::ranges::set_difference(keepers, holders, std::back_inserter(state.without));
    state.missing = state.without.size();
    return state;
}

} // namespace

std::vector<const ShardCensus*> SegmentState::distinct() const
{
    std::set<ShardRoot> seen;
    std::vector<const ShardCensus*> different;
    for (const ShardCensus& shard : shards)
        if (seen.insert(shard.item.root).second) different.push_back(&shard);
    return different;
}

ObjectCensus::ObjectCensus(ObjectReader& object, Census& census)
    : object_{&object},
      census_{&census}
{
}

std::vector<SegmentState> ObjectCensus::next()
{
    const ManifestHead& head = object_->head();
    const unsigned shards = head.profile.shards();
    const std::uint64_t count =
        std::min(std::max<std::uint64_t>(1, has_roots_max / shards), head.segments() - first_);
    if (count == 0) return {};
    const std::vector<Blake3Digest> roots = object_->roots(first_, count);
    std::set<ShardRoot> seen;
    std::vector<ShardItem> items;
    for (std::size_t i = 0; i < roots.size(); ++i) // some may be equal, with k = 1 all of a segment
        if (seen.insert(roots[i]).second)
            items.push_back(
                {roots[i], shard_size(head.profile, head.segment_length(first_ + i / shards))});
    const auto found = census_->take(items, [&](const std::vector<ShardCensus>& so_far) {
        return is_whole(assess_all(roots, so_far));
    });
    std::vector<SegmentState> states = assess_all(roots, found);
    first_ += count;
    return states;
}

std::vector<SegmentState> ObjectCensus::assess_all(std::span<const Blake3Digest> roots,
                                                   const std::vector<ShardCensus>& found) const
{
    std::map<ShardRoot, const ShardCensus*> by_root;
    for (const ShardCensus& shard : found) by_root.emplace(shard.item.root, &shard);
    const unsigned shards = object_->head().profile.shards();
    std::vector<SegmentState> states;
    for (std::size_t at = 0; at < roots.size(); at += shards) {
        std::vector<ShardCensus> of_segment;
        for (const Blake3Digest& root : roots.subspan(at, shards))
            of_segment.push_back(*by_root.at(root));
        states.push_back(assess(first_ + states.size(), std::move(of_segment)));
    }
    return states;
}

SegmentState count_copies(Census& census, const ObjectReader& object, const ObjectId& id)
{
    const auto found = census.take({{{id.bytes}, object.root_bytes().size()}},
                                   [](const std::vector<ShardCensus>& so_far) {
                                       return assess_copies(so_far.front()).missing.empty();
                                   });
    return assess_copies(found.front());
}

ManifestState count_manifests(Census& census, const ObjectReader& object, const ObjectId& id,
                              const std::set<std::size_t>& keepers)
{
    const auto assess_found = [&](const std::vector<ShardCensus>& found) {
        return assess_manifests(found.front(), object.head(), keepers);
    };
    return assess_found(census.take(
        {{{id.bytes}, object.root_bytes().size()}},
        [&](const std::vector<ShardCensus>& so_far) { return assess_found(so_far).missing == 0; }));
}

} // namespace cairn::detail
