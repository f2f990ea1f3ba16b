#pragma once

#include "base/bytes.hpp"
#include "hash/blake3.hpp"

#include <array>
#include <cstdint>
#include <vector>

// Verified pieces: an object is cut into pieces of 256 KiB, each a complete subtree of the BLAKE3
// tree of the object. Whoever holds the tree above the pieces can prove any range of them to a
// reader who knows nothing but the object's digest and length. The object's digest is its plain
// BLAKE3 hash.
//
// A proof is the parent nodes above the range, from the root down, each before its left and its
// right subtree; a node is the chaining values of its two children, 64 bytes.

namespace cairn {

inline constexpr std::size_t piece_size = 262144; // bytes

/// How many pieces an object of `length` bytes has. An empty object is one empty piece.
[[nodiscard]] std::uint64_t piece_count(std::uint64_t length);

/// The bytes of piece `piece`: piece_size, or what is left for the last. Needs piece < piece_count.
[[nodiscard]] std::size_t piece_length(std::uint64_t length, std::uint64_t piece);

/// A range of pieces of an object, both ends included.
struct PieceRange {
    std::uint64_t length = 0; ///< of the object, bytes
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    /// Whether the object has these pieces.
    [[nodiscard]] bool is_valid() const;
};

/// The exact size of a valid range's proof, in bytes: some KiB at most, and 64 for each piece.
[[nodiscard]] std::uint64_t piece_proof_size(const PieceRange& range);

/// What a provider keeps of an object: 64 bytes in memory for each piece.
class PieceTree {
public:
    /// From chaining values that were kept, one for each piece. Throws Error{Exit::data} if they
    /// are not those of an object with this digest and length. (The value of an only piece is not
    /// checked and not needed.)
    PieceTree(const Blake3Digest& root, std::uint64_t length, std::vector<Blake3Chaining> pieces);

    /// From the object itself.
    static PieceTree of(ByteView data);

    [[nodiscard]] const Blake3Digest& root() const { return root_; }
    [[nodiscard]] std::uint64_t length() const { return length_; }

    /// One chaining value for each piece: what to keep, with root and length.
    [[nodiscard]] const std::vector<Blake3Chaining>& pieces() const { return levels_.front(); }

    /// What a PieceVerifier of the same root, length and range wants. Throws Error{Exit::data} if
    /// the object does not have these pieces.
    [[nodiscard]] Bytes proof(std::uint64_t first, std::uint64_t last) const;

private:
    Blake3Digest root_;
    std::uint64_t length_;
    // [k][i] is the value of the subtree over pieces i * 2^k to (i + 1) * 2^k - 1, as far as
    // there are any; up to the level with the two children of the root.
    std::vector<std::vector<Blake3Chaining>> levels_;
};

/// Builds a PieceTree of an object that arrives piece after piece.
class PieceCollector {
public:
    /// Takes the next piece. All but the last have piece_size bytes; an empty object has none.
    void add(ByteView piece);

    /// The same for a piece hashed elsewhere, by blake3_subtree(piece, its offset).
    void add(const Blake3Subtree& piece);

    /// The tree of the object, which ends here.
    [[nodiscard]] PieceTree finish();

private:
    Blake3 hasher_;
    std::vector<Blake3Chaining> pieces_;
};

/// Checks pieces one after another, before the reader uses them. `length` must come from where the
/// root comes from: only the last piece proves it.
class PieceVerifier {
public:
    /// Throws Error{Exit::data} if the object does not have these pieces, or the proof does not
    /// have the size it must have. Its content is checked when the pieces come.
    PieceVerifier(const Blake3Digest& root, const PieceRange& range, Bytes proof);

    /// Whether `piece` is the next one. If not, the same piece is still the next: another provider
    /// may have it, unless the proof is to blame. False when is_done().
    [[nodiscard]] bool accept(ByteView piece);

    /// The piece that accept() expects.
    [[nodiscard]] std::uint64_t next() const { return next_; }

    /// Whether the last piece of the range was accepted.
    [[nodiscard]] bool is_done() const { return next_ > range_.last; }

private:
    // A subtree whose value is known, over pieces `begin` to `end` - 1.
    struct Known {
        Blake3Chaining value;
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };

    bool descend();

    static constexpr std::size_t known_max = 64; // the tree is 46 levels high at most

    Blake3Digest root_;
    PieceRange range_;
    Bytes proof_;
    std::size_t proof_used_ = 0; // bytes
    std::uint64_t next_;
    std::array<Known, known_max> known_; // not yet visited, leftmost last
    std::size_t known_count_ = 0;
};

} // namespace cairn
