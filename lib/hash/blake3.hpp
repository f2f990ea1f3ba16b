#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020): a hash, a keyed hash, a key derivation
// and an extendable output, all from one tree of 1 KiB chunks that any number of lanes and threads
// can work on. Section numbers in comments are those of the paper.

namespace cairn {

using Blake3Digest = Fixed<struct Blake3DigestTag, 32>;

/// What a node of the tree hands to its parent. Never equal to a digest of the same bytes.
using Blake3Chaining = Fixed<struct Blake3ChainingTag, 32>;

/// The instruction sets there is code for.
enum class Blake3Kernel : std::uint8_t { portable, sse41, avx2, avx512 };

/// The kernels that this machine can run, fastest last. All of them give the same digests.
[[nodiscard]] std::span<const Blake3Kernel> blake3_kernels();

namespace detail {
struct Blake3Code;

/// The input of one compression, kept until it is known whether the node is the root.
struct Blake3Node {
    std::array<std::uint32_t, 8> chaining{};
    std::array<std::byte, 64> block{};
    std::uint64_t counter = 0;   // of the chunk; 0 in parents
    std::uint8_t block_size = 0; // bytes
    std::uint8_t flags = 0;
};
} // namespace detail

/// The hash of one part of a long stream, made by blake3_subtree and joined by Blake3::append.
struct Blake3Subtree {
    detail::Blake3Node top;
    std::uint64_t offset = 0; // bytes
    std::uint64_t size = 0;   // bytes

    /// What the part contributes to a stream in which it is not alone.
    [[nodiscard]] Blake3Chaining chaining() const;
};

/// Hashes `part`, which begins at byte `offset` of a stream. All parts but the last have one size,
/// a power of two of at least 1 KiB, of which `offset` is a multiple; the last may be shorter, but
/// not empty. Parts of 64 KiB and more are fast. Calls may run in any order and in any thread.
[[nodiscard]] Blake3Subtree blake3_subtree(ByteView part, std::uint64_t offset);

/// The hash of a stream. Allocates nothing (about 3 KiB in itself); a copy goes on separately.
/// A keyed hasher contains its key and does not wipe it.
class Blake3 {
public:
    /// Plain hashing.
    Blake3();

    /// Hashing with a secret key, as a MAC or a pseudo-random function.
    static Blake3 keyed(std::span<const std::byte, 32> key);

    /// Key derivation: what is hashed is key material. `context` is a constant of the program,
    /// globally unique and naming one purpose: "cairn 2024-05-01 piece keys".
    static Blake3 derive_key(std::string_view context);

    /// Appends bytes. Some MiB at once can be shared by `threads` threads, which end with the call.
    void update(ByteView data, unsigned threads = 1);

    /// Appends a part hashed by blake3_subtree; only in plain hashing. Needs part.offset to be what
    /// was appended so far. Nothing can follow a part whose size is not a power of two >= 1 KiB.
    void append(const Blake3Subtree& part);

    /// Of all bytes so far; more may follow.
    [[nodiscard]] Blake3Digest digest() const;

    /// Any number of output bytes, from byte `offset` of the output on; the first 32 are digest().
    void extend(MutableByteView out, std::uint64_t offset = 0) const;

    /// How many bytes were appended.
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// For tests and benchmarks: computes with this one of blake3_kernels() from now on.
    void use(Blake3Kernel kernel);

private:
    Blake3(const std::array<std::uint32_t, 8>& key, std::uint8_t flags);

    void settle();
    void push(const detail::Blake3Node& node, std::uint64_t node_size);
    [[nodiscard]] detail::Blake3Node root() const;

    static constexpr std::size_t depth_max = 54; // 2^54 chunks are 2^64 bytes

    const detail::Blake3Code* code_;
    std::array<std::uint32_t, 8> key_;
    std::uint8_t flags_;
    std::uint64_t size_ = 0;

    // The chaining values of the complete subtrees left of the last node, largest first. Not
    // cleared, like chunk_: that would take longer than a short input.
    std::array<std::array<std::byte, Blake3Chaining::size>, depth_max> stack_;
    std::size_t depth_ = 0;

    // The last node, which may turn out to be the root: a subtree, or a chunk still being filled.
    detail::Blake3Node last_;
    std::uint64_t last_size_ = 0; // bytes; 0: none
    std::array<std::byte, 1024> chunk_;
    std::size_t chunk_size_ = 0; // bytes; 0 if there is a last_
};

/// The hash of `data`.
[[nodiscard]] Blake3Digest blake3(ByteView data, unsigned threads = 1);

} // namespace cairn
