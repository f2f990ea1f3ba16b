#include "hash/pieces.hpp"

#include "base/error.hpp"
#include "hash/detail/blake3_tree.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace cairn {

using namespace detail;

namespace {

constexpr std::size_t node_size = 2 * Blake3Chaining::size; // bytes

// Where the left subtree of a parent over `count` pieces ends.
std::uint64_t left_count(std::uint64_t count)
{
    return std::bit_ceil(count) / 2;
}

bool are_children(const Blake3Mode& mode, const Blake3Digest& root, const Blake3Chaining& left,
                  const Blake3Chaining& right)
{
    return blake3_root_digest(*mode.code, blake3_parent_node(mode, left, right)) == root;
}

void require_valid(const PieceRange& range)
{
    if (!range.is_valid())
        throw Error{Exit::data, "no pieces " + std::to_string(range.first) + " to " +
                                    std::to_string(range.last) + " in an object of " +
                                    std::to_string(range.length) + " bytes"};
}

} // namespace

std::uint64_t piece_count(std::uint64_t length)
{
    return length == 0 ? 1 : divide_up(length, piece_size);
}

std::size_t piece_length(std::uint64_t length, std::uint64_t piece)
{
    assert(piece < piece_count(length));
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(length - piece * piece_size, piece_size));
}

bool PieceRange::is_valid() const
{
    return first <= last && last < piece_count(length);
}

std::uint64_t piece_proof_size(const PieceRange& range)
{
    assert(range.is_valid());
    std::uint64_t nodes = 0;
    std::uint64_t below = piece_count(range.length);
    for (unsigned level = 1; below > 1; ++level) {
        const std::uint64_t last = range.last >> level;
        nodes += last - (range.first >> level) + 1;
        // An odd last subtree has no parent on this level; it is carried up.
        if (2 * last + 1 == below) --nodes;
        below = divide_up(below, 2);
    }
    return nodes * node_size;
}

PieceTree::PieceTree(const Blake3Digest& root, std::uint64_t length,
                     std::vector<Blake3Chaining> pieces)
    : root_{root},
      length_{length}
{
    if (pieces.size() != piece_count(length))
        throw Error{Exit::data, "the piece hashes do not fit the length of their object"};
    const Blake3Mode mode;
    levels_.push_back(std::move(pieces));
    while (levels_.back().size() > 2) {
        std::vector<Blake3Chaining> above = levels_.back();
        above.resize(blake3_join_pairs(mode, above));
        levels_.push_back(std::move(above));
    }
    const std::vector<Blake3Chaining>& top = levels_.back();
    if (top.size() == 2 && !are_children(mode, root, top[0], top[1]))
        throw Error{Exit::data, "the piece hashes do not fit the digest of their object"};
}

PieceTree PieceTree::of(ByteView data)
{
    PieceCollector collector;
    while (!data.empty()) {
        const std::size_t size = std::min(data.size(), piece_size);
        collector.add(data.first(size));
        data = data.subspan(size);
    }
    return collector.finish();
}

Bytes PieceTree::proof(std::uint64_t first, std::uint64_t last) const
{
    const PieceRange range{.length = length_, .first = first, .last = last};
    require_valid(range);
    Bytes proof;
    proof.reserve(static_cast<std::size_t>(piece_proof_size(range)));

    const auto visit = [&](const auto& self, std::uint64_t begin, std::uint64_t end) -> void {
        if (end - begin < 2 || last < begin || first >= end) return;
        const std::uint64_t left = left_count(end - begin);
        const auto& values = levels_[static_cast<std::size_t>(std::countr_zero(left))];
        const auto index = static_cast<std::size_t>(begin / left);
        for (const Blake3Chaining& value : {values[index], values[index + 1]})
            proof.insert(proof.end(), value.bytes.begin(), value.bytes.end());
        self(self, begin, begin + left);
        self(self, begin + left, end);
    };
    visit(visit, 0, piece_count(length_));
    return proof;
}

void PieceCollector::add(ByteView piece)
{
    add(blake3_subtree(piece, hasher_.size()));
}

void PieceCollector::add(const Blake3Subtree& piece)
{
    assert(piece.size <= piece_size);
    assert(hasher_.size() % piece_size == 0); // else the last piece has been here
    hasher_.append(piece);
    pieces_.push_back(piece.chaining());
}

PieceTree PieceCollector::finish()
{
    if (pieces_.empty()) pieces_.emplace_back();
    return {hasher_.digest(), hasher_.size(), std::move(pieces_)};
}

PieceVerifier::PieceVerifier(const Blake3Digest& root, const PieceRange& range, Bytes proof)
    : root_{root},
      range_{range},
      proof_{std::move(proof)},
      next_{range.first}
{
    require_valid(range);
    if (proof_.size() != piece_proof_size(range))
        throw Error{Exit::data, "a proof has the wrong size for its pieces"};
}

bool PieceVerifier::accept(ByteView piece)
{
    if (is_done() || piece.size() != piece_length(range_.length, next_)) return false;
    if (piece_count(range_.length) == 1) {
        if (blake3(piece) != root_) return false;
    } else {
        if (!descend()) return false;
        if (blake3_subtree(piece, next_ * piece_size).chaining() != known_[known_count_ - 1].value)
            return false;
        --known_count_;
    }
    ++next_;
    return true;
}

// Goes down the tree, to the left, until the next piece is the last of `known_`; false if a node of
// the proof is not what its parent says. Then nothing moves any more: every call ends there.
bool PieceVerifier::descend()
{
    const Blake3Mode mode;
    for (;;) {
        const bool at_root = proof_used_ == 0;
        Known top{.value = {}, .begin = 0, .end = piece_count(range_.length)};
        if (!at_root) {
            assert(known_count_ > 0);
            top = known_[known_count_ - 1];
            if (top.end <= next_) { // left of the range
                --known_count_;
                continue;
            }
            if (top.end - top.begin == 1) return true;
        }
        Blake3Chaining left;
        Blake3Chaining right;
        const ByteView node = ByteView{proof_}.subspan(proof_used_, node_size);
        std::ranges::copy(node.first(Blake3Chaining::size), left.bytes.begin());
        std::ranges::copy(node.last(Blake3Chaining::size), right.bytes.begin());
        const bool is_right =
            at_root
                ? are_children(mode, root_, left, right)
                : blake3_chaining(*mode.code, blake3_parent_node(mode, left, right)) == top.value;
        if (!is_right) return false;

        proof_used_ += node_size;
        if (!at_root) --known_count_;
        const std::uint64_t middle = top.begin + left_count(top.end - top.begin);
        known_[known_count_++] = {.value = right, .begin = middle, .end = top.end};
        known_[known_count_++] = {.value = left, .begin = top.begin, .end = middle};
    }
}

} // namespace cairn
