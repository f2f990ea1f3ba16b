#pragma once

#include "client/object_reader.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cairn {

/// The shards of one segment.
struct SegmentStanding {
    std::uint64_t segment = 0;
    bool is_of_manifest = false; ///< of the manifest, which is an object too, not of the object
    unsigned good = 0;           ///< of the k+m, those that have a provider of their own
    unsigned damaged = 0;        ///< of the others, those that somebody has, but damaged
    unsigned needed = 0;         ///< k
    unsigned wanted = 0;         ///< k+m
    std::vector<std::vector<std::size_t>> holders; ///< in good order, for each of the k+m shards
};

struct SurveyOptions {
    bool is_deep = false; ///< every shard is read and verified, at every provider that has it
    std::uint64_t patience_ms = 30'000;
    /// Told of each segment, in order, those of the manifest first; may be empty.
    std::function<void(const SegmentStanding&)> segment{};
    std::function<void(std::uint64_t bytes)> checked{}; ///< so much more of the object is done
};

/// One provider's part of an object.
struct ProviderStanding {
    bool is_silent = false; ///< it did not answer, at least once: `reason`
    std::string reason;
    bool has_root = false; ///< the manifest, or the object in whole copies
    std::uint64_t shards = 0;
    std::uint64_t bytes = 0;
    std::uint64_t damaged = 0; ///< shards
};

enum class ObjectHealth {
    good,
    degraded, ///< it can be read, but repair() finds something missing
    lost,     ///< from the providers that answer it cannot be read
};

struct Survey {
    ObjectHealth health = ObjectHealth::good;
    std::uint64_t roots = 0;                 ///< copies of the manifest, or of the object
    std::uint64_t roots_wanted = 0;          ///< with all who have a shard; of the object three
    std::vector<ProviderStanding> providers; ///< as in Session::providers()
};

/// Asks all providers what they have of an object, as repair() does. Throws what
/// ObjectReader::roots throws.
Survey take_survey(Session& session, ObjectReader& object, LinkKind kind, const ObjectId& id,
                   const SurveyOptions& options = {});

} // namespace cairn
