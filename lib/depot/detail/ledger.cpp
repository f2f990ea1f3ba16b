#include "depot/detail/ledger.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {

Totals Ledger::totals() const
{
    const std::lock_guard lock{mutex_};
    return totals_;
}

void Ledger::set_totals(const Totals& totals)
{
    const std::lock_guard lock{mutex_};
    totals_ = totals;
}

std::optional<std::string> Ledger::promise(const Promise& promise, const Usage& left,
                                           std::uint64_t capacity)
{
    const std::lock_guard lock{mutex_};
    const auto found = promised_to_.find(promise.owner);
    const Usage before = found == promised_to_.end() ? Usage{} : found->second;
    if (before.bytes + promise.quota_bytes > left.bytes) return "the owner's bytes are used up";
    if (before.entries + promise.entries > left.entries) return "the owner's entries are used up";
    // What costs nothing is taken even where there is more than may be: a capacity can shrink.
    if (promise.disk_bytes > 0 && totals_.disk_bytes + promised_ + promise.disk_bytes > capacity)
        return "the store is full";
    promised_to_[promise.owner] = {before.bytes + promise.quota_bytes,
                                   before.entries + promise.entries};
    promised_ += promise.disk_bytes;
    return std::nullopt;
}

void Ledger::release(const Promise& promise)
{
    const std::lock_guard lock{mutex_};
    const auto found = promised_to_.find(promise.owner);
    assert(found != promised_to_.end() && promised_ >= promise.disk_bytes);
    found->second.bytes -= promise.quota_bytes;
    found->second.entries -= promise.entries;
    if (found->second.entries == 0) promised_to_.erase(found);
    promised_ -= promise.disk_bytes;
}

Usage Ledger::promised_to(const AccountId& owner) const
{
    const std::lock_guard lock{mutex_};
    const auto found = promised_to_.find(owner);
    return found == promised_to_.end() ? Usage{} : found->second;
}

std::uint64_t Ledger::promised() const
{
    const std::lock_guard lock{mutex_};
    return promised_;
}

void Ledger::set_grants(std::vector<Grant> grants)
{
    const std::lock_guard lock{mutex_};
    grants_ = std::move(grants);
}

std::optional<Grant> Ledger::grant_of(const AccountId& owner) const
{
    const std::lock_guard lock{mutex_};
    const auto grant_for = [&](const std::optional<AccountId>& wanted) {
        return std::ranges::find(grants_, wanted, &Grant::owner);
    };
    auto found = grant_for(owner);
    if (found == grants_.end()) found = grant_for(std::nullopt);
    if (found == grants_.end()) return std::nullopt;
    return *found;
}

void Ledger::deny(std::vector<ShardRoot> roots)
{
    std::set<ShardRoot> denied{roots.begin(), roots.end()};
    const std::lock_guard lock{mutex_};
    denied_ = std::move(denied);
}

bool Ledger::is_denied(const ShardRoot& root) const
{
    const std::lock_guard lock{mutex_};
    return denied_.contains(root);
}

void Ledger::add_rotten(const ShardRoot& root)
{
    const std::lock_guard lock{mutex_};
    rotten_.insert(root);
}

void Ledger::remove_rotten(const ShardRoot& root)
{
    const std::lock_guard lock{mutex_};
    rotten_.erase(root);
}

bool Ledger::is_rotten(const ShardRoot& root) const
{
    const std::lock_guard lock{mutex_};
    return rotten_.contains(root);
}

std::vector<ShardRoot> Ledger::rotten() const
{
    const std::lock_guard lock{mutex_};
    return {rotten_.begin(), rotten_.end()};
}

} // namespace cairn::detail
