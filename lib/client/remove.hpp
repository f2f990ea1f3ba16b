#pragma once

#include "client/session.hpp"
#include "format/link.hpp"

#include <set>
#include <span>
#include <string>
#include <vector>

namespace cairn {

/// What was removed.
struct RemoveReport {
    std::uint64_t dropped = 0; ///< entries at providers
    std::uint64_t kept = 0;    ///< manifests, for the next time, because somebody was silent
    std::size_t silent = 0;    ///< providers that did not answer
};

/// Drops everything that an owner has of objects, at all providers of a session: first the shards
/// and their tags, then the manifests, so that it can be done again after an interruption.
class Remover {
public:
    /// `session`, whose owner it is, and `owner` must live longer.
    Remover(Session& session, const NetworkId& network, const Ed25519KeyPair& owner,
            std::uint64_t patience_ms = 30'000);

    /// Drops an object's shards, at the latest with finish(). Throws Error{no} when no provider has
    /// it, Error{unavail} when its manifest cannot be had because some did not answer, Error{data}
    /// when it is damaged.
    void remove(const Link& link);

    /// Drops a shard, at the latest with finish().
    void add(const ShardRoot& root);

    /// Drops what is left. Where a provider did not answer manifests stay, unless `is_final`:
    /// without them nobody knows what it has.
    RemoveReport finish(bool is_final);

private:
    using Orders = std::vector<std::vector<DropItem>>; // of each provider

    void flush();
    void drop(const std::vector<ShardRoot>& roots, bool are_tags);
    void ask(std::size_t provider, const std::vector<ShardRoot>& roots, Orders& orders);
    void ask_tags(std::size_t provider, std::span<const DropItem> items);
    void order(std::size_t provider, std::vector<DropItem> items);
    void wait();
    void note_silence(std::size_t provider);

    Session* session_;
    NetworkId network_;
    const Ed25519KeyPair* owner_;
    std::uint64_t patience_ms_;
    std::vector<ShardRoot> roots_;     // to be dropped, less than a request holds
    std::set<ShardRoot> tags_;         // tag sets of what is dropped
    std::vector<ShardRoot> manifests_; // to be dropped at last
    std::vector<bool> is_silent_;
    std::size_t pending_ = 0; // calls
    RemoveReport report_;
};

} // namespace cairn
