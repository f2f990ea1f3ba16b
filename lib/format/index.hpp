#pragma once

#include "format/identity.hpp"

#include <optional>
#include <string>

namespace cairn {

// Index records, cairn-index(5): what an owner has stored, for the owner alone to find again.

inline constexpr std::size_t index_name_size_max = 1024;      // bytes
inline constexpr std::size_t index_media_type_size_max = 128; // bytes
inline constexpr std::size_t index_block_size = 512;          // bytes: what records are padded to
inline constexpr std::size_t index_record_size_max = 3072;    // bytes, padded
inline constexpr std::size_t index_file_size_max = 4096;      // bytes, of the age file

enum class IndexOp : std::uint8_t { put = 1, rm = 2 };

/// An object was stored, or removed. Records are in order of time, sequence and the root of the
/// file that holds them.
struct IndexRecord {
    IndexOp op = IndexOp::put;
    std::uint64_t time_s = 0;   ///< since 1970
    std::uint64_t sequence = 0; ///< the writer's, ascending
    std::string name{};         ///< any bytes but zero; a relative path, or empty: see is_tree_path
    std::string media_type{};   ///< printable ASCII, or empty
    std::uint64_t size = 0;     ///< bytes of the object
    Secret link{0};             ///< its text
};

/// The padded record. Throws Error{data} for one that parse_index_record would refuse.
Secret to_plain(const IndexRecord& record);

/// Throws Error{data} unless `plain` is what to_plain writes.
IndexRecord parse_index_record(ByteView plain);

/// The key that an identity's records are sealed to, and opened with.
X25519Identity index_identity(const Identity& identity);

/// The age file of a record.
Bytes seal_index_record(const IndexRecord& record, const X25519PublicKey& key, Entropy& entropy);

/// None when the file is not for this identity; throws Error{data} when it is damaged.
std::optional<IndexRecord> open_index_record(ByteView file, const AgeIdentity& identity);

} // namespace cairn
