#pragma once

#include "capacity/shabal.hpp"

#include <cstddef>
#include <cstdint>

// The border between nonces and the instruction sets. Each kernel is the text of shabal_lanes.hpp
// compiled for one set. A kernel works on a group of inputs at a time; word w of input l of a group
// of n is at w * n + l ("interleaved"), in the byte order of the machine.

namespace cairn::detail {

inline constexpr std::size_t nonce_words = 65'536;     // 32-bit words of a nonce
inline constexpr std::size_t scoop_words = 16;         // of a scoop
inline constexpr std::size_t shabal_block_words = 16;  // of a block
inline constexpr std::size_t shabal_digest_words = 8;  // of a digest
inline constexpr std::uint32_t shabal_padding = 0x80U; // the word behind a message

/// 3.1 of the submission: what the state is before the first block.
struct ShabalStart {
    std::uint32_t a[12];
    std::uint32_t b[16];
    std::uint32_t c[16];
};

extern const ShabalStart shabal_start;

/// Where scoops of a group of nonces go. Raw pointers, because kernels must not instantiate what
/// other files could share.
struct ScoopCopy {
    const std::uint32_t* words; // the nonces, interleaved, before the last step of their making
    const std::uint32_t* final; // the digests of all of each, interleaved
    std::size_t first;          // scoop
    std::size_t last;           // scoop, included
    std::size_t count;          // nonces, the first of the group
    std::byte* out;             // for the first scoop of the first nonce
    std::size_t scoop_stride;   // bytes from one scoop to the next
    std::size_t nonce_stride;   // bytes from one nonce to the next
    bool is_added;              // by XOR to what is there
};

struct ShabalCode {
    std::size_t group; // inputs at a time

    /// One digest of each input. `blocks` of 16 words of each input are at `message`; the padded
    /// last one is at `last`.
    void (*hash)(const std::uint32_t* message, std::size_t blocks, const std::uint32_t* last,
                 std::uint32_t* digest);

    /// `words` has room for a group of nonces, behind which are the seeds, and 16 words of padding;
    /// all interleaved. `final` gets the digests of all of each.
    void (*make_nonces)(std::uint32_t* words, std::size_t seed_words, std::uint32_t* final);

    void (*copy_scoops)(const ScoopCopy& copy);

    /// The first 8 bytes, little-endian, of the digest of `challenge`, 8 words, and each of `count`
    /// scoops, which are one behind the other.
    void (*find_hits)(const std::uint32_t* challenge, const std::byte* scoops, std::size_t count,
                      std::uint64_t* hits);
};

extern const ShabalCode shabal_scalar;
extern const ShabalCode shabal_simd128;
extern const ShabalCode shabal_avx2; // x86-64 only, like the one below
extern const ShabalCode shabal_avx512;

/// The code of one of shabal_kernels().
const ShabalCode& shabal_code(ShabalKernel kernel);

} // namespace cairn::detail
