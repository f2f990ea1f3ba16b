#pragma once

#include "format/message.hpp"

// What providers are asked about storage proofs, cairn-storage(7); the proofs themselves are those
// of cairn-proofs(7). A parse_ function throws Error{data} unless the bytes are exactly what
// to_bytes writes.

namespace cairn {

/// Names an audit key: what proofs of one owner are checked with.
using AuditKeyId = Fixed<struct AuditKeyIdTag, 32>;

/// A shard as proofs of one owner know it.
using AuditFileId = Fixed<struct AuditFileIdTag, 32>;

/// Drawn by who asks, for one provider and one answer.
using AuditNonce = Fixed<struct AuditNonceTag, 32>;

// ---- shard.prove: that all of these files are here.

inline constexpr std::size_t prove_files_max = 200;    // in one call
inline constexpr std::uint64_t prove_blocks_max = 512; // that one answer is about
inline constexpr std::size_t storage_proof_size = 128; // bytes

struct ProveRequest {
    AuditKeyId key;
    AuditNonce nonce;
    std::uint64_t blocks = 0;       ///< drawn from all files; at most prove_blocks_max
    std::vector<AuditFileId> files; ///< ascending, each once
};
Bytes to_bytes(const ProveRequest& request);
ProveRequest parse_prove_request(ByteView bytes);

struct ProveReply {
    Fixed<struct StorageProofTag, storage_proof_size> proof;
};
Bytes to_bytes(const ProveReply& reply);
ProveReply parse_prove_reply(ByteView bytes);

// ---- shard.tags: which tag files a provider has of shards, and which prover keys.

inline constexpr std::size_t tags_ids_max = 16;  // in one call
inline constexpr std::size_t tags_items_max = 8; // for one id

/// What tags are asked for by: a shard's root, an AuditFileId, or an AuditKeyId, for its prover
/// key.
using TagSubject = Fixed<struct TagSubjectTag, 32>;

struct TagsRequest {
    std::vector<TagSubject> subjects;
};
struct TagsReply {
    std::vector<std::vector<ShardItem>> items; ///< of each subject, as shard.get serves them
};
Bytes to_bytes(const TagsRequest& request);
TagsRequest parse_tags_request(ByteView bytes);
Bytes to_bytes(const TagsReply& reply);
TagsReply parse_tags_reply(ByteView bytes);

namespace method {
inline constexpr std::string_view shard_prove = "shard.prove";
inline constexpr std::string_view shard_tags = "shard.tags";
} // namespace method

} // namespace cairn
