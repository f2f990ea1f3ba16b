#pragma once

#include "format/message.hpp"
#include "os/file.hpp"

// Pack files, cairn-store(5): small shards one after another, each behind a header that says what
// it is, so that the file tells without the database what is in it.

namespace cairn::detail {

inline constexpr std::uint64_t packed_size_max = 64 * 1024;              // bytes of a small shard
inline constexpr std::uint64_t pack_size_max = std::uint64_t{64} << 20U; // bytes; a new one then
inline constexpr std::size_t pack_header_size = 16;                      // bytes
inline constexpr std::size_t pack_entry_header_size = 48;                // bytes

/// What stands at the front of a pack file.
Bytes to_pack_header(std::uint32_t pack);

/// What stands before a shard.
Bytes to_pack_entry_header(const ShardItem& item);

/// Bytes that a shard takes in a pack.
constexpr std::uint64_t packed_size(std::uint64_t size)
{
    return pack_entry_header_size + size;
}

/// None when the bytes are not what to_pack_entry_header writes.
std::optional<ShardItem> parse_pack_entry_header(ByteView bytes);

/// A shard in a pack file and where its entry begins.
struct PackEntry {
    std::uint64_t offset = 0;
    ShardItem item;
};

/// All entries of a pack up to `length`, as far as one leads to the next.
std::vector<PackEntry> scan_pack(const File& file, std::uint64_t length);

} // namespace cairn::detail
