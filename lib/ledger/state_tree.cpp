#include "ledger/state_tree.hpp"

#include "base/error.hpp"
#include "ledger/detail/tree_node.hpp"

#include <cassert>

namespace cairn {
namespace {

using detail::Child;
using detail::ChildKind;
using detail::nibble;
using detail::node_children;
using detail::TreeNode;

constexpr std::byte leaf_mark{0};
constexpr std::byte node_mark{1};

/// SHA-256(mark || a || b).
MerkleHash hash_of(std::byte mark, ByteView a, ByteView b)
{
    std::array<std::byte, 1 + 2 * MerkleHash::size> bytes{mark};
    const auto end = std::ranges::copy(a, bytes.begin() + 1).out;
    std::ranges::copy(b, end);
    return {sha256(bytes).bytes};
}

/// Whether two paths begin with the same nibbles.
bool have_common_nibbles(const StatePath& a, const StatePath& b, std::size_t count)
{
    const auto end = a.bytes.begin() + static_cast<std::ptrdiff_t>(count / 2);
    return std::equal(a.bytes.begin(), end, b.bytes.begin()) &&
           (count % 2 == 0 || nibble(a, count - 1) == nibble(b, count - 1));
}

/// Whether a node can be that of a path at a depth: its leaves are where their paths lead, and but
/// for the root it has no leaf alone.
bool can_be_at(const TreeNode& node, const StatePath& path, std::size_t depth)
{
    if (node.is_empty(0, node_children)) return false;
    if (depth > 0 && node.only_leaf(0, node_children)) return false;
    for (std::size_t i = 0; i < node_children; ++i) {
        const Child& child = node.children[i];
        if (child.kind == ChildKind::leaf &&
            (nibble(child.path, depth) != i || !have_common_nibbles(child.path, path, depth)))
            return false;
    }
    return true;
}

/// The node of a path at a depth; none where there is none.
std::optional<TreeNode> find(const NodeReader& nodes, const StatePath& path, std::size_t depth)
{
    const std::optional<Bytes> bytes = nodes.get(detail::node_key(path, depth));
    if (!bytes) return std::nullopt;
    TreeNode node = TreeNode::parse(*bytes);
    if (!can_be_at(node, path, depth))
        throw Error{Exit::data, "a node of the state's tree is malformed"};
    return node;
}

/// The same of one that must be there.
TreeNode load(const NodeReader& nodes, const StatePath& path, std::size_t depth)
{
    std::optional<TreeNode> node;
    if (depth < 2 * StatePath::size) node = find(nodes, path, depth);
    if (!node) throw Error{Exit::data, "a node of the state's tree is not there"};
    return *node;
}

class Updater {
public:
    explicit Updater(const NodeReader& nodes) : nodes_{&nodes} {}

    TreeUpdate update(std::span<const LeafChange> changes)
    {
        // The root is always a node of its own, also with one leaf; without any it is not there.
        const Bytes key = detail::node_key({}, 0);
        const std::optional<TreeNode> before = find(*nodes_, {}, 0);
        TreeNode root = before.value_or(TreeNode{});
        change_children(root, 0, changes);
        const bool is_gone = root.is_empty(0, node_children);
        if (!is_gone)
            update_.nodes.push_back({key, root.to_bytes()});
        else if (before)
            update_.nodes.push_back({key, std::nullopt});
        update_.root = {root.hash().bytes};
        return std::move(update_);
    }

private:
    /// The subtree at a depth, which was `before`, after changes of which there is at least one.
    Child changed(const Child& before, std::size_t depth, std::span<const LeafChange> changes)
    {
        const LeafChange& first = changes.front();
        if (before.kind != ChildKind::node && changes.size() == 1) {
            const bool is_replaced = before.is_none() || before.path == first.path;
            if (!first.value) return is_replaced ? Child{} : before;
            if (is_replaced)
                return {ChildKind::leaf, state_leaf(first.path, *first.value), first.path};
        }
        TreeNode node;
        if (before.kind == ChildKind::node) node = load(*nodes_, first.path, depth);
        if (before.kind == ChildKind::leaf) node.children[nibble(before.path, depth)] = before;
        change_children(node, depth, changes);

        const bool was_node = before.kind == ChildKind::node;
        const Child* const only = node.only_leaf(0, node_children);
        if (only || node.is_empty(0, node_children)) {
            if (was_node)
                update_.nodes.push_back({detail::node_key(first.path, depth), std::nullopt});
            return only ? *only : Child{};
        }
        update_.nodes.push_back({detail::node_key(first.path, depth), node.to_bytes()});
        return {ChildKind::node, node.hash(), {}};
    }

    void change_children(TreeNode& node, std::size_t depth, std::span<const LeafChange> changes)
    {
        assert(depth < 2 * StatePath::size);
        while (!changes.empty()) {
            const std::size_t number = nibble(changes.front().path, depth);
            std::size_t count = 1;
            while (count < changes.size() && nibble(changes[count].path, depth) == number) ++count;
            Child& child = node.children[number];
            child = changed(child, depth + 1, changes.first(count));
            changes = changes.subspan(count);
        }
    }

    const NodeReader* nodes_;
    TreeUpdate update_;
};

/// A tree without any node.
class NoNodes final : public NodeReader {
public:
    [[nodiscard]] std::optional<Bytes> get(ByteView) const override { return std::nullopt; }
};

bool bit(const StatePath& path, std::size_t number)
{
    return (path.bytes.at(number / 8) >> (7 - number % 8) & std::byte{1}) != std::byte{0};
}

} // namespace

MerkleHash state_leaf(const StatePath& path, const MerkleHash& value)
{
    return hash_of(leaf_mark, path.bytes, value.bytes);
}

MerkleHash value_hash(ByteView value)
{
    return {sha256(value).bytes};
}

MerkleHash state_node(const MerkleHash& left, const MerkleHash& right)
{
    return hash_of(node_mark, left.bytes, right.bytes);
}

std::vector<LeafChange> leaf_changes(std::span<const StateChange> changes)
{
    std::vector<LeafChange> leaves;
    leaves.reserve(changes.size());
    for (const StateChange& change : changes) {
        LeafChange& leaf = leaves.emplace_back();
        leaf.path = change.key.path;
        if (change.after) leaf.value = value_hash(*change.after);
    }
    return leaves;
}

TreeUpdate update_tree(const NodeReader& nodes, std::span<const LeafChange> changes)
{
    return Updater{nodes}.update(changes);
}

StateRoot root_of(std::span<const LeafChange> leaves)
{
    return update_tree(NoNodes{}, leaves).root;
}

bool have_common_front(const StatePath& a, const StatePath& b, std::size_t bits)
{
    for (std::size_t i = 0; i < bits; ++i)
        if (bit(a, i) != bit(b, i)) return false;
    return true;
}

MerkleHash part_hash(std::span<const ProvenLeaf> leaves, std::size_t depth)
{
    if (leaves.empty()) return {};
    if (leaves.size() == 1) return state_leaf(leaves.front().path, leaves.front().value);
    const auto right =
        std::ranges::find_if(leaves, [&](const ProvenLeaf& leaf) { return bit(leaf.path, depth); });
    const auto left = static_cast<std::size_t>(right - leaves.begin());
    return state_node(part_hash(leaves.first(left), depth + 1),
                      part_hash(leaves.subspan(left), depth + 1));
}

StateRoot root_above(MerkleHash part, const StatePath& path, std::span<const MerkleHash> beside)
{
    for (std::size_t i = beside.size(); i-- > 0;)
        part = bit(path, i) ? state_node(beside[i], part) : state_node(part, beside[i]);
    return {part.bytes};
}

TreeProof prove(const NodeReader& nodes, const StatePath& path, const ValueHashes& value_of)
{
    TreeProof proof;
    const std::optional<TreeNode> root = find(nodes, path, 0);
    if (!root) return proof;
    TreeNode node = *root;
    for (std::size_t depth = 0;; ++depth) {
        const std::size_t number = nibble(path, depth);
        std::size_t begin = 0;
        std::size_t end = node_children;
        while (end - begin > 1 && !node.is_empty(begin, end) && !node.only_leaf(begin, end)) {
            const std::size_t middle = (begin + end) / 2;
            if (number < middle) {
                proof.beside.push_back(node.hash(middle, end));
                end = middle;
            } else {
                proof.beside.push_back(node.hash(begin, middle));
                begin = middle;
            }
        }
        if (node.is_empty(begin, end)) return proof;
        if (const Child* const leaf = node.only_leaf(begin, end)) {
            proof.leaf = ProvenLeaf{leaf->path, value_of(leaf->path)};
            return proof;
        }
        node = load(nodes, path, depth + 1);
    }
}

bool is_proven(const StateRoot& root, const StatePath& path, const std::optional<MerkleHash>& value,
               const TreeProof& proof)
{
    const std::size_t depth = proof.beside.size();
    if (depth > tree_depth_max) return false;
    MerkleHash hash;
    if (proof.leaf) {
        const bool is_own = proof.leaf->path == path;
        if (is_own != value.has_value()) return false;
        if (is_own && proof.leaf->value != *value) return false;
        if (!have_common_front(proof.leaf->path, path, depth)) return false;
        hash = state_leaf(proof.leaf->path, proof.leaf->value);
    } else if (value) {
        return false;
    }
    return root_above(hash, path, proof.beside) == root;
}

} // namespace cairn
