#pragma once

#include "depot/depot.hpp"
#include "depot/detail/records.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>

// What a store keeps in memory beside its database: figures, what is promised to uploads, and
// switches. Safe for use from several threads; nothing here waits for the disk.

namespace cairn::detail {

/// What an upload was promised.
struct Promise {
    AccountId owner;
    std::uint64_t quota_bytes = 0; ///< of the owner's grant
    std::uint64_t entries = 0;
    std::uint64_t disk_bytes = 0; ///< of the capacity; less where shards are here already
};

class Ledger {
public:
    [[nodiscard]] Totals totals() const;
    void set_totals(const Totals& totals);

    /// Adds a promise if it keeps the totals, all promises and itself within `capacity`, and the
    /// owner's own within `left` of its grant; why not otherwise.
    [[nodiscard]] std::optional<std::string> promise(const Promise& promise, const Usage& left,
                                                     std::uint64_t capacity);
    void release(const Promise& promise);

    /// What is promised to an owner, and to all of them as bytes of the capacity.
    [[nodiscard]] Usage promised_to(const AccountId& owner) const;
    [[nodiscard]] std::uint64_t promised() const;

    std::atomic<std::uint64_t> unwritten{0}; ///< bytes that uploads have yet to write
    std::atomic<std::uint64_t> spooled{0};   ///< bytes of small shards that wait in memory

    void set_grants(std::vector<Grant> grants);

    /// The grant of an owner, his own before everybody's, also where it has expired.
    [[nodiscard]] std::optional<Grant> grant_of(const AccountId& owner) const;

    void deny(std::vector<ShardRoot> roots);
    [[nodiscard]] bool is_denied(const ShardRoot& root) const;

    /// Shards that were found rotten and are not yet set aside.
    void add_rotten(const ShardRoot& root);
    void remove_rotten(const ShardRoot& root);
    [[nodiscard]] bool is_rotten(const ShardRoot& root) const;
    [[nodiscard]] std::vector<ShardRoot> rotten() const;

    std::atomic<bool> is_read_only{false};
    std::atomic<bool> is_draining{false};

private:
    mutable std::mutex mutex_;
    Totals totals_;
    std::vector<Grant> grants_;
    std::map<AccountId, Usage> promised_to_;
    std::uint64_t promised_ = 0; // bytes
    std::set<ShardRoot> denied_;
    std::set<ShardRoot> rotten_;
};

} // namespace cairn::detail
