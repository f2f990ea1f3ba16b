#pragma once

#include "ledger/merkle.hpp"
#include "ledger/state.hpp"

#include <functional>

// The tree that commits to a state: a sparse binary Merkle tree over the paths of its keys, in
// which a subtree of one leaf is that leaf, so that the root depends on keys and values alone and
// not on their history. It is kept in place in nodes of sixteen children, cairn-state(5).

namespace cairn {

/// SHA-256(0 || path || SHA-256(value)).
[[nodiscard]] MerkleHash state_leaf(const StatePath& path, const MerkleHash& value);
[[nodiscard]] MerkleHash value_hash(ByteView value);

/// SHA-256(1 || left || right).
[[nodiscard]] MerkleHash state_node(const MerkleHash& left, const MerkleHash& right);

/// Reads the nodes of a tree by their keys: depth in nibbles, and as many nibbles of the path, two
/// in a byte.
class NodeReader {
public:
    NodeReader() = default;
    NodeReader(const NodeReader&) = delete;
    NodeReader& operator=(const NodeReader&) = delete;
    virtual ~NodeReader() = default;

    [[nodiscard]] virtual std::optional<Bytes> get(ByteView key) const = 0;
};

/// What becomes of a node: its new bytes, or none where it is removed.
struct NodeWrite {
    Bytes key;
    std::optional<Bytes> node;
};

/// A key's new value, or none where it is removed.
struct LeafChange {
    StatePath path;
    std::optional<MerkleHash> value; ///< value_hash()
};
[[nodiscard]] std::vector<LeafChange> leaf_changes(std::span<const StateChange> changes);

struct TreeUpdate {
    StateRoot root;
    std::vector<NodeWrite> nodes;
};

/// The tree after changes, which are in the order of their paths, each path once. Throws
/// Error{data} when a node that must be there is not, or is malformed.
[[nodiscard]] TreeUpdate update_tree(const NodeReader& nodes, std::span<const LeafChange> changes);

/// The root of the tree of these leaves alone, in the order of their paths.
[[nodiscard]] StateRoot root_of(std::span<const LeafChange> leaves);

/// A leaf that a proof ends at.
struct ProvenLeaf {
    StatePath path;
    MerkleHash value;

    friend bool operator==(const ProvenLeaf&, const ProvenLeaf&) = default;
};

/// Whether the first bits of two paths are the same.
[[nodiscard]] bool have_common_front(const StatePath& a, const StatePath& b, std::size_t bits);

/// The hash of a part of a tree: of its leaves, in the order of their paths, whose first `depth`
/// bits are the same.
[[nodiscard]] MerkleHash part_hash(std::span<const ProvenLeaf> leaves, std::size_t depth);

/// The root above a part of a tree, to which a path leads beside these hashes, from the root down.
[[nodiscard]] StateRoot root_above(MerkleHash part, const StatePath& path,
                                   std::span<const MerkleHash> beside);

/// The way from a root to where a path leads: to its leaf, to another leaf that is alone there, or
/// to nothing.
struct TreeProof {
    std::vector<MerkleHash> beside; ///< from the root down; zeros beside an empty subtree
    std::optional<ProvenLeaf> leaf;

    friend bool operator==(const TreeProof&, const TreeProof&) = default;
};

inline constexpr std::size_t tree_depth_max = 8 * StatePath::size; // bits

/// The hash of the value of a path that is there.
using ValueHashes = std::function<MerkleHash(const StatePath&)>;

/// Throws as update_tree.
[[nodiscard]] TreeProof prove(const NodeReader& nodes, const StatePath& path,
                              const ValueHashes& value_of);

/// Whether a tree of this root has this value for a path, or none.
[[nodiscard]] bool is_proven(const StateRoot& root, const StatePath& path,
                             const std::optional<MerkleHash>& value, const TreeProof& proof);

} // namespace cairn
