#include "ledger/state_tree.hpp"

#include "ledger/detail/tree_node.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

class Nodes final : public NodeReader {
public:
    explicit Nodes(const std::map<Bytes, Bytes>& nodes) : nodes_{&nodes} {}

    [[nodiscard]] std::optional<Bytes> get(ByteView key) const override
    {
        const auto found = nodes_->find(Bytes{key.begin(), key.end()});
        if (found == nodes_->end()) return std::nullopt;
        return found->second;
    }

private:
    const std::map<Bytes, Bytes>* nodes_;
};

/// A tree, and the values that it should be of.
struct Tree {
    void change(const std::map<StatePath, std::optional<MerkleHash>>& batch)
    {
        std::vector<LeafChange> changes;
        for (const auto& [path, value] : batch) {
            changes.push_back({path, value});
            values.erase(path);
            if (value) values.emplace(path, *value);
        }
        const TreeUpdate update = update_tree(Nodes{nodes}, changes);
        root = update.root;
        for (const NodeWrite& write : update.nodes) {
            nodes.erase(write.key);
            if (write.node) nodes.emplace(write.key, *write.node);
        }
    }

    [[nodiscard]] TreeProof proof_of(const StatePath& path) const
    {
        return prove(Nodes{nodes}, path, [&](const StatePath& at) { return values.at(at); });
    }

    [[nodiscard]] std::optional<MerkleHash> value_of(const StatePath& path) const
    {
        const auto found = values.find(path);
        if (found == values.end()) return std::nullopt;
        return found->second;
    }

    std::map<Bytes, Bytes> nodes;
    std::map<StatePath, MerkleHash> values;
    StateRoot root;
};

/// The hash of a tree by its definition: a subtree of one leaf is that leaf, an empty one zeros.
MerkleHash defined(std::span<const std::pair<const StatePath, MerkleHash>* const> leaves,
                   std::size_t depth)
{
    if (leaves.empty()) return {};
    if (leaves.size() == 1) return state_leaf(leaves[0]->first, leaves[0]->second);
    std::size_t left = 0;
    while (left < leaves.size() &&
           (std::to_integer<unsigned>(leaves[left]->first.bytes.at(depth / 8)) >> (7 - depth % 8) &
            1U) == 0)
        ++left;
    return state_node(defined(leaves.first(left), depth + 1),
                      defined(leaves.subspan(left), depth + 1));
}

MerkleHash defined(const std::map<StatePath, MerkleHash>& values)
{
    std::vector<const std::pair<const StatePath, MerkleHash>*> leaves;
    for (const auto& value : values) leaves.push_back(&value);
    return defined(leaves, 0);
}

MerkleHash value(std::uint64_t number)
{
    return {sha256(noise(8, number)).bytes};
}

/// A path of few: some share long fronts, and some differ in their last bit alone.
StatePath path(std::uint64_t number)
{
    StatePath path = filled<StatePath>(number % 3 == 0 ? 0x00 : number % 3 == 1 ? 0xff : 0x5a);
    const std::uint64_t place = number / 3 % 32;
    path.bytes.at(place) ^= static_cast<std::byte>(number / 96 % 256);
    path.bytes.at(31) ^= static_cast<std::byte>(number % 2);
    return path;
}

/// The same tree made at once.
Tree made_anew(const std::map<StatePath, MerkleHash>& values)
{
    Tree tree;
    tree.change({values.begin(), values.end()});
    return tree;
}

void check(const Tree& tree)
{
    const Tree anew = made_anew(tree.values);
    CHECK(tree.root == anew.root);
    CHECK(tree.nodes == anew.nodes);
    std::vector<LeafChange> leaves;
    for (const auto& [at, hash] : tree.values) leaves.push_back({at, hash});
    CHECK(root_of(leaves) == tree.root);
    CHECK(defined(tree.values).bytes == tree.root.bytes);
}

Tree random_tree(std::uint64_t seed, std::size_t count)
{
    Dice dice{seed};
    Tree tree;
    std::map<StatePath, std::optional<MerkleHash>> batch;
    for (std::size_t i = 0; i < count; ++i)
        batch.insert_or_assign(i % 2 == 0 ? path(dice.below(5000))
                                          : StatePath{value(dice.below(5000)).bytes},
                               value(i));
    tree.change(batch);
    return tree;
}

} // namespace

TEST_CASE("an empty tree has the root of zeros, and one leaf is the root")
{
    Tree tree;
    tree.change({});
    CHECK(tree.root == StateRoot{});
    CHECK(tree.nodes.empty());
    CHECK(root_of({}) == StateRoot{});
    tree.change({{path(7), value(1)}});
    CHECK(tree.root.bytes == state_leaf(path(7), value(1)).bytes);
    Bytes leaf{std::byte{0}};
    const StatePath at = path(7);
    const MerkleHash hash = value(1);
    leaf.insert(leaf.end(), at.bytes.begin(), at.bytes.end());
    leaf.insert(leaf.end(), hash.bytes.begin(), hash.bytes.end());
    CHECK(tree.root.bytes == sha256(leaf).bytes);
    leaf[0] = std::byte{1};
    CHECK(state_node({at.bytes}, hash).bytes == sha256(leaf).bytes);
    tree.change({{path(7), std::nullopt}, {path(8), std::nullopt}});
    CHECK(tree.root == StateRoot{});
    CHECK(tree.nodes.empty());
}

TEST_CASE("the tree depends on what is in it alone, whatever was before")
{
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Dice dice{seed};
        Tree tree;
        const std::uint64_t kinds = 20 + dice.below(400); // few paths are changed often
        for (int round = 0; round < 25; ++round) {
            std::map<StatePath, std::optional<MerkleHash>> batch;
            const std::uint64_t count = dice.below(seed % 2 == 0 ? 6 : 40);
            for (std::uint64_t i = 0; i < count; ++i) {
                const StatePath at = path(dice.below(kinds) * 37);
                batch.insert_or_assign(
                    at, dice.below(3) == 0 ? std::nullopt : std::optional{value(dice.below(1000))});
            }
            tree.change(batch);
            if (round % 4 == 0) check(tree);
        }
        check(tree);
        while (!tree.values.empty()) { // in an order of its own, some at a time
            std::map<StatePath, std::optional<MerkleHash>> batch;
            for (const auto& [at, hash] : tree.values)
                if (dice.below(3) == 0) batch.emplace(at, std::nullopt);
            tree.change(batch);
            if (dice.below(2) == 0) check(tree);
        }
        CHECK(tree.root == StateRoot{});
        CHECK(tree.nodes.empty());
    }
}

TEST_CASE("two paths that differ in any one bit alone are two leaves, down to the last")
{
    for (std::size_t bit = 0; bit < tree_depth_max; ++bit) {
        const StatePath a = filled<StatePath>(0x5a);
        StatePath b = a;
        b.bytes[bit / 8] ^= static_cast<std::byte>(0x80U >> bit % 8);
        Tree tree;
        tree.change({{a, value(1)}});
        tree.change({{b, value(2)}});
        check(tree);
        CHECK(tree.nodes.size() == bit / 4 + 1);
        const TreeProof proof = tree.proof_of(a);
        CHECK(proof.beside.size() == bit + 1);
        CHECK(is_proven(tree.root, a, value(1), proof));
        CHECK(is_proven(tree.root, b, value(2), tree.proof_of(b)));
        CHECK_FALSE(is_proven(tree.root, b, value(1), proof));
        tree.change({{a, std::nullopt}});
        check(tree);
        CHECK(tree.nodes.size() == 1);
        tree.change({{a, value(3)}, {b, std::nullopt}}); // one goes and one comes
        check(tree);
    }
}

TEST_CASE("what is there and what is not is proven, and nothing else is")
{
    for (const std::size_t count : {1U, 2U, 3U, 10U, 200U}) {
        const Tree tree = random_tree(count, count);
        std::vector<StatePath> paths;
        for (const auto& [at, hash] : tree.values) paths.push_back(at);
        for (std::uint64_t i = 0; i < 200; ++i) { // most of them absent
            paths.push_back(path(i * 61));
            paths.push_back({value(i + 10'000).bytes});
            StatePath near = paths[i % tree.values.size()];
            near.bytes[i % 32] ^= static_cast<std::byte>(1U << i % 8);
            paths.push_back(near);
        }
        for (const StatePath& at : paths) {
            const auto is = tree.value_of(at);
            const TreeProof proof = tree.proof_of(at);
            REQUIRE(is_proven(tree.root, at, is, proof));
            CHECK_FALSE(
                is_proven(tree.root, at, is ? std::nullopt : std::optional{value(1)}, proof));
            CHECK_FALSE(is_proven(tree.root, at, value(99'999), proof));
            CHECK_FALSE(is_proven(StateRoot{value(5).bytes}, at, is, proof));
        }
    }
}

TEST_CASE("a path that is not there is absent from the empty tree alone without more")
{
    const Tree tree;
    CHECK(is_proven(tree.root, path(1), std::nullopt, tree.proof_of(path(1))));
    CHECK_FALSE(is_proven(tree.root, path(1), value(1), {}));
    CHECK_FALSE(is_proven(random_tree(1, 5).root, path(1), std::nullopt, {}));
    CHECK_FALSE(is_proven(tree.root, path(1), std::nullopt, {{MerkleHash{}}, {}}));
}

TEST_CASE("a proof with anything changed, left out or added proves nothing")
{
    const Tree tree = random_tree(3, 30);
    std::vector<StatePath> paths;
    for (const auto& [at, hash] : tree.values) paths.push_back(at);
    for (std::uint64_t i = 0; i < 40; ++i) paths.push_back({value(i + 20'000).bytes});
    const auto proves = [&](const StatePath& at, const TreeProof& proof) {
        return is_proven(tree.root, at, tree.value_of(at), proof);
    };
    for (std::size_t number = 0; number < paths.size(); ++number) {
        const StatePath& at = paths[number];
        const TreeProof good = tree.proof_of(at);
        REQUIRE(proves(at, good));
        for (std::size_t i = 0; i < good.beside.size(); ++i) {
            TreeProof bad = good;
            bad.beside[i].bytes[(number + i) % 32] ^= static_cast<std::byte>(1U << i % 8);
            CHECK_FALSE(proves(at, bad));
            bad = good;
            bad.beside.erase(bad.beside.begin() + static_cast<std::ptrdiff_t>(i));
            CHECK_FALSE(proves(at, bad));
        }
        for (std::size_t i = 0; i <= good.beside.size(); ++i)
            for (const MerkleHash& more : {MerkleHash{}, value(i)}) {
                TreeProof bad = good;
                bad.beside.insert(bad.beside.begin() + static_cast<std::ptrdiff_t>(i), more);
                CHECK_FALSE(proves(at, bad));
            }
        TreeProof bad = good;
        bad.beside.resize(tree_depth_max + 1);
        CHECK_FALSE(proves(at, bad));
        if (!good.leaf) {
            bad = good;
            bad.leaf = ProvenLeaf{at, value(1)};
            CHECK_FALSE(proves(at, bad));
            CHECK_FALSE(is_proven(tree.root, at, value(1), bad));
            continue;
        }
        for (std::size_t bit = 0; bit < 256; bit += 7) {
            bad = good;
            bad.leaf->path.bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
            CHECK_FALSE(proves(at, bad));
            bad = good;
            bad.leaf->value.bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
            CHECK_FALSE(proves(at, bad));
        }
        bad = good;
        bad.leaf.reset();
        CHECK_FALSE(proves(at, bad));
    }
}

TEST_CASE("a leaf elsewhere does not prove that a path leads to nothing")
{
    const Tree tree = random_tree(4, 100);
    for (const auto& [at, hash] : tree.values) {
        const TreeProof proof = tree.proof_of(at);
        // Another path that leaves the way earlier, with the leaf's own proof.
        for (std::size_t bit = 0; bit < proof.beside.size(); ++bit) {
            StatePath other = at;
            other.bytes[bit / 8] ^= static_cast<std::byte>(0x80U >> bit % 8);
            CHECK_FALSE(is_proven(tree.root, other, std::nullopt, proof));
        }
        StatePath below = at; // one that would be beside the leaf is absent by the same proof
        const std::size_t bit = proof.beside.size();
        if (bit == tree_depth_max) continue;
        below.bytes[bit / 8] ^= static_cast<std::byte>(0x80U >> bit % 8);
        CHECK(is_proven(tree.root, below, std::nullopt, proof));
    }
}

TEST_CASE("a node that is missing is an error, and none but the changed paths' are read")
{
    const Tree tree = random_tree(5, 30);
    for (const auto& entry : tree.nodes) {
        const Bytes& key = entry.first;
        if (key[0] == std::byte{0}) continue; // without the root there is nothing
        Tree bad = tree;
        bad.nodes.erase(key);
        const auto below = [&](const StatePath& at) {
            return detail::node_key(at, std::to_integer<std::size_t>(key[0])) == key;
        };
        for (const auto& leaf : tree.values) {
            const StatePath& at = leaf.first;
            Tree copy = bad;
            const Exit change = exit_of([&] { copy.change({{at, value(1)}}); });
            const Exit proof = exit_of([&] { (void)bad.proof_of(at); });
            CHECK(change == (below(at) ? Exit::data : Exit::ok));
            CHECK(proof == (below(at) ? Exit::data : Exit::ok));
        }
    }
}

TEST_CASE("a node that is damaged is an error, or makes another root")
{
    const Tree tree = random_tree(6, 40);
    for (const auto& [key, node] : tree.nodes)
        for (std::size_t cut = 0; cut < node.size(); cut += 5)
            CHECK(is_refused({node.data(), cut}, detail::TreeNode::parse));
    for (const auto& [key, node] : tree.nodes) {
        Bytes more = node;
        more.push_back(std::byte{});
        CHECK(is_refused(more, detail::TreeNode::parse));
        CHECK(detail::TreeNode::parse(node).to_bytes() == node);
        for (std::size_t bit = 0; bit < 32; ++bit) // the kinds of its children
            CHECK((is_refused(with_bit_changed(node, bit), detail::TreeNode::parse)));
    }
}

TEST_CASE("a node that cannot be where it is is an error, whoever reads it")
{
    const Tree tree = random_tree(7, 12);
    const auto exits = [&](const Tree& bad, const StatePath& at) {
        Tree copy = bad;
        return std::pair{exit_of([&] {
                             copy.change({{at, value(1)}});
                         }),
                         exit_of([&] { (void)bad.proof_of(at); })};
    };
    constexpr std::pair both{Exit::data, Exit::data};
    for (const auto& entry : tree.nodes) {
        const Bytes& key = entry.first;
        const Bytes& node = entry.second;
        const auto depth = std::to_integer<std::size_t>(key[0]);
        for (const auto& leaf : tree.values) {
            const StatePath& at = leaf.first;
            if (detail::node_key(at, depth) != key) continue;
            const auto change = [&](auto how) {
                Tree bad = tree;
                detail::TreeNode other = detail::TreeNode::parse(node);
                how(other);
                bad.nodes[key] = other.to_bytes();
                return bad;
            };
            CHECK(exits(change([](auto& other) { other = {}; }), at) == both);
            if (depth > 0) // a leaf alone
                CHECK(exits(change([&](auto& other) {
                                other = {};
                                other.children[detail::nibble(at, depth)] = {
                                    detail::ChildKind::leaf, value(1), at};
                            }),
                            at) == both);
            // Its own leaf's path, with a nibble changed that led here.
            for (std::size_t i = 0; i <= depth; ++i) {
                const Tree bad = change([&](auto& other) {
                    auto& child = other.children[detail::nibble(at, depth)];
                    child.kind = detail::ChildKind::leaf;
                    child.path = at;
                    child.path.bytes[i / 2] ^= std::byte{0x11};
                });
                CHECK(exits(bad, at) == both);
            }
        }
    }
}
