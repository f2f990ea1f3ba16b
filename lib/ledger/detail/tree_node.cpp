#include "ledger/detail/tree_node.hpp"

#include "base/cursor.hpp"

namespace cairn::detail {

std::size_t nibble(const StatePath& path, std::size_t depth)
{
    const auto byte = std::to_integer<std::size_t>(path.bytes.at(depth / 2));
    return depth % 2 == 0 ? byte >> 4U : byte & 15U;
}

Bytes node_key(const StatePath& path, std::size_t depth)
{
    Bytes key{static_cast<std::byte>(depth)};
    const ByteView bytes{path.bytes};
    key.insert(key.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(depth / 2));
    if (depth % 2 == 1) key.push_back(bytes[depth / 2] & std::byte{0xf0});
    return key;
}

Bytes TreeNode::to_bytes() const
{
    std::uint32_t kinds = 0;
    for (std::size_t i = 0; i < node_children; ++i)
        kinds |= static_cast<std::uint32_t>(children[i].kind) << 2 * i;
    Bytes bytes;
    Writer writer{bytes};
    writer.integer(kinds);
    for (const Child& child : children) {
        if (child.is_none()) continue;
        writer.put(child.hash.bytes);
        if (child.kind == ChildKind::leaf) writer.put(child.path.bytes);
    }
    return bytes;
}

TreeNode TreeNode::parse(ByteView bytes)
{
    Reader reader{bytes, "a node of the state's tree"};
    const auto kinds = reader.integer<std::uint32_t>();
    TreeNode node;
    for (std::size_t i = 0; i < node_children; ++i) {
        Child& child = node.children[i];
        child.kind = static_cast<ChildKind>(kinds >> 2 * i & 3U);
        if (child.is_none()) continue;
        if (child.kind > ChildKind::node)
            throw Error{Exit::data, "a node of the state's tree is malformed"};
        child.hash = reader.fixed<MerkleHash>();
        if (child.kind == ChildKind::leaf) child.path = reader.fixed<StatePath>();
    }
    reader.finish();
    return node;
}

bool TreeNode::is_empty(std::size_t begin, std::size_t end) const
{
    return std::all_of(children.begin() + static_cast<std::ptrdiff_t>(begin),
                       children.begin() + static_cast<std::ptrdiff_t>(end),
                       [](const Child& child) { return child.is_none(); });
}

const Child* TreeNode::only_leaf(std::size_t begin, std::size_t end) const
{
    const Child* only = nullptr;
    for (std::size_t i = begin; i < end; ++i) {
        if (children[i].is_none()) continue;
        if (only || children[i].kind != ChildKind::leaf) return nullptr;
        only = &children[i];
    }
    return only;
}

MerkleHash TreeNode::hash(std::size_t begin, std::size_t end) const
{
    if (is_empty(begin, end)) return {};
    if (const Child* const leaf = only_leaf(begin, end)) return leaf->hash;
    if (end - begin == 1) return children[begin].hash;
    const std::size_t middle = (begin + end) / 2;
    return state_node(hash(begin, middle), hash(middle, end));
}

} // namespace cairn::detail
