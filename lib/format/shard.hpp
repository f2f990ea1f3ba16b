#pragma once

#include "format/manifest.hpp"

#include <optional>

namespace cairn {

// Shard files and the shard stream, cairn-shard(5).

inline constexpr std::size_t shard_header_size = 4096;     // bytes
inline constexpr std::size_t stream_header_size = 64;      // bytes
inline constexpr std::size_t shard_frame_header_size = 64; // bytes
inline constexpr std::size_t tail_header_size = 16;        // bytes
inline constexpr std::size_t trailer_size = 48;            // bytes, after the manifest

/// The front of a shard file.
struct ShardHeader {
    Profile profile;
    unsigned index = 0; ///< of this file among the k+m
    ObjectId id;        ///< of the set

    friend bool operator==(const ShardHeader&, const ShardHeader&) = default;
};
Bytes to_bytes(const ShardHeader& header);
/// Throws Error{data} unless these shard_header_size bytes are what to_bytes writes.
ShardHeader parse_shard_header(ByteView bytes);
bool is_shard_file(ByteView front);

/// The end of a shard file and of a stream, behind the manifest.
struct Trailer {
    std::uint64_t manifest_size = 0; ///< bytes
    ObjectId id;                     ///< BLAKE3 of the manifest

    friend bool operator==(const Trailer&, const Trailer&) = default;
};
Bytes to_bytes(const Trailer& trailer);
/// Throws Error{data} unless these trailer_size bytes are what to_bytes writes.
Trailer parse_trailer(ByteView bytes);

/// The front of a shard stream: the profile.
Bytes to_stream_header(const Profile& profile);
/// Throws Error{data}.
Profile parse_stream_header(ByteView bytes);
bool is_shard_stream(ByteView front);

/// What stands before each shard of a stream.
struct ShardFrameHeader {
    unsigned index = 0; ///< of the shard in its segment
    std::uint64_t segment = 0;
    std::uint32_t segment_length = 0; ///< bytes
    Blake3Digest root;                ///< of the shard

    friend bool operator==(const ShardFrameHeader&, const ShardFrameHeader&) = default;
};
Bytes to_bytes(const ShardFrameHeader& header);
/// Throws Error{data} unless these shard_frame_header_size bytes are what to_bytes writes.
ShardFrameHeader parse_shard_frame_header(ByteView bytes);

/// What stands before the manifest in a stream: how long it is.
Bytes to_tail_header(std::uint64_t manifest_size);
/// None when the bytes, at least tail_header_size of them, do not begin with a tail header.
std::optional<std::uint64_t> parse_tail_header(ByteView bytes);

} // namespace cairn
