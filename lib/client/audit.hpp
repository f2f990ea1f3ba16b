#pragma once

#include "audit/transcript.hpp"
#include "base/entropy.hpp"
#include "client/session.hpp"
#include "format/link.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// That a provider has promised a shard, as its receipt says.
struct PromisedShard {
    Ed25519PublicKey provider;
    ShardRoot root;
};

struct AuditOptions {
    NetworkId network;
    const SignedAuditKey* key;     ///< the owner's; must live longer
    const Ed25519KeyPair* auditor; ///< the session's owner; must live longer
    std::uint64_t blocks = 32;     ///< asked of each provider at a time; at most prove_blocks_max
    std::optional<AuditBeacon> beacon{};
    std::vector<PromisedShard> promised{}; ///< of any objects
    bool is_recorded = false;              ///< the transcript is to be written
    std::uint64_t patience_ms = 30'000;
    std::function<std::uint64_t()> now_s{}; ///< wall clock
    std::function<void(std::uint64_t bytes)>
        checked{}; ///< so much more is asked about; may be empty
};

/// What a provider has of the object, and whether it could show it.
struct ProviderAudit {
    std::size_t provider = 0; ///< index in Session::providers()
    AuditOutcome outcome = AuditOutcome::passed;
    std::uint64_t shards = 0;
    std::uint64_t bytes = 0; ///< of these
    std::string reason;      ///< where it did not pass
};

struct AuditReport {
    Transcript transcript;                  ///< signed
    std::vector<ProviderAudit> providers{}; ///< that say or have promised that they have a shard
    std::uint64_t shards = 0;               ///< different ones of the object, with its manifest
    std::uint64_t missing = 0;              ///< of these, which no provider says that it has
    std::size_t silent = 0;                 ///< providers that did not say what they have

    /// Whether everything is somewhere, and all who have or promised something have shown it.
    [[nodiscard]] bool is_good() const;
};

/// Asks every provider that has shards of an object for blocks of them that nobody could foresee,
/// and checks the proofs. Throws Error{no}, Error{unavail} or Error{data} when the object's
/// manifest cannot be had, and Error{usage} when a transcript that is to be written would be too
/// large.
AuditReport audit(Session& session, Entropy& entropy, LinkKind kind, const ObjectId& id,
                  const AuditOptions& options);

} // namespace cairn
