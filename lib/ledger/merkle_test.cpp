#include "ledger/merkle.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t size_max = 70; // of the lists here

std::vector<MerkleHash> leaves_of(std::size_t count)
{
    std::vector<MerkleHash> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(merkle_leaf(noise(i % 5, i)));
    for (std::size_t i = 0; i < count; ++i) leaves[i].bytes[0] = static_cast<std::byte>(i);
    return leaves;
}

/// On which sides of a list's halves a leaf is, from the leaf on: what a size and an index say of a
/// path.
std::string sides(std::size_t size, std::size_t index)
{
    if (size == 1) return "";
    std::size_t left = 1;
    while (2 * left < size) left *= 2;
    return index < left ? sides(left, index) + '0' : sides(size - left, index - left) + '1';
}

std::string root_text(std::span<const MerkleHash> leaves)
{
    return to_hex_text(merkle_root(leaves).bytes);
}

} // namespace

TEST_CASE("roots are those of the certificate transparency project")
{
    // merkletree/merkle_tree_test.cc of its repository: the inputs, and the roots of the first so
    // many of them.
    const std::array inputs{"",
                            "00",
                            "10",
                            "2021",
                            "3031",
                            "40414243",
                            "5051525354555657",
                            "606162636465666768696a6b6c6d6e6f"};
    const std::array roots{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                           "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                           "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                           "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                           "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                           "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                           "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                           "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    std::vector<MerkleHash> leaves;
    CHECK(root_text(leaves) == roots[0]);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        leaves.push_back(merkle_leaf(hex_bytes(inputs.at(i))));
        CHECK(root_text(leaves) == roots.at(i + 1));
    }
    // Its path of the sixth of eight leaves.
    const auto path = merkle_path(leaves, 5);
    REQUIRE(path.size() == 3);
    CHECK(to_hex_text(path[0].bytes) ==
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    CHECK(to_hex_text(path[1].bytes) ==
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
    CHECK(to_hex_text(path[2].bytes) ==
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
}

TEST_CASE("a leaf is proven at its own index, and at no other")
{
    for (std::size_t size = 1; size <= size_max; ++size) {
        const auto leaves = leaves_of(size);
        const MerkleRoot root = merkle_root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto path = merkle_path(leaves, index);
            REQUIRE(is_in_merkle_root(root, size, index, leaves[index], path));
            CHECK(path.size() == sides(size, index).size());
            for (std::size_t other = 0; other < size + 2; ++other)
                if (other != index)
                    REQUIRE_FALSE(is_in_merkle_root(root, size, other, leaves[index], path));
            CHECK_FALSE(is_in_merkle_root(root, size, UINT64_MAX, leaves[index], path));
        }
    }
}

TEST_CASE("a size that leads another way to the leaf is refused")
{
    // The root does not tell the size; two sizes that lead the same way are the same to a path.
    for (const std::size_t size : {1U, 2U, 3U, 5U, 7U, 8U, 9U, 31U, 32U, 33U, 64U, 65U, 70U}) {
        const auto leaves = leaves_of(size);
        const MerkleRoot root = merkle_root(leaves);
        for (std::size_t index = 0; index < size; ++index)
            for (std::size_t other = index + 1; other <= size_max; ++other)
                CHECK(is_in_merkle_root(root, other, index, leaves[index],
                                        merkle_path(leaves, index)) ==
                      (sides(other, index) == sides(size, index)));
        CHECK_FALSE(is_in_merkle_root(root, 0, 0, leaves[0], {}));
        CHECK(is_in_merkle_root(root, UINT64_MAX, 0, leaves[0], merkle_path(leaves, 0)) == false);
    }
}

TEST_CASE("a path or leaf with anything changed is refused")
{
    for (const std::size_t size : {1U, 2U, 3U, 6U, 8U, 13U, 37U, 70U}) {
        const auto leaves = leaves_of(size);
        const MerkleRoot root = merkle_root(leaves);
        for (std::size_t index = 0; index < size; ++index) {
            const auto good = merkle_path(leaves, index);
            const auto refuses = [&](const MerkleHash& leaf, std::span<const MerkleHash> path) {
                return !is_in_merkle_root(root, size, index, leaf, path);
            };
            MerkleHash leaf = leaves[index];
            leaf.bytes[index % 32] ^= std::byte{1};
            CHECK(refuses(leaf, good));
            for (std::size_t i = 0; i < good.size(); ++i) {
                auto path = good;
                path[i].bytes[(index + i) % 32] ^= std::byte{0x80};
                CHECK(refuses(leaves[index], path));
                path = good;
                path.erase(path.begin() + static_cast<std::ptrdiff_t>(i));
                CHECK(refuses(leaves[index], path));
            }
            for (std::size_t i = 0; i <= good.size(); ++i) {
                auto path = good;
                path.insert(path.begin() + static_cast<std::ptrdiff_t>(i), leaves[index]);
                CHECK(refuses(leaves[index], path));
            }
        }
    }
}

TEST_CASE("lists of other items, or other numbers of them, have other roots")
{
    std::map<std::string, std::size_t> roots;
    for (std::size_t size = 0; size <= size_max; ++size)
        CHECK(roots.emplace(root_text(leaves_of(size)), size).second);
    // The last leaf twice is another list (CVE-2012-2459).
    auto leaves = leaves_of(3);
    leaves.push_back(leaves.back());
    CHECK(roots.emplace(root_text(leaves), 4).second);
    // A node is no leaf: what two leaves are hashed to is not the leaf of their hashes.
    const auto two = leaves_of(2);
    Bytes both{two[0].bytes.begin(), two[0].bytes.end()};
    both.insert(both.end(), two[1].bytes.begin(), two[1].bytes.end());
    CHECK(merkle_leaf(both).bytes != merkle_root(two).bytes);
    for (std::size_t i = 0; i < 8; ++i) {
        auto changed = leaves_of(8);
        changed[i].bytes[31] ^= std::byte{1};
        CHECK(roots.emplace(root_text(changed), 8).second);
    }
}
