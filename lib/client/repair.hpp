#pragma once

#include "base/entropy.hpp"
#include "client/read_options.hpp"
#include "client/session.hpp"
#include "format/link.hpp"
#include "format/manifest.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// A shard that has a provider again.
struct RepairedShard {
    std::optional<std::uint64_t> segment; ///< none: the manifest, or an object in whole copies
    unsigned index = 0;
    std::size_t provider = 0; ///< index in Session::providers()
};

struct ObjectRepairOptions {
    NetworkId network;
    AccountId owner;         ///< the session's: whose the new entries are
    bool is_deep = false;    ///< every copy is read; else providers are believed
    bool is_dry_run = false; ///< nothing is stored
    std::uint64_t memory_max = std::uint64_t{96} << 20U; ///< bytes of shards
    std::uint64_t patience_ms = 30'000;
    std::function<void(ByteView receipt)> receipt{};      ///< each once; may be empty
    std::function<void(const RepairedShard&)> repaired{}; ///< may be empty
    std::function<void(std::uint64_t bytes)> checked{};   ///< so much more of the object is done
};

/// What was found, and what became of it. Shards are those of the object and of a manifest that is
/// an object itself; in whole copies each copy counts as one.
struct RepairReport {
    Profile profile;
    std::uint64_t size = 0; ///< bytes of the object as it is stored
    std::uint64_t segments = 0;
    std::uint64_t shards = 0;    ///< that there should be, each with a provider of its own
    std::uint64_t missing = 0;   ///< of these
    std::uint64_t damaged = 0;   ///< copies that were read and are not what they should be
    std::uint64_t repaired = 0;  ///< of the missing ones
    std::uint64_t lost = 0;      ///< segments that cannot be rebuilt from what can be reached
    std::uint64_t manifests = 0; ///< copies of the manifest that there should be
    std::uint64_t manifests_missing = 0;
    std::uint64_t manifests_repaired = 0;
    std::uint64_t tags_missing = 0; ///< shards with a provider that has not their tags
    std::uint64_t tags_repaired = 0;
    std::size_t silent = 0; ///< providers that did not answer
    std::string fault;      ///< why the last shard that was not stored was not
    std::vector<ProviderFault> faults;

    /// Whether nothing was missing.
    [[nodiscard]] bool was_healthy() const
    {
        return missing + manifests_missing + tags_missing + lost == 0;
    }

    /// Whether nothing is missing any more.
    [[nodiscard]] bool is_healthy() const
    {
        return lost == 0 && repaired == missing && manifests_repaired == manifests_missing &&
               tags_repaired == tags_missing;
    }
};

/// Finds which shards of an object are where, rebuilds those that are missing from any k others,
/// and stores them with providers that have none of their segment; the manifest goes to every
/// provider that has a shard, and where the owner has tagged them, so do the tags. Needs no key.
/// Doing it again does no harm, and nothing when all is well. Throws Error{no}, Error{unavail} or
/// Error{data} when the object's manifest cannot be had, and Error{data} when it contradicts
/// itself.
RepairReport repair(Session& session, Entropy& entropy, LinkKind kind, const ObjectId& id,
                    const ObjectRepairOptions& options);

} // namespace cairn
