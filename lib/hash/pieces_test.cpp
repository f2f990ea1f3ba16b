#include "hash/pieces.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <tuple>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

ByteView piece_of(ByteView data, std::uint64_t piece)
{
    return data.subspan(piece * piece_size, piece_length(data.size(), piece));
}

PieceRange range_of(ByteView data, std::uint64_t first, std::uint64_t last)
{
    return {.length = data.size(), .first = first, .last = last};
}

// Whether a reader with this proof accepts all pieces of the range.
bool is_accepted(ByteView data, const PieceRange& range, const Blake3Digest& root, Bytes proof)
{
    PieceVerifier verifier{root, range, std::move(proof)};
    while (!verifier.is_done())
        if (!verifier.accept(piece_of(data, verifier.next()))) return false;
    return true;
}

} // namespace

TEST_CASE("the root of a piece tree is the plain hash")
{
    const Bytes data = noise(5 * piece_size + 1);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{1024}, piece_size - 1, piece_size,
          piece_size + 1, 2 * piece_size, 3 * piece_size, 4 * piece_size + 1025, data.size()}) {
        const ByteView object = ByteView{data}.first(size);
        const PieceTree tree = PieceTree::of(object);
        CHECK(tree.root() == blake3(object));
        CHECK(tree.length() == size);
        CHECK(tree.pieces().size() == piece_count(size));
    }
}

TEST_CASE("every range of objects of one to nine pieces verifies")
{
    const Bytes data = noise(8 * piece_size + 5000);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, piece_size, piece_size + 1, 3 * piece_size - 1,
          4 * piece_size, 4 * piece_size + 1, 5 * piece_size, 6 * piece_size + 1024,
          7 * piece_size - 7, data.size()}) {
        const ByteView object = ByteView{data}.first(size);
        const PieceTree tree = PieceTree::of(object);
        for (std::uint64_t first = 0; first < piece_count(size); ++first) {
            for (std::uint64_t last = first; last < piece_count(size); ++last) {
                CAPTURE(size);
                CAPTURE(first);
                CAPTURE(last);
                const PieceRange range = range_of(object, first, last);
                const Bytes proof = tree.proof(first, last);
                CHECK(proof.size() == piece_proof_size(range));
                CHECK(is_accepted(object, range, tree.root(), proof));
            }
        }
    }
}

TEST_CASE("pieces hashed out of order make the same tree")
{
    const Bytes data = noise(3 * piece_size + 10);
    const auto part = [&](std::uint64_t piece) {
        return blake3_subtree(piece_of(data, piece), piece * piece_size);
    };
    const std::array parts{part(3), part(1), part(0), part(2)};
    PieceCollector collector;
    for (const std::size_t i : {2U, 1U, 3U, 0U}) collector.add(parts.at(i));
    const PieceTree tree = collector.finish();
    CHECK(tree.root() == blake3(data));
    CHECK(tree.pieces() == PieceTree::of(data).pieces());
}

TEST_CASE("a kept tree is checked when it comes back")
{
    const Bytes data = noise(4 * piece_size + 10);
    const PieceTree tree = PieceTree::of(data);
    const std::uint64_t length = data.size();

    const PieceTree again{tree.root(), length, tree.pieces()};
    CHECK(again.proof(1, 3) == tree.proof(1, 3));

    std::vector<Blake3Chaining> changed = tree.pieces();
    changed[4].bytes[0] ^= std::byte{1};
    CHECK(exit_of([&] { PieceTree{tree.root(), length, changed}; }) == Exit::data);
    CHECK(exit_of([&] { PieceTree{{}, length, tree.pieces()}; }) == Exit::data);
    CHECK(exit_of([&] { PieceTree{tree.root(), 4 * piece_size, tree.pieces()}; }) == Exit::data);
    CHECK(exit_of([&] { PieceTree{tree.root(), ~std::uint64_t{0}, {}}; }) == Exit::data);
}

TEST_CASE("any changed bit of a proof is refused")
{
    const Bytes data = noise(5 * piece_size - 100);
    const PieceTree tree = PieceTree::of(data);
    for (const auto& [first, last] : {std::pair{0, 4}, {1, 2}, {4, 4}}) {
        const PieceRange range = range_of(data, std::uint64_t(first), std::uint64_t(last));
        const Bytes proof = tree.proof(range.first, range.last);
        for (std::size_t bit = 0; bit < 8 * proof.size(); bit += 37) {
            CAPTURE(bit);
            Bytes changed = proof;
            changed[bit / 8] ^= std::byte{1} << int(bit % 8);
            CHECK_FALSE(is_accepted(data, range, tree.root(), changed));
        }
    }
}

TEST_CASE("a changed piece is refused, and the right one accepted after it")
{
    const Bytes data = noise(3 * piece_size - 100);
    const PieceTree tree = PieceTree::of(data);
    PieceVerifier verifier{tree.root(), range_of(data, 1, 2), tree.proof(1, 2)};
    for (const std::uint64_t piece : {1U, 2U}) {
        const ByteView right = piece_of(data, piece);
        for (std::size_t bit = 0; bit < 8 * right.size(); bit += 100003) {
            Bytes changed{right.begin(), right.end()};
            changed[bit / 8] ^= std::byte{1} << int(bit % 8);
            CHECK_FALSE(verifier.accept(changed));
        }
        CHECK_FALSE(verifier.accept(right.first(right.size() - 1)));
        CHECK_FALSE(verifier.accept({}));
        CHECK_FALSE(verifier.accept(piece_of(data, 0)));
        CHECK(verifier.next() == piece);
        CHECK(verifier.accept(right));
    }
    CHECK(verifier.is_done());
    CHECK_FALSE(verifier.accept(piece_of(data, 2)));
}

TEST_CASE("a proof is for one root, one length and one range")
{
    const Bytes data = noise(4 * piece_size);
    const PieceTree tree = PieceTree::of(data);
    const Bytes proof = tree.proof(1, 1);

    CHECK(is_accepted(data, range_of(data, 1, 1), tree.root(), proof));
    CHECK_FALSE(is_accepted(data, range_of(data, 2, 2), tree.root(), proof));
    CHECK_FALSE(is_accepted(data, range_of(data, 1, 1), blake3({}), proof));

    // Another length: the reader of the last piece notices.
    const ByteView shorter = ByteView{data}.first(data.size() - 1);
    CHECK_FALSE(is_accepted(shorter, range_of(shorter, 3, 3), tree.root(), tree.proof(3, 3)));
}

TEST_CASE("an inner node is not taken for a piece")
{
    // An object of 64 bytes that spells the two children of the root.
    const Bytes data = noise(2 * piece_size);
    const PieceTree tree = PieceTree::of(data);
    const Bytes children = tree.proof(0, 1);
    CHECK_FALSE(is_accepted(children, range_of(children, 0, 0), tree.root(), {}));
}

TEST_CASE("proofs of the wrong size and absent pieces are refused")
{
    const Bytes data = noise(3 * piece_size);
    const PieceTree tree = PieceTree::of(data);
    const Bytes proof = tree.proof(0, 2);
    for (const std::size_t size : {std::size_t{0}, proof.size() - 64, proof.size() - 1,
                                   proof.size() + 1, proof.size() + 64}) {
        Bytes changed = proof;
        changed.resize(size);
        CHECK(exit_of([&] {
                  PieceVerifier{tree.root(), range_of(data, 0, 2), changed};
              }) == Exit::data);
    }
    CHECK(exit_of([&] { PieceVerifier{tree.root(), range_of(data, 0, 3), proof}; }) == Exit::data);
    CHECK(exit_of([&] { PieceVerifier{tree.root(), range_of(data, 2, 1), proof}; }) == Exit::data);
    CHECK(exit_of([&] { std::ignore = tree.proof(3, 3); }) == Exit::data);
    CHECK(exit_of([&] { std::ignore = tree.proof(2, 1); }) == Exit::data);
    CHECK(exit_of([&] { std::ignore = tree.proof(0, ~std::uint64_t{0}); }) == Exit::data);
}

TEST_CASE("an object of impossible length is refused without work")
{
    const std::uint64_t length = ~std::uint64_t{0};
    const std::uint64_t last = piece_count(length) - 1;
    CHECK(piece_count(length) == std::uint64_t{1} << 46U);
    CHECK(piece_length(length, last) == piece_size - 1);
    CHECK(piece_proof_size({.length = length, .first = 0, .last = last}) == 64 * last);
    CHECK(piece_proof_size({.length = length, .first = last, .last = last}) == 64 * 46);

    PieceVerifier verifier{
        {}, {.length = length, .first = last, .last = last}, Bytes(std::size_t{64} * 46)};
    CHECK_FALSE(verifier.accept(noise(piece_size - 1)));
}
