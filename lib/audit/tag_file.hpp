#pragma once

#include "audit/challenge.hpp"
#include "crypto/keys.hpp"
#include "hash/blake3.hpp"

// Tag files, cairn-tags(5): a header, the tags, a signature. Several of them one after the other
// are a tag set, which holds the tags of all shards of a segment.

namespace cairn {

/// What the tags are of.
struct TagHeader {
    static constexpr std::size_t size = 160; ///< bytes

    std::uint32_t sectors = 0;   ///< of a block
    std::uint64_t file_size = 0; ///< bytes of the shard
    Blake3Digest root;           ///< of the shard
    AuditKeyId key;
    Ed25519PublicKey owner;

    [[nodiscard]] AuditFileId file_id() const
    {
        return audit_file_id(key, sectors, file_size, root.bytes);
    }
    [[nodiscard]] std::uint64_t blocks() const noexcept { return block_count(file_size, sectors); }

    /// Bytes of all tags.
    [[nodiscard]] std::uint64_t tags_size() const noexcept { return blocks() * G1::size; }

    /// Bytes of the whole tag file.
    [[nodiscard]] std::uint64_t tag_file_size() const noexcept
    {
        return size + tags_size() + Ed25519Signature::size;
    }
};

Bytes to_bytes(const TagHeader& header);

/// Throws Error{data} unless these TagHeader::size bytes are what to_bytes writes.
TagHeader parse_tag_header(ByteView bytes);

bool is_tag_file(ByteView front);

/// The signature at the end: of the header and the SHA-256 of the tags.
[[nodiscard]] Ed25519Signature sign_tags(const TagHeader& header, ByteView tags_digest,
                                         const Ed25519KeyPair& owner);
[[nodiscard]] bool are_signed(const TagHeader& header, ByteView tags_digest,
                              const Ed25519Signature& signature);

/// Who tags, and for which audit key.
struct Tagger {
    const AuditSecret* secret;
    const Ed25519KeyPair* owner;
    AuditKey key; ///< of the secret

    /// The header of the tags of a shard.
    [[nodiscard]] TagHeader header(const Blake3Digest& root, std::uint64_t size) const
    {
        return {key.sectors(), size, root, key.id(), owner->public_key()};
    }
};

/// The tags of blocks of a shard, from the one with the index `first` on, whose values at the
/// secret's alpha are given. Needs G1::size bytes for each.
void make_tags(const Tagger& tagger, const AuditFileId& file, std::uint64_t first,
               std::span<const Scalar> values, MutableByteView tags);

/// The whole tag file of a shard that is in memory, and whose root is known.
[[nodiscard]] Bytes make_tag_file(const Tagger& tagger, const Blake3Digest& root, ByteView shard);

/// A tag file that is in memory.
struct TagFile {
    TagHeader header;
    ByteView tags;          ///< a point for each block, not checked
    std::size_t offset = 0; ///< bytes before it, in a tag set

    /// The tag of a block; none unless it is a point of the group.
    [[nodiscard]] std::optional<G1> tag(std::uint64_t index) const;
};

inline constexpr std::size_t tag_set_size_max = 64UL * 1024 * 1024; // bytes
inline constexpr std::size_t tag_set_files_max = 256;

/// The tag files of a set, whose bytes must outlive them; one tag file is a set too. Throws
/// Error{data} when they are malformed or a signature is wrong.
std::vector<TagFile> parse_tag_set(ByteView bytes);

} // namespace cairn
