#include "ledger/merkle.hpp"

#include <bit>
#include <cassert>

namespace cairn {
namespace {

MerkleHash node(const MerkleHash& left, const MerkleHash& right)
{
    std::array<std::byte, 1 + 2 * MerkleHash::size> bytes{std::byte{1}};
    std::ranges::copy(left.bytes, bytes.begin() + 1);
    std::ranges::copy(right.bytes, bytes.begin() + 1 + MerkleHash::size);
    return {sha256(bytes).bytes};
}

/// The largest power of two below n. Needs n > 1.
std::size_t split(std::size_t n)
{
    return std::bit_floor(n - 1);
}

MerkleHash root_of(std::span<const MerkleHash> leaves)
{
    if (leaves.empty()) return {sha256({}).bytes};
    if (leaves.size() == 1) return leaves.front();
    const std::size_t left = split(leaves.size());
    return node(root_of(leaves.first(left)), root_of(leaves.subspan(left)));
}

void add_path(std::span<const MerkleHash> leaves, std::size_t index, std::vector<MerkleHash>& path)
{
    if (leaves.size() == 1) return;
    const std::size_t left = split(leaves.size());
    if (index < left) {
        add_path(leaves.first(left), index, path);
        path.push_back(root_of(leaves.subspan(left)));
    } else {
        add_path(leaves.subspan(left), index - left, path);
        path.push_back(root_of(leaves.first(left)));
    }
}

} // namespace

MerkleHash merkle_leaf(ByteView item)
{
    Bytes bytes;
    bytes.reserve(1 + item.size());
    bytes.push_back(std::byte{0});
    bytes.insert(bytes.end(), item.begin(), item.end());
    return {sha256(bytes).bytes};
}

MerkleRoot merkle_root(std::span<const MerkleHash> leaves)
{
    return {root_of(leaves).bytes};
}

std::vector<MerkleHash> merkle_path(std::span<const MerkleHash> leaves, std::size_t index)
{
    assert(index < leaves.size());
    std::vector<MerkleHash> path;
    add_path(leaves, index, path);
    return path;
}

bool is_in_merkle_root(const MerkleRoot& root, std::uint64_t size, std::uint64_t index,
                       const MerkleHash& leaf, std::span<const MerkleHash> path)
{
    if (index >= size) return false;
    MerkleHash hash = leaf;
    std::uint64_t last = size - 1; // of the level, where the leaf's ancestor is `index`
    for (const MerkleHash& beside : path) {
        if (last == 0) return false;
        if (index % 2 == 1 || index == last) {
            hash = node(beside, hash);
            while (index % 2 == 0 && index != 0) { // it was the last, without one beside it
                index /= 2;
                last /= 2;
            }
        } else {
            hash = node(hash, beside);
        }
        index /= 2;
        last /= 2;
    }
    return last == 0 && hash.bytes == root.bytes;
}

} // namespace cairn
