#pragma once

#include "base/lanes.hpp"
#include "hash/detail/blake3_kernel.hpp"

#include <bit>
#include <utility>

// The compression function on vectors, included by one file for each instruction set, below the
// pragma that selects the set and a constant, `shuffles_octets`: whether the fastest rotation by
// whole bytes is a shuffle of bytes. Everything is local to the including file and calls no inline
// function from elsewhere: the linker may keep any one copy of those, and it must not keep one
// with instructions that the machine lacks.
//
// Vector<n> are the same word of n inputs ("lanes"). A single input uses Vector<4> for the rows of
// its own state instead.

namespace cairn::detail {
namespace {

// This file is part of one source file for each instruction set: nothing is defined twice.
// NOLINTBEGIN(misc-definitions-in-headers,performance-no-int-to-ptr)

// Not blake3_iv: the operator [] of std::array is such an inline function.
constexpr std::uint32_t iv[4] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a};

// 2.2, table 2: the order in which the rounds take the message words.
constexpr std::uint8_t schedule[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};

template <int Bits, std::size_t Lanes, std::size_t... Octet>
[[gnu::always_inline]] inline void rotate_octets(Vector<Lanes>& words,
                                                 std::index_sequence<Octet...> /*unused*/)
{
    using Octets = typename VectorOf<Lanes>::Octets;
    constexpr std::size_t shift = std::endian::native == std::endian::big ? 4 - Bits / 8 : Bits / 8;
    const auto octets = reinterpret_cast<Octets>(words);
    words = reinterpret_cast<Vector<Lanes>>(__builtin_shufflevector(
        octets, octets, int((Octet & ~std::size_t{3}) | ((Octet + shift) & 3U))...));
}

template <int Bits, std::size_t Lanes>
[[gnu::always_inline]] inline void rotate_right(Vector<Lanes>& words)
{
    if constexpr (Bits % 8 == 0 && shuffles_octets)
        rotate_octets<Bits, Lanes>(words, std::make_index_sequence<4 * Lanes>{});
    else
        words = (words >> Bits) | (words << (32 - Bits));
}

// 2.2: the quarter-round G.
template <std::size_t Lanes>
[[gnu::always_inline]] inline void mix(Vector<Lanes>& a, Vector<Lanes>& b, Vector<Lanes>& c,
                                       Vector<Lanes>& d, const Vector<Lanes> (&words)[2])
{
    a += words[0];
    a += b;
    d ^= a;
    rotate_right<16, Lanes>(d);
    c += d;
    b ^= c;
    rotate_right<12, Lanes>(b);
    a += words[1];
    a += b;
    d ^= a;
    rotate_right<8, Lanes>(d);
    c += d;
    b ^= c;
    rotate_right<7, Lanes>(b);
}

template <std::size_t Round, std::size_t Lanes>
[[gnu::always_inline]] inline void round(Vector<Lanes> (&v)[16], const Vector<Lanes> (&m)[16])
{
    constexpr const std::uint8_t(&s)[16] = schedule[Round];
    mix<Lanes>(v[0], v[4], v[8], v[12], {m[s[0]], m[s[1]]});
    mix<Lanes>(v[1], v[5], v[9], v[13], {m[s[2]], m[s[3]]});
    mix<Lanes>(v[2], v[6], v[10], v[14], {m[s[4]], m[s[5]]});
    mix<Lanes>(v[3], v[7], v[11], v[15], {m[s[6]], m[s[7]]});
    mix<Lanes>(v[0], v[5], v[10], v[15], {m[s[8]], m[s[9]]});
    mix<Lanes>(v[1], v[6], v[11], v[12], {m[s[10]], m[s[11]]});
    mix<Lanes>(v[2], v[7], v[8], v[13], {m[s[12]], m[s[13]]});
    mix<Lanes>(v[3], v[4], v[9], v[14], {m[s[14]], m[s[15]]});
}

// Asks for what comes after these inputs, a share of it during each block: a core reading that many
// chunks at once gets too little from memory otherwise. Past the end, prefetching has no effect.
template <std::size_t Lanes>
[[gnu::always_inline]] inline void prefetch(const Blake3Batch& batch, std::size_t block)
{
    const auto next = reinterpret_cast<std::uintptr_t>(batch.input) +
                      (batch.blocks + block) * Lanes * blake3_block_size;
    for (std::size_t lane = 0; lane < Lanes; ++lane)
        __builtin_prefetch(reinterpret_cast<const void*>(next + lane * blake3_block_size));
}

template <std::size_t Lanes>
void hash_lanes(const Blake3Batch& batch)
{
    const std::size_t stride = batch.blocks * blake3_block_size;
    std::uint32_t counters[2][Lanes];
    for (std::size_t lane = 0; lane < Lanes; ++lane) {
        const std::uint64_t counter = batch.counter + lane * batch.step;
        counters[0][lane] = static_cast<std::uint32_t>(counter);
        counters[1][lane] = static_cast<std::uint32_t>(counter >> 32U);
    }
    Vector<Lanes> h[8];
    for (std::size_t i = 0; i < 8; ++i) h[i] = Vector<Lanes>{} + batch.key[i];

    for (std::size_t block = 0; block < batch.blocks; ++block) {
        const std::byte* input = batch.input + block * blake3_block_size;
        Vector<Lanes> m[16];
        load_message<Lanes>(m, input, stride);
        if (batch.blocks > 1) prefetch<Lanes>(batch, block);

        std::uint32_t flags = batch.flags;
        if (block == 0) flags |= batch.flags_first;
        if (block + 1 == batch.blocks) flags |= batch.flags_last;
        Vector<Lanes> v[16];
        for (std::size_t i = 0; i < 8; ++i) v[i] = h[i];
        for (std::size_t i = 0; i < 4; ++i) v[8 + i] = Vector<Lanes>{} + iv[i];
        __builtin_memcpy(&v[12], counters, sizeof(counters));
        v[14] = Vector<Lanes>{} + std::uint32_t{blake3_block_size};
        v[15] = Vector<Lanes>{} + flags;

        round<0, Lanes>(v, m);
        round<1, Lanes>(v, m);
        round<2, Lanes>(v, m);
        round<3, Lanes>(v, m);
        round<4, Lanes>(v, m);
        round<5, Lanes>(v, m);
        round<6, Lanes>(v, m);
        for (std::size_t i = 0; i < 8; ++i) h[i] = v[i] ^ v[i + 8];
    }
    transpose<Lanes>(h);
    transpose<Lanes>(h + 4);
    for (std::size_t i = 0; i < 8; ++i)
        scatter<Lanes>(h[i], batch.out + i % 4 * 32 + i / 4 * 16, 32);
}

template <std::size_t Round>
[[gnu::always_inline]] inline void round_rows(Quad (&v)[4], const std::uint32_t (&m)[16])
{
    constexpr const std::uint8_t(&s)[16] = schedule[Round];
    mix<4>(v[0], v[1], v[2], v[3],
           {Quad{m[s[0]], m[s[2]], m[s[4]], m[s[6]]}, Quad{m[s[1]], m[s[3]], m[s[5]], m[s[7]]}});
    // Diagonals become columns. Row 1 stays, since the next step waits for it.
    v[0] = __builtin_shufflevector(v[0], v[0], 3, 0, 1, 2);
    v[2] = __builtin_shufflevector(v[2], v[2], 1, 2, 3, 0);
    v[3] = __builtin_shufflevector(v[3], v[3], 2, 3, 0, 1);
    mix<4>(
        v[0], v[1], v[2], v[3],
        {Quad{m[s[14]], m[s[8]], m[s[10]], m[s[12]]}, Quad{m[s[15]], m[s[9]], m[s[11]], m[s[13]]}});
    v[0] = __builtin_shufflevector(v[0], v[0], 1, 2, 3, 0);
    v[2] = __builtin_shufflevector(v[2], v[2], 3, 0, 1, 2);
    v[3] = __builtin_shufflevector(v[3], v[3], 2, 3, 0, 1);
}

// One compression of one input. `v` holds the chaining value in its first two rows, and then the
// whole state before the last addition (2.2).
[[gnu::always_inline]] inline void compress_rows(Quad (&v)[4], const std::byte* block, Quad tweak)
{
    std::uint32_t m[16];
    for (std::size_t i = 0; i < 4; ++i) {
        const Quad quad = load_quad(block + 16 * i);
        __builtin_memcpy(m + 4 * i, &quad, sizeof(quad));
    }
    v[2] = Quad{iv[0], iv[1], iv[2], iv[3]};
    v[3] = tweak;
    round_rows<0>(v, m);
    round_rows<1>(v, m);
    round_rows<2>(v, m);
    round_rows<3>(v, m);
    round_rows<4>(v, m);
    round_rows<5>(v, m);
    round_rows<6>(v, m);
}

void hash_one(const Blake3Batch& batch)
{
    Quad v[4];
    __builtin_memcpy(v, batch.key, 32);
    const auto low = static_cast<std::uint32_t>(batch.counter);
    const auto high = static_cast<std::uint32_t>(batch.counter >> 32U);
    for (std::size_t block = 0; block < batch.blocks; ++block) {
        std::uint32_t flags = batch.flags;
        if (block == 0) flags |= batch.flags_first;
        if (block + 1 == batch.blocks) flags |= batch.flags_last;
        compress_rows(v, batch.input + block * blake3_block_size,
                      Quad{low, high, blake3_block_size, flags});
        v[0] ^= v[2];
        v[1] ^= v[3];
    }
    store_quad(v[0], batch.out);
    store_quad(v[1], batch.out + 16);
}

void compress(const Blake3Node& node, std::byte* out)
{
    Quad h[2];
    __builtin_memcpy(h, &node.chaining, sizeof(h));
    Quad v[4] = {h[0], h[1]};
    compress_rows(v, reinterpret_cast<const std::byte*>(&node.block),
                  Quad{static_cast<std::uint32_t>(node.counter),
                       static_cast<std::uint32_t>(node.counter >> 32U), node.block_size,
                       node.flags});
    store_quad(v[0] ^ v[2], out);
    store_quad(v[1] ^ v[3], out + 16);
    store_quad(v[2] ^ h[0], out + 32);
    store_quad(v[3] ^ h[1], out + 48);
}

[[gnu::always_inline]] inline void advance(Blake3Batch& batch, std::size_t inputs)
{
    batch.input += inputs * batch.blocks * blake3_block_size;
    batch.out += inputs * 32;
    batch.count -= inputs;
    batch.counter += inputs * batch.step;
}

// As many inputs at once as there are lanes, the rest with half the lanes, and so on.
template <std::size_t Lanes>
void hash_batch(const Blake3Batch& batch)
{
    Blake3Batch rest = batch;
    for (; rest.count >= Lanes; advance(rest, Lanes)) hash_lanes<Lanes>(rest);
    if constexpr (Lanes > 4)
        hash_batch<Lanes / 2>(rest);
    else
        for (; rest.count > 0; advance(rest, 1)) hash_one(rest);
}

// NOLINTEND(misc-definitions-in-headers,performance-no-int-to-ptr)
} // namespace
} // namespace cairn::detail
