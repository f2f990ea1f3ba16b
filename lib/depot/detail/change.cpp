#include "depot/detail/change.hpp"

#include "base/error.hpp"

#include <cassert>

namespace cairn::detail {

Change::Change(Store& store)
    : store_{&store},
      writes_{store.database_->write()},
      totals_{store.ledger.totals()}
{
}

void Change::announce(const ShardRoot& root)
{
    writes_.put(table::pending, root.bytes, {});
}

void Change::settled(const ShardRoot& root)
{
    writes_.erase(table::pending, root.bytes);
}

/// A shard of which there must be a record.
ShardRecord Change::shard(const ShardRoot& root) const
{
    const auto record = find_shard(view(), root);
    if (!record) throw Error{Exit::data, "the store's tables contradict each other"};
    return *record;
}

PackRecord Change::pack(std::uint32_t number) const
{
    const auto changed = packs_.find(number);
    if (changed != packs_.end()) return changed->second.value_or(PackRecord{});
    const auto found = store_->packs_.find(number);
    return found == store_->packs_.end() ? PackRecord{} : found->second;
}

/// The bytes of a shard are used on the disk. (A pack's file grows by extend_pack.)
void Change::occupy(const ShardRecord& record)
{
    if (record.pack == 0) {
        totals_.disk_bytes += record.size;
        return;
    }
    PackRecord changed = pack(record.pack);
    changed.used += packed_size(record.size);
    packs_[record.pack] = changed;
}

/// They are used no more: a file is to be removed, in a pack they become garbage.
void Change::vacate(const ShardRoot& root, const ShardRecord& record)
{
    if (record.pack == 0) {
        totals_.disk_bytes -= record.size;
        announce(root);
        return;
    }
    PackRecord changed = pack(record.pack);
    changed.used -= packed_size(record.size);
    packs_[record.pack] = changed;
}

void Change::forget(const ShardRoot& root, const ShardRecord& record)
{
    writes_.erase(table::shards, root.bytes);
    if (piece_count(record.size) > 1) writes_.erase(table::pieces, root.bytes);
    erase_notes(writes_, root);
}

void Change::add_shard(const ShardItem& item, const std::optional<PackPlace>& place,
                       const std::vector<Blake3Chaining>& pieces)
{
    const auto before = find_shard(view(), item.root);
    ShardRecord record{.size = item.size};
    if (before) {
        assert(before->state == ShardState::damaged);
        record.entries = before->entries;
        --totals_.damaged;
        announce(item.root); // the file that was set aside goes
    } else {
        settled(item.root);
        erase_notes(writes_, item.root); // which a program that knows of none has left
    }
    if (place) {
        record.pack = place->pack;
        record.offset = place->offset;
    }
    ++totals_.objects;
    totals_.bytes += item.size;
    occupy(record);
    put_shard(writes_, item.root, record);
    if (piece_count(item.size) > 1) put_pieces(writes_, item.root, pieces);
}

std::uint64_t Change::add_entry(const AccountId& owner, ShardClass kind, const EntryRecord& record)
{
    const ShardRoot& root = record.item.root;
    ShardRecord changed = shard(root);
    assert(changed.state != ShardState::damaged);
    if (changed.state == ShardState::trash) {
        writes_.erase(table::trash, trash_key(changed.trash_s, root));
        totals_.trash_bytes -= changed.size;
        totals_.bytes += changed.size;
        ++totals_.objects;
        changed.state = ShardState::live;
        changed.trash_s = 0;
    }
    ++changed.entries;
    put_shard(writes_, root, changed);

    Usage usage = usage_of(view(), owner);
    usage.bytes += record.item.size;
    ++usage.entries;
    put_usage(writes_, owner, usage);
    const EntryKey key{.owner = owner, .kind = kind, .serial = totals_.next_serial++};
    detail::add_entry(writes_, key, record);
    return key.serial;
}

void Change::add_notes(const ShardRoot& root, std::span<const Note> notes)
{
    for (const Note& note : notes) put_note(writes_, {note.subject, root}, note.value);
}

bool Change::drop_entry(const EntryKey& key, const std::optional<ShardRoot>& root)
{
    const auto entry = find_entry(view(), key);
    if (!entry || (root && entry->item.root != *root)) return false;
    remove_entry(writes_, key, *entry);
    Usage usage = usage_of(view(), key.owner);
    usage.bytes -= entry->item.size;
    --usage.entries;
    put_usage(writes_, key.owner, usage);

    const ShardRoot& dropped = entry->item.root;
    ShardRecord record = shard(dropped);
    --record.entries;
    if (record.entries == 0 && record.state == ShardState::damaged) {
        --totals_.damaged;
        announce(dropped);
        forget(dropped, record);
        return true;
    }
    if (record.entries == 0) {
        record.state = ShardState::trash;
        record.trash_s = store_->now_s();
        erase_notes(writes_, dropped);
        writes_.put(table::trash, trash_key(record.trash_s, dropped), {});
        --totals_.objects;
        totals_.bytes -= record.size;
        totals_.trash_bytes += record.size;
    }
    put_shard(writes_, dropped, record);
    return true;
}

void Change::erase_shard(const ShardRoot& root)
{
    const ShardRecord record = shard(root);
    assert(record.state == ShardState::trash);
    writes_.erase(table::trash, trash_key(record.trash_s, root));
    totals_.trash_bytes -= record.size;
    vacate(root, record);
    forget(root, record);
}

void Change::mark_damaged(const ShardRoot& root)
{
    ShardRecord record = shard(root);
    if (record.state == ShardState::trash) {
        erase_shard(root);
        return;
    }
    if (record.state == ShardState::damaged) return;
    --totals_.objects;
    totals_.bytes -= record.size;
    ++totals_.damaged;
    vacate(root, record);
    record.state = ShardState::damaged;
    put_shard(writes_, root, record);
}

void Change::renew_pieces(const PieceTree& tree)
{
    if (tree.pieces().size() > 1) put_pieces(writes_, tree.root(), tree.pieces());
}

void Change::move_shard(const ShardRoot& root, const PackPlace& place)
{
    ShardRecord record = shard(root);
    assert(record.pack != 0 && record.state != ShardState::damaged);
    vacate(root, record);
    record.pack = place.pack;
    record.offset = place.offset;
    occupy(record);
    put_shard(writes_, root, record);
}

std::uint32_t Change::new_pack()
{
    return totals_.next_pack++;
}

void Change::extend_pack(std::uint32_t number, std::uint64_t length)
{
    PackRecord changed = pack(number);
    assert(length >= changed.length);
    totals_.disk_bytes += length - changed.length;
    changed.length = length;
    packs_[number] = changed;
}

void Change::erase_pack(std::uint32_t number)
{
    const PackRecord record = pack(number);
    assert(record.used == 0);
    totals_.disk_bytes -= record.length;
    packs_[number] = std::nullopt;
}

void Change::commit()
{
    put_totals(writes_, totals_);
    for (const auto& [number, record] : packs_) {
        if (record)
            put_pack(writes_, number, *record);
        else
            writes_.erase(table::packs, pack_key(number));
    }
    writes_.commit();
    for (const auto& [number, record] : packs_) {
        if (record)
            store_->packs_[number] = *record;
        else
            store_->packs_.erase(number);
    }
    store_->ledger.set_totals(totals_);
}

} // namespace cairn::detail
