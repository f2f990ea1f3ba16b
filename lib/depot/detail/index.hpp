#pragma once

#include "depot/detail/records.hpp"
#include "kv/database.hpp"

#include <map>

// What is known of the shards, in twelve tables.

namespace cairn::detail {

/// The tables by name, in the order of `table`.
const std::vector<std::string>& table_names();

/// Those that each store has, however old: all but the last two.
std::vector<std::string> oldest_table_names();

namespace table {
inline constexpr Table state{0};    ///< "totals", "draining"
inline constexpr Table shards{1};   ///< root: ShardRecord
inline constexpr Table pieces{2};   ///< root: chaining values, where there are several pieces
inline constexpr Table entries{3};  ///< owner, class, serial: EntryRecord
inline constexpr Table holders{4};  ///< root, owner, serial: class
inline constexpr Table expiries{5}; ///< expiry, owner, class, serial
inline constexpr Table owners{6};   ///< owner: Usage
inline constexpr Table trash{7};    ///< since when, root
inline constexpr Table packs{8};    ///< number: PackRecord
inline constexpr Table pending{9};  ///< root: a file may be where none belongs, or the reverse
inline constexpr Table notes{10};   ///< subject, root: a note's value
inline constexpr Table noted{11};   ///< root, subject
} // namespace table

std::optional<Totals> find_totals(const ReadTransaction& reads);
bool is_draining(const ReadTransaction& reads);
std::optional<ShardRecord> find_shard(const ReadTransaction& reads, const ShardRoot& root);
std::optional<EntryRecord> find_entry(const ReadTransaction& reads, const EntryKey& key);
Usage usage_of(const ReadTransaction& reads, const AccountId& owner);
std::map<std::uint32_t, PackRecord> all_packs(const ReadTransaction& reads);

/// The chaining values of a shard's pieces; empty where it has one piece.
std::vector<Blake3Chaining> find_pieces(const ReadTransaction& reads, const ShardRoot& root);

/// The owner's last serial of a shard; 0 when it has none.
std::uint64_t last_serial(const ReadTransaction& reads, const ShardRoot& root,
                          const AccountId& owner);

/// The first roots of a table whose keys are roots, at most `count`.
std::vector<ShardRoot> roots_of(const ReadTransaction& reads, Table table, std::size_t count);

void put_totals(WriteTransaction& writes, const Totals& totals);
void put_draining(WriteTransaction& writes, bool is_draining);
void put_shard(WriteTransaction& writes, const ShardRoot& root, const ShardRecord& record);
void put_pieces(WriteTransaction& writes, const ShardRoot& root,
                const std::vector<Blake3Chaining>& pieces);
void put_usage(WriteTransaction& writes, const AccountId& owner, const Usage& usage);
void put_pack(WriteTransaction& writes, std::uint32_t pack, const PackRecord& record);

/// Sets what is noted of a shard about a subject.
void put_note(WriteTransaction& writes, const NoteKey& key, ByteView value);

/// Forgets all that is noted of a shard.
void erase_notes(WriteTransaction& writes, const ShardRoot& root);

/// Adds an entry of an owner to all tables that speak of it, but for the shard's own record.
void add_entry(WriteTransaction& writes, const EntryKey& key, const EntryRecord& record);

/// The reverse; the entry must be there.
void remove_entry(WriteTransaction& writes, const EntryKey& key, const EntryRecord& record);

} // namespace cairn::detail
