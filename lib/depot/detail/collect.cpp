#include "depot/detail/change.hpp"

#include <algorithm>

// How shards go: dropped by their owners or expired, then in the trash, then gone.

namespace cairn::detail {
namespace {

constexpr std::size_t dropped_at_once = 1024; // entries of one transaction
constexpr std::size_t erased_at_once = 256;   // shards of one transaction
constexpr std::uint64_t step_cost = 4096;     // bytes of work, of the smallest thing to do

void spend(std::uint64_t& budget, std::uint64_t cost)
{
    budget -= std::min(budget, std::max(cost, step_cost));
}

} // namespace

std::uint64_t Store::drop(const AccountId& owner, std::span<const DropItem> items)
{
    return change([&] {
        std::uint64_t dropped = 0;
        Change change{*this};
        for (const DropItem& item : items)
            for (const ShardClass kind : {ShardClass::data, ShardClass::index}) {
                const EntryKey key{.owner = owner, .kind = kind, .serial = item.serial};
                if (change.drop_entry(key, item.root)) ++dropped;
            }
        if (dropped > 0) change.commit();
        return dropped;
    });
}

/// Whether more has expired than was dropped now.
bool Store::drop_expired()
{
    Change change{*this};
    std::vector<EntryKey> expired;
    {
        Cursor cursor = change.view().cursor(table::expiries);
        for (auto at = cursor.first(); at && expired.size() < dropped_at_once; at = cursor.next()) {
            if (time_of_key(at->key) > now_s()) break;
            expired.push_back(parse_entry_key(rest_of_key(at->key)));
        }
    }
    for (const EntryKey& key : expired) change.drop_entry(key, std::nullopt);
    if (!expired.empty()) change.commit();
    return expired.size() == dropped_at_once;
}

/// Whether more has been in the trash for long enough than was removed now.
bool Store::empty_trash(std::uint64_t& budget)
{
    while (budget > 0) {
        std::vector<ShardRoot> roots;
        Change change{*this};
        bool is_more = false;
        {
            Cursor cursor = change.view().cursor(table::trash);
            for (auto at = cursor.first(); at; at = cursor.next()) {
                if (time_of_key(at->key) + options.trash_s > now_s()) break;
                is_more = budget == 0 || roots.size() == erased_at_once;
                if (is_more) break;
                ShardRoot root;
                std::ranges::copy(rest_of_key(at->key), root.bytes.begin());
                const auto record = find_shard(change.view(), root);
                spend(budget, record ? record->size : 0);
                roots.push_back(root);
            }
        }
        if (roots.empty()) return false;
        for (const ShardRoot& root : roots) change.erase_shard(root);
        change.commit();
        settle_pending();
        if (!is_more) return false;
    }
    return true;
}

/// Whether there are more packs that are mostly garbage than were copied now.
bool Store::compact_packs(std::uint64_t& budget)
{
    std::vector<std::uint32_t> candidates;
    for (const auto& [number, pack] : packs_)
        if (2 * pack.used < pack.length - pack_header_size) candidates.push_back(number);
    bool is_more = false;
    for (const std::uint32_t number : candidates) {
        if (budget == 0) return true;
        spend(budget, packs_.at(number).used);
        if (!compact_pack(number)) is_more = true;
    }
    return is_more;
}

bool Store::collect(std::uint64_t budget)
{
    return change([&] {
        settle_pending();
        const bool is_expired = drop_expired();
        const bool is_trash = empty_trash(budget);
        const bool is_garbage = compact_packs(budget);
        return is_expired || is_trash || is_garbage;
    });
}

} // namespace cairn::detail
