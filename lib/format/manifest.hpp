#pragma once

#include "base/bytes.hpp"
#include "hash/blake3.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace cairn {

// How an object is cut into shards, cairn-manifest(5).

/// The BLAKE3 of an object's manifest; of a set of shard files too.
using ObjectId = Fixed<struct ObjectIdTag, 32>;

inline constexpr std::uint32_t segment_size_min = 64 * 1024;              // bytes
inline constexpr std::uint32_t segment_size_max = 64 * 1024 * 1024;       // bytes
inline constexpr std::uint32_t segment_size_usual = 16 * 1024 * 1024;     // bytes
inline constexpr std::uint64_t object_size_max = std::uint64_t{1} << 56U; // bytes
inline constexpr unsigned shard_count_max = 255;

/// How segments become shards: any k of the k+m rebuild the segment.
struct Profile {
    unsigned k = 4;
    unsigned m = 2;
    std::uint32_t segment_size = segment_size_usual; ///< bytes, a power of two

    [[nodiscard]] unsigned shards() const { return k + m; }

    friend bool operator==(const Profile&, const Profile&) = default;
};

/// Throws Error{usage} unless 1 <= k, k+m <= 255 and the segment size is one that is allowed.
void check_profile(const Profile& profile);

/// "small" 4+2, "wide" 10+6, "archive" 16+16, "cess" 4+8 with segments of 32 MiB.
std::optional<Profile> find_profile(std::string_view name);

/// Bytes of each shard of a segment of `length` bytes: length / k, rounded up to 64.
std::uint64_t shard_size(const Profile& profile, std::uint64_t length);

/// Kind 1 describes an object, kind 2 one whose bytes are a kind-1 manifest.
enum class ManifestKind : std::uint8_t { object = 1, manifest = 2 };

/// A manifest without its roots.
struct ManifestHead {
    ManifestKind kind = ManifestKind::object;
    Profile profile;
    std::uint64_t total_size = 0; ///< bytes of the object
    Blake3Digest content;         ///< of the object's bytes

    [[nodiscard]] std::uint64_t segments() const;
    /// Bytes of segment `index`; the last may be shorter than the others.
    [[nodiscard]] std::uint64_t segment_length(std::uint64_t index) const;
    /// Bytes of all shards with one index.
    [[nodiscard]] std::uint64_t shard_file_body_size() const;
    /// Where in that body the shard of a segment begins.
    [[nodiscard]] std::uint64_t shard_offset(std::uint64_t segment) const;
    /// Bytes of the whole manifest.
    [[nodiscard]] std::uint64_t manifest_size() const;
    /// Where in the manifest the roots of a segment are: shards() digests of 32 bytes.
    [[nodiscard]] std::uint64_t roots_offset(std::uint64_t segment) const;

    friend bool operator==(const ManifestHead&, const ManifestHead&) = default;
};

inline constexpr std::size_t manifest_head_size_max = 72; // bytes

/// What stands before the first segment's roots.
Bytes to_bytes(const ManifestHead& head);

/// What stands before the 32-byte roots of each segment.
Bytes roots_prefix(const Profile& profile);

/// Parses the front of a manifest, of which manifest_head_size_max bytes are enough. Throws
/// Error{data} unless they are what to_bytes writes.
ManifestHead parse_manifest_head(ByteView front);

/// A whole manifest in memory.
struct Manifest {
    ManifestHead head;
    std::vector<Blake3Digest> roots; ///< segment by segment, shard by shard
};
Bytes to_bytes(const Manifest& manifest);

/// Throws Error{data} unless `bytes` are what to_bytes writes.
Manifest parse_manifest(ByteView bytes);

} // namespace cairn
