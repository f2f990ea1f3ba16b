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
            for (const ShardClass kind : {ShardClass::data, ShardClass::index, ShardClass::tags}) {
                const EntryKey key{.owner = owner, .kind = kind, .serial = item.serial};
                if (change.drop_entry(key, item.root)) ++dropped;
            }
        if (dropped > 0) change.commit();
        return dropped;
    });
}

/// Remembered, so that a start in between changes nothing.
void Store::drain(bool is_draining)
{
    change([&] {
        Change change{*this};
        change.set_draining(is_draining);
        change.commit();
        ledger.is_draining = is_draining;
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

/// Removes some of what has been in the trash for long enough; whether there is more.
bool Store::empty_trash(std::uint64_t& budget)
{
    std::vector<ShardRoot> roots;
    Change change{*this};
    bool is_more = false;
    {
        const std::uint64_t now = now_s();
        Cursor cursor = change.view().cursor(table::trash);
        for (auto at = cursor.first(); at && !is_more; at = cursor.next()) {
            const std::uint64_t since = time_of_key(at->key);
            if (now < since || now - since < options.trash_s) break;
            is_more = budget == 0 || roots.size() == erased_at_once;
            if (is_more) break;
            ShardRoot root;
            std::ranges::copy(rest_of_key(at->key), root.bytes.begin());
            const auto record = find_shard(change.view(), root);
            spend(budget, record ? record->size : 0);
            roots.push_back(root);
        }
    }
    if (roots.empty()) return is_more;
    for (const ShardRoot& root : roots) change.erase_shard(root);
    change.commit();
    settle_pending();
    return is_more;
}

/// Copies the next pack after `number` that is mostly garbage, and says in `number` which; false
/// where there is none.
bool Store::compact_next(std::uint32_t& number, std::uint64_t& budget)
{
    for (auto pack = packs_.upper_bound(number); pack != packs_.end(); ++pack) {
        if (2 * pack->second.used >= pack->second.length - pack_header_size) continue;
        number = pack->first;
        spend(budget, pack->second.used);
        compact_pack(number);
        return true;
    }
    return false;
}

/// Each step by itself, so that commits get their turn in between.
bool Store::collect(std::uint64_t budget)
{
    bool is_more = change([&] {
        settle_pending();
        return drop_expired();
    });
    bool is_trash = true;
    while (is_trash && budget > 0) is_trash = change([&] { return empty_trash(budget); });
    std::uint32_t number = 0;
    bool is_garbage = true;
    while (is_garbage && budget > 0)
        is_garbage = change([&] { return compact_next(number, budget); });
    is_more = is_more || is_trash || is_garbage;
    return is_more || !ledger.rotten().empty();
}

} // namespace cairn::detail
