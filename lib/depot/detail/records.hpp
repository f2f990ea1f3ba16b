#pragma once

#include "depot/depot.hpp"

// What the tables of a depot hold, cairn-store(5): keys are in the order in which they are walked,
// numbers in keys big-endian, in values little-endian.

namespace cairn::detail {

enum class ShardState : std::uint8_t {
    live = 0,
    trash = 1,   ///< nobody's any more, still there
    damaged = 2, ///< somebody's, no longer what it was
};

/// A shard on this disk.
struct ShardRecord {
    ShardState state = ShardState::live;
    std::uint32_t pack = 0;    ///< number of the pack file; 0: a file of its own
    std::uint64_t offset = 0;  ///< of its entry in the pack
    std::uint64_t size = 0;    ///< bytes
    std::uint64_t entries = 0; ///< of all owners
    std::uint64_t trash_s = 0; ///< since when it has been in the trash
};

/// That an owner has a shard here.
struct EntryRecord {
    ShardItem item;
    std::uint64_t time_s = 0;
    std::uint64_t expiry_s = 0; ///< 0: no end
};

/// Under which an entry stands.
struct EntryKey {
    AccountId owner;
    ShardClass kind = ShardClass::data;
    std::uint64_t serial = 0;
};

/// What an owner uses.
struct Usage {
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
};

/// A pack file.
struct PackRecord {
    std::uint64_t length = 0; ///< bytes that are committed
    std::uint64_t used = 0;   ///< bytes of these, of entries that are somebody's or in the trash
};

/// The whole in figures.
struct Totals {
    std::uint64_t objects = 0;     ///< live shards
    std::uint64_t bytes = 0;       ///< of these
    std::uint64_t trash_bytes = 0; ///< of shards in the trash
    std::uint64_t disk_bytes = 0;  ///< of all shard and pack files
    std::uint64_t damaged = 0;     ///< shards
    std::uint64_t next_serial = 1;
    std::uint32_t next_pack = 1;
    ShardRoot scrubbed; ///< the last root that was looked at
};

Bytes to_bytes(const ShardRecord& record);
Bytes to_bytes(const EntryRecord& record);
Bytes to_bytes(const Usage& record);
Bytes to_bytes(const PackRecord& record);
Bytes to_bytes(const Totals& record);

// Throw Error{data}.
ShardRecord parse_shard_record(ByteView bytes);
EntryRecord parse_entry_record(ByteView bytes);
Usage parse_usage(ByteView bytes);
PackRecord parse_pack_record(ByteView bytes);
Totals parse_totals(ByteView bytes);

/// owner, class, serial.
Bytes to_key(const EntryKey& key);
EntryKey parse_entry_key(ByteView bytes);

/// root, owner, serial: who has a shard.
Bytes holder_key(const ShardRoot& root, const AccountId& owner, std::uint64_t serial);
std::uint64_t serial_of_holder(ByteView key);

/// expiry, then an entry's key.
Bytes expiry_key(std::uint64_t expiry_s, const EntryKey& key);

/// since when, root.
Bytes trash_key(std::uint64_t trash_s, const ShardRoot& root);

/// subject, root: what is known of something, and from which shard.
struct NoteKey {
    NoteSubject subject;
    ShardRoot root;
};
Bytes to_key(const NoteKey& key);
NoteKey parse_note_key(ByteView bytes);

/// root, subject: the same the other way round.
Bytes noted_key(const NoteKey& key);
NoteKey parse_noted_key(ByteView bytes);

Bytes pack_key(std::uint32_t pack);
std::uint32_t parse_pack_key(ByteView key);

/// The number that a key begins with: of expiries and trash.
std::uint64_t time_of_key(ByteView key);

/// The bytes of a key behind that number.
ByteView rest_of_key(ByteView key);

} // namespace cairn::detail
