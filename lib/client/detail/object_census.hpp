#pragma once

#include "client/detail/census.hpp"
#include "client/object_reader.hpp"

#include <optional>
#include <set>
#include <vector>

namespace cairn::detail {

/// The shards of one segment, or copies, and who has them.
struct SegmentState {
    std::optional<std::uint64_t> segment; ///< none: copies
    std::uint64_t size = 0;               ///< bytes of each shard
    std::vector<ShardCensus> shards;      ///< all k+m
    std::vector<unsigned> missing;        ///< shards that have no provider of their own
    std::vector<std::size_t> keepers;     ///< the providers of the others
    std::set<std::size_t> holders;        ///< all that have a shard of it, keepers or not
    std::set<std::size_t> losers;         ///< had one that they cannot give
    std::size_t rebuildable_from = 0;     ///< different shards that there are

    /// The shards that are different: equal ones are stored once.
    [[nodiscard]] std::vector<const ShardCensus*> distinct() const;
};

/// Who has the shards of an object, segment by segment.
class ObjectCensus {
public:
    /// Both must live longer.
    ObjectCensus(ObjectReader& object, Census& census);

    /// The next segments, as many as one question may ask for; none after the last.
    std::vector<SegmentState> next();

private:
    [[nodiscard]] std::vector<SegmentState> assess_all(std::span<const Blake3Digest> roots,
                                                       const std::vector<ShardCensus>& found) const;

    ObjectReader* object_;
    Census* census_;
    std::uint64_t first_ = 0;
};

/// Who has an object of which there are only copies.
SegmentState count_copies(Census& census, const ObjectReader& object, const ObjectId& id);

/// Copies of a manifest: everybody who has a shard should have one; where nobody has a shard
/// because there are none, there should be as many as there would be shards.
struct ManifestState {
    ShardCensus copies;
    std::size_t wanted = 0;
    std::size_t missing = 0;          ///< of these
    std::vector<std::size_t> without; ///< have a shard and no manifest
};

/// `keepers` are those who have a shard.
ManifestState count_manifests(Census& census, const ObjectReader& object, const ObjectId& id,
                              const std::set<std::size_t>& keepers);

} // namespace cairn::detail
