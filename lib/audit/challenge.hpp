#pragma once

#include "audit/key.hpp"

#include <span>

namespace cairn {

/// A file as proofs know it: SHA-256("CAIRN-POR-V1-FID" || audit key's id || size || sectors ||
/// root), the root being a digest of its content.
[[nodiscard]] AuditFileId audit_file_id(const AuditKeyId& key, std::uint32_t sectors,
                                        std::uint64_t size, ByteView root);
[[nodiscard]] inline AuditFileId audit_file_id(const AuditKey& key, std::uint64_t size,
                                               ByteView root)
{
    return audit_file_id(key.id(), key.sectors(), size, root);
}

/// Where the tags of a block come from: a point that nobody knows a logarithm of.
[[nodiscard]] G1 index_point(const AuditFileId& file, std::uint64_t index);

/// What a challenge is expanded from; whoever draws it must not let the prover know it before.
using ChallengeSeed = Fixed<struct ChallengeSeedTag, 32>;

/// The seed of an epoch: SHA-256("CAIRN-POR-V1-CHAL" || beacon || epoch || provider's key || audit
/// key's id || SHA-256 of the file ids, one after the other).
[[nodiscard]] ChallengeSeed challenge_seed(ByteView beacon, std::uint64_t epoch,
                                           ByteView provider_key, const AuditKeyId& key,
                                           std::span<const AuditFileId> files);

/// A file that is challenged, with others as one: blocks are counted through all of them.
struct AuditedFile {
    AuditFileId id;
    std::uint64_t blocks = 0;
};

/// One block that is asked for.
struct AskedBlock {
    std::size_t file = 0;    ///< of those that are challenged
    std::uint64_t index = 0; ///< in the file
    Scalar factor;           ///< not 0, 128 bits
};

/// The sum of factors times the blocks' index points: faster than all of them.
[[nodiscard]] G1 sum_of_index_points(std::span<const AuditedFile> files,
                                     std::span<const AskedBlock> blocks);

/// Blocks and the point at which their sum is evaluated.
struct AuditChallenge {
    std::vector<AskedBlock> blocks;
    Scalar point;
};

inline constexpr std::size_t asked_blocks_max = 4096;

/// Expands a seed to at most `count` blocks, each another; all of them where there are no more.
/// Needs files with at least one block each, of together less than 2^63.
[[nodiscard]] AuditChallenge expand(const ChallengeSeed& seed, std::span<const AuditedFile> files,
                                    std::size_t count);

} // namespace cairn
