#pragma once

#include "client/object_reader.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cairn {

struct SurveyOptions {
    bool is_deep = false; ///< every shard is read and verified, at every provider that has it
    std::uint64_t patience_ms = 30'000;
    std::function<void(std::uint64_t bytes)> done{}; ///< told of every shard looked at
};

/// The shards of one segment.
struct SegmentStanding {
    std::uint64_t segment = 0;
    bool is_of_manifest = false; ///< of the manifest, which is an object too, not of the object
    unsigned good = 0;           ///< of the k+m, those that somebody has
    unsigned damaged = 0;        ///< those that nobody has in good order, though somebody has them
    unsigned needed = 0;         ///< k
    unsigned wanted = 0;         ///< k+m
    std::vector<std::vector<std::size_t>> holders; ///< in good order, for each of the k+m shards
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
    degraded, ///< it can be read, but bears less loss than it should
    lost,     ///< from the providers that answer it cannot be read
};

struct Survey {
    ObjectHealth health = ObjectHealth::good;
    unsigned roots = 0;        ///< copies of the manifest, or of the object
    unsigned roots_wanted = 0; ///< for as much loss as the shards bear
    std::vector<SegmentStanding> segments;
    std::vector<ProviderStanding> providers; ///< as in Session::providers()
};

/// Asks all providers what they have of an object. Throws what ObjectReader::roots throws.
Survey take_survey(Session& session, ObjectReader& object, LinkKind kind, const ObjectId& id,
                   const SurveyOptions& options = {});

} // namespace cairn
