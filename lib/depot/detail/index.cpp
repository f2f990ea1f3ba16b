#include "depot/detail/index.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace cairn::detail {
namespace {

const ByteView totals_key = as_bytes("totals");
const ByteView draining_key = as_bytes("draining");

template <class FixedBytes>
FixedBytes to_fixed(ByteView bytes)
{
    FixedBytes value;
    if (bytes.size() != FixedBytes::size)
        throw Error{Exit::data, "a key of the store has a wrong length"};
    std::ranges::copy(bytes, value.bytes.begin());
    return value;
}

} // namespace

const std::vector<std::string>& table_names()
{
    static const std::vector<std::string> names{"state",   "shards",   "pieces", "entries",
                                                "holders", "expiries", "owners", "trash",
                                                "packs",   "pending",  "notes",  "noted"};
    return names;
}

std::vector<std::string> oldest_table_names()
{
    std::vector<std::string> names = table_names();
    names.resize(table::notes.index);
    return names;
}

std::optional<Totals> find_totals(const ReadTransaction& reads)
{
    const auto value = reads.get(table::state, totals_key);
    if (!value) return std::nullopt;
    return parse_totals(*value);
}

bool is_draining(const ReadTransaction& reads)
{
    return reads.get(table::state, draining_key).has_value();
}

std::optional<ShardRecord> find_shard(const ReadTransaction& reads, const ShardRoot& root)
{
    const auto value = reads.get(table::shards, root.bytes);
    if (!value) return std::nullopt;
    return parse_shard_record(*value);
}

std::optional<EntryRecord> find_entry(const ReadTransaction& reads, const EntryKey& key)
{
    const auto value = reads.get(table::entries, to_key(key));
    if (!value) return std::nullopt;
    return parse_entry_record(*value);
}

Usage usage_of(const ReadTransaction& reads, const AccountId& owner)
{
    const auto value = reads.get(table::owners, owner.bytes);
    return value ? parse_usage(*value) : Usage{};
}

std::map<std::uint32_t, PackRecord> all_packs(const ReadTransaction& reads)
{
    std::map<std::uint32_t, PackRecord> packs;
    Cursor cursor = reads.cursor(table::packs);
    for (auto at = cursor.first(); at; at = cursor.next())
        packs.emplace(parse_pack_key(at->key), parse_pack_record(at->value));
    return packs;
}

std::vector<Blake3Chaining> find_pieces(const ReadTransaction& reads, const ShardRoot& root)
{
    const auto value = reads.get(table::pieces, root.bytes);
    if (!value) return {};
    std::vector<Blake3Chaining> pieces(value->size() / Blake3Chaining::size);
    for (std::size_t i = 0; i < pieces.size(); ++i)
        pieces[i] = to_fixed<Blake3Chaining>(
            value->subspan(i * Blake3Chaining::size, Blake3Chaining::size));
    return pieces;
}

std::uint64_t last_serial(const ReadTransaction& reads, const ShardRoot& root,
                          const AccountId& owner)
{
    Cursor cursor = reads.cursor(table::holders);
    const Bytes behind = holder_key(root, owner, UINT64_MAX);
    const auto after = cursor.at_least(behind);
    const auto at = after ? cursor.previous() : cursor.last();
    const std::size_t common = ShardRoot::size + AccountId::size;
    if (!at || at->key.size() < common ||
        !std::ranges::equal(at->key.first(common), ByteView{behind}.first(common)))
        return 0;
    return serial_of_holder(at->key);
}

std::vector<ShardRoot> roots_of(const ReadTransaction& reads, Table table, std::size_t count)
{
    std::vector<ShardRoot> roots;
    Cursor cursor = reads.cursor(table);
    for (auto at = cursor.first(); at && roots.size() < count; at = cursor.next())
        roots.push_back(to_fixed<ShardRoot>(at->key));
    return roots;
}

void put_totals(WriteTransaction& writes, const Totals& totals)
{
    writes.put(table::state, totals_key, to_bytes(totals));
}

void put_draining(WriteTransaction& writes, bool is_draining)
{
    if (is_draining)
        writes.put(table::state, draining_key, {});
    else
        writes.erase(table::state, draining_key);
}

void put_shard(WriteTransaction& writes, const ShardRoot& root, const ShardRecord& record)
{
    writes.put(table::shards, root.bytes, to_bytes(record));
}

void put_pieces(WriteTransaction& writes, const ShardRoot& root,
                const std::vector<Blake3Chaining>& pieces)
{
    Bytes bytes;
    bytes.reserve(pieces.size() * Blake3Chaining::size);
    for (const Blake3Chaining& piece : pieces)
        bytes.insert(bytes.end(), piece.bytes.begin(), piece.bytes.end());
    writes.put(table::pieces, root.bytes, bytes);
}

void put_usage(WriteTransaction& writes, const AccountId& owner, const Usage& usage)
{
    if (usage.entries == 0)
        writes.erase(table::owners, owner.bytes);
    else
        writes.put(table::owners, owner.bytes, to_bytes(usage));
}

void put_pack(WriteTransaction& writes, std::uint32_t pack, const PackRecord& record)
{
    writes.put(table::packs, pack_key(pack), to_bytes(record));
}

void put_note(WriteTransaction& writes, const NoteKey& key, ByteView value)
{
    writes.put(table::notes, to_key(key), value);
    writes.put(table::noted, noted_key(key), {});
}

void erase_notes(WriteTransaction& writes, const ShardRoot& root)
{
    std::vector<NoteKey> keys;
    {
        Cursor cursor = writes.view().cursor(table::noted);
        for (auto at = cursor.at_least(root.bytes); at; at = cursor.next()) {
            keys.push_back(parse_noted_key(at->key));
            if (keys.back().root == root) continue;
            keys.pop_back();
            break;
        }
    }
    for (const NoteKey& key : keys) {
        writes.erase(table::notes, to_key(key));
        writes.erase(table::noted, noted_key(key));
    }
}

void add_entry(WriteTransaction& writes, const EntryKey& key, const EntryRecord& record)
{
    writes.put(table::entries, to_key(key), to_bytes(record));
    const std::array kind{static_cast<std::byte>(key.kind)};
    writes.put(table::holders, holder_key(record.item.root, key.owner, key.serial), kind);
    if (record.expiry_s != 0) writes.put(table::expiries, expiry_key(record.expiry_s, key), {});
}

void remove_entry(WriteTransaction& writes, const EntryKey& key, const EntryRecord& record)
{
    const bool was_entry = writes.erase(table::entries, to_key(key));
    assert(was_entry);
    writes.erase(table::holders, holder_key(record.item.root, key.owner, key.serial));
    if (record.expiry_s != 0) writes.erase(table::expiries, expiry_key(record.expiry_s, key));
}

} // namespace cairn::detail
