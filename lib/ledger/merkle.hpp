#pragma once

#include "ledger/ids.hpp"

#include <vector>

// Merkle trees over lists, as RFC 6962, 2.1, has them: leaves and nodes are hashed differently, and
// no list has the root of another.

namespace cairn {

using MerkleHash = Fixed<struct MerkleHashTag, 32>;

/// SHA-256(0 || item).
[[nodiscard]] MerkleHash merkle_leaf(ByteView item);

/// The root of a list of leaves; SHA-256 of nothing where there are none.
[[nodiscard]] MerkleRoot merkle_root(std::span<const MerkleHash> leaves);

/// The nodes beside the way from a leaf to the root, from the leaf on. Needs index < leaves.size().
[[nodiscard]] std::vector<MerkleHash> merkle_path(std::span<const MerkleHash> leaves,
                                                  std::size_t index);

/// Whether the leaf has this index in a list of this size and root.
[[nodiscard]] bool is_in_merkle_root(const MerkleRoot& root, std::uint64_t size,
                                     std::uint64_t index, const MerkleHash& leaf,
                                     std::span<const MerkleHash> path);

} // namespace cairn
