#pragma once

#include "ledger/state_tree.hpp"

namespace cairn::detail {

enum class ChildKind : std::uint8_t { none = 0, leaf = 1, node = 2 };

/// A subtree, as the node above it has it.
struct Child {
    ChildKind kind = ChildKind::none;
    MerkleHash hash;
    StatePath path; ///< of a leaf

    [[nodiscard]] bool is_none() const { return kind == ChildKind::none; }
};

inline constexpr std::size_t node_children = 16;

[[nodiscard]] std::size_t nibble(const StatePath& path, std::size_t depth);

/// Where the node of a path at a depth is.
[[nodiscard]] Bytes node_key(const StatePath& path, std::size_t depth);

/// Sixteen subtrees.
struct TreeNode {
    std::array<Child, node_children> children{};

    /// LE32 of two bits for each child; of each that there is its hash; of a leaf its path too.
    [[nodiscard]] Bytes to_bytes() const;

    /// Throws Error{data}.
    static TreeNode parse(ByteView bytes);

    /// The hash of the subtree of some children.
    [[nodiscard]] MerkleHash hash(std::size_t begin = 0, std::size_t end = node_children) const;

    /// The one child of a range that is a leaf and has no other beside it; none otherwise.
    [[nodiscard]] const Child* only_leaf(std::size_t begin, std::size_t end) const;

    [[nodiscard]] bool is_empty(std::size_t begin, std::size_t end) const;
};

} // namespace cairn::detail
