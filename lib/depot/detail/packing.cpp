#include "depot/detail/change.hpp"

#include <algorithm>

// Small shards go into pack files: appended, and copied out of packs that are mostly garbage.

namespace cairn::detail {
namespace {

constexpr std::size_t append_size = std::size_t{1} << 20U; // bytes written at once

} // namespace

/// The pack to append to; a new one where there is none with room, or it has got lost.
Store::OpenPack Store::pack_with_room(Change& change)
{
    if (open_pack_ != 0 && change.pack(open_pack_).length < pack_size_max)
        if (auto file = open_kept_to_write(layout.pack(open_pack_)))
            return {open_pack_, std::move(*file)};
    const std::uint32_t number = change.new_pack();
    File file = File::create(layout.pack(number));
    file.write_at(0, to_pack_header(number));
    sync_names(layout.packs());
    change.extend_pack(number, pack_header_size);
    return {number, std::move(file)};
}

/// Appends shards and syncs the pack; their places. They count when the change is committed.
std::vector<PackPlace> Store::append_packed(Change& change, std::span<const Packed> shards)
{
    std::vector<PackPlace> places;
    if (shards.empty()) return places;
    auto [number, file] = pack_with_room(change);
    open_pack_ = 0; // until all is well
    Bytes buffer;
    std::uint64_t end = change.pack(number).length; // of the file
    for (const Packed& shard : shards) {
        places.push_back({number, end + buffer.size()});
        const Bytes header = to_pack_entry_header(shard.item);
        buffer.insert(buffer.end(), header.begin(), header.end());
        buffer.resize(buffer.size() + static_cast<std::size_t>(shard.item.size));
        shard.read(MutableByteView{buffer}.last(static_cast<std::size_t>(shard.item.size)));
        if (buffer.size() < append_size) continue;
        file.write_at(end, buffer);
        end += buffer.size();
        buffer.clear();
    }
    file.write_at(end, buffer);
    end += buffer.size();
    file.sync();
    change.extend_pack(number, end);
    open_pack_ = number;
    return places;
}

/// The entries of a pack that the database knows: read off the pack, and where its own headers have
/// rotted, off the table of all shards.
std::vector<PackEntry> Store::used_entries(const ReadTransaction& reads, std::uint32_t number) const
{
    const PackRecord pack = packs_.at(number);
    std::vector<PackEntry> entries;
    std::uint64_t used = 0;
    const auto add = [&](const PackEntry& entry, const std::optional<ShardRecord>& record) {
        if (!record || record->pack != number || record->state == ShardState::damaged ||
            record->offset != entry.offset)
            return;
        entries.push_back(entry);
        used += packed_size(entry.item.size);
    };
    if (const auto file = open_kept(layout.pack(number)))
        for (const PackEntry& entry : scan_pack(*file, pack.length))
            add(entry, find_shard(reads, entry.item.root));
    if (used == pack.used) return entries;

    entries.clear();
    Cursor cursor = reads.cursor(table::shards);
    for (auto at = cursor.first(); at; at = cursor.next()) {
        const ShardRecord record = parse_shard_record(at->value);
        PackEntry entry{.offset = record.offset, .item = {ShardRoot{}, record.size}};
        std::ranges::copy(at->key, entry.item.root.bytes.begin());
        add(entry, record);
    }
    return entries;
}

/// Copies what is in use to another pack, and removes this one; not when something in it has
/// rotted: that is looked at again first, for it may be the reading that failed.
void Store::compact_pack(std::uint32_t number)
{
    if (open_pack_ == number) open_pack_ = 0;
    Change change{*this};
    const std::optional<File> file = open_kept(layout.pack(number));
    std::vector<PackEntry> kept;
    std::vector<Packed> copies;
    bool is_good = true;
    if (packs_.at(number).used > 0) {
        for (const PackEntry& entry : used_entries(change.view(), number)) {
            const auto record = find_shard(change.view(), entry.item.root);
            if (!file || !examine(entry.item.root, *record)) {
                ledger.add_rotten(entry.item.root);
                is_good = false;
            }
            kept.push_back(entry);
            copies.push_back({entry.item, [&file, entry](MutableByteView bytes) {
                                  read_kept(*file, entry.offset + pack_entry_header_size, bytes);
                              }});
        }
        if (!is_good) return;
        const std::vector<PackPlace> places = append_packed(change, copies);
        for (std::size_t i = 0; i < places.size(); ++i)
            change.move_shard(kept[i].item.root, places[i]);
    }
    change.erase_pack(number);
    change.commit();
    erase_file(layout.pack(number));
}

} // namespace cairn::detail
