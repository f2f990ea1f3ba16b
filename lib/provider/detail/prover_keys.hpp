#pragma once

#include "audit/signed_key.hpp"
#include "depot/depot.hpp"

#include <list>
#include <mutex>

namespace cairn::detail {

/// The prover keys that are here. Some are kept in memory, because it takes long to decode one.
/// Safe for use from several threads.
class ProverKeys {
public:
    explicit ProverKeys(Depot& depot) : depot_{&depot} {}

    using Key = std::shared_ptr<const SignedProverKey>;

    /// Null when it is not here.
    Key find(const AuditKeyId& id);

    /// Of its blocks; none when the key is not here.
    [[nodiscard]] std::optional<std::uint32_t> sectors_of(const AuditKeyId& id) const;

    /// Whether find() has nothing to decode.
    [[nodiscard]] bool is_in_memory(const AuditKeyId& id) const;

    /// Keeps one in memory, for when it is here.
    void keep(Key key);

private:
    Key kept(const AuditKeyId& id);
    Key load(const AuditKeyId& id) const;

    Depot* depot_;
    mutable std::mutex mutex_;
    std::list<Key> kept_; // what was used last is first
};

} // namespace cairn::detail
