#pragma once

#include "hash/blake3.hpp"

// The border between the tree and the instruction sets. Each kernel is the text of
// blake3_lanes.hpp compiled for one set.

namespace cairn::detail {

inline constexpr std::size_t blake3_block_size = 64;   // bytes
inline constexpr std::size_t blake3_chunk_size = 1024; // bytes

// 2.2, table 3.
inline constexpr std::uint8_t blake3_chunk_start = 1;
inline constexpr std::uint8_t blake3_chunk_end = 2;
inline constexpr std::uint8_t blake3_parent = 4;
inline constexpr std::uint8_t blake3_root = 8;
inline constexpr std::uint8_t blake3_keyed_hash = 16;
inline constexpr std::uint8_t blake3_derive_key_context = 32;
inline constexpr std::uint8_t blake3_derive_key_material = 64;

inline constexpr std::array<std::uint32_t, 8> blake3_iv{
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/// Inputs of equal size, one behind the other, to be reduced to 32 bytes each: chunks or parents.
/// Raw pointers, because kernels must not instantiate what other files could share.
struct Blake3Batch {
    const std::byte* input;   // count * blocks * 64 bytes
    std::byte* out;           // count * 32 bytes; may be where the input is
    std::size_t count;        // inputs
    std::size_t blocks;       // of each input
    const std::uint32_t* key; // 8 words
    std::uint64_t counter;    // of the first input
    std::uint64_t step;       // from the counter of one input to the next
    std::uint32_t flags;      // of all blocks
    std::uint32_t flags_first;
    std::uint32_t flags_last;
};

struct Blake3Code {
    void (*hash)(const Blake3Batch& batch);

    /// All 64 bytes of one compression.
    void (*compress)(const Blake3Node& node, std::byte* out);
};

extern const Blake3Code blake3_portable;
extern const Blake3Code blake3_sse41; // x86-64 only, like those below
extern const Blake3Code blake3_avx2;
extern const Blake3Code blake3_avx512;

/// The code of one of blake3_kernels().
const Blake3Code& blake3_code(Blake3Kernel kernel);

/// The code of the fastest of them.
const Blake3Code& blake3_code();

} // namespace cairn::detail
