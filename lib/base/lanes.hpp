#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

// Vectors of 32-bit words for code that is compiled once for each instruction set. It is included
// below the pragma that selects the set; everything is local to the including file and calls no
// inline function from elsewhere: the linker may keep any one copy of those, and it must not keep
// one with instructions that the machine lacks.
//
// Vector<n> are the same word of n inputs ("lanes").

namespace cairn::detail {
namespace {

template <std::size_t Lanes>
struct VectorOf;

template <>
struct VectorOf<4> {
    using Words [[gnu::vector_size(16)]] = std::uint32_t;
    using Octets [[gnu::vector_size(16)]] = std::uint8_t;
};

template <>
struct VectorOf<8> {
    using Words [[gnu::vector_size(32)]] = std::uint32_t;
    using Octets [[gnu::vector_size(32)]] = std::uint8_t;
};

template <>
struct VectorOf<16> {
    using Words [[gnu::vector_size(64)]] = std::uint32_t;
    using Octets [[gnu::vector_size(64)]] = std::uint8_t;
};

template <std::size_t Lanes>
using Vector = typename VectorOf<Lanes>::Words;
using Quad = Vector<4>;

// This file is part of one source file for each instruction set: nothing is defined twice.
// NOLINTBEGIN(misc-definitions-in-headers)

[[gnu::always_inline]] inline Quad load_quad(const std::byte* bytes)
{
    Quad quad;
    __builtin_memcpy(&quad, bytes, sizeof(quad));
    if constexpr (std::endian::native == std::endian::big)
        for (int i = 0; i < 4; ++i) quad[i] = __builtin_bswap32(quad[i]);
    return quad;
}

[[gnu::always_inline]] inline void store_quad(Quad quad, std::byte* bytes)
{
    if constexpr (std::endian::native == std::endian::big)
        for (int i = 0; i < 4; ++i) quad[i] = __builtin_bswap32(quad[i]);
    __builtin_memcpy(bytes, &quad, sizeof(quad));
}

// The same four words of inputs lane, lane + 4, lane + 8, ...: one quad from each.
template <std::size_t Lanes>
[[gnu::always_inline]] inline Vector<Lanes> gather(const std::byte* input, std::size_t stride)
{
    if constexpr (Lanes == 4) {
        return load_quad(input);
    } else if constexpr (Lanes == 8) {
        return __builtin_shufflevector(load_quad(input), load_quad(input + 4 * stride), 0, 1, 2, 3,
                                       4, 5, 6, 7);
    } else {
        return __builtin_shufflevector(gather<8>(input, stride),
                                       gather<8>(input + 8 * stride, stride), 0, 1, 2, 3, 4, 5, 6,
                                       7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
}

template <std::size_t Lanes>
[[gnu::always_inline]] inline void scatter(Vector<Lanes> words, std::byte* out, std::size_t stride)
{
    if constexpr (Lanes == 4) {
        store_quad(words, out);
    } else if constexpr (Lanes == 8) {
        store_quad(__builtin_shufflevector(words, words, 0, 1, 2, 3), out);
        store_quad(__builtin_shufflevector(words, words, 4, 5, 6, 7), out + 4 * stride);
    } else {
        scatter<8>(__builtin_shufflevector(words, words, 0, 1, 2, 3, 4, 5, 6, 7), out, stride);
        scatter<8>(__builtin_shufflevector(words, words, 8, 9, 10, 11, 12, 13, 14, 15),
                   out + 8 * stride, stride);
    }
}

// Interleaves halves of each 128-bit part: of two words, or of two pairs of words.
template <std::size_t Pair, std::size_t Half, std::size_t Lanes, std::size_t... Lane>
[[gnu::always_inline]] inline Vector<Lanes> unpack(Vector<Lanes> a, Vector<Lanes> b,
                                                   std::index_sequence<Lane...> /*unused*/)
{
    // Place `Lane` of a part takes from b if its bit `Pair` is set.
    return __builtin_shufflevector(a, b,
                                   int((Lane & ~std::size_t{3}) + 2 * Half +
                                       (Pair == 1 ? (Lane & 3U) / 2 : (Lane & 1U)) +
                                       ((Lane & Pair) != 0 ? Lanes : 0))...);
}

// Transposes the 4 x 4 words in each 128-bit part of four vectors.
template <std::size_t Lanes>
[[gnu::always_inline]] inline void transpose(Vector<Lanes>* rows)
{
    constexpr std::make_index_sequence<Lanes> lanes;
    const Vector<Lanes> a = unpack<1, 0, Lanes>(rows[0], rows[1], lanes);
    const Vector<Lanes> b = unpack<1, 1, Lanes>(rows[0], rows[1], lanes);
    const Vector<Lanes> c = unpack<1, 0, Lanes>(rows[2], rows[3], lanes);
    const Vector<Lanes> d = unpack<1, 1, Lanes>(rows[2], rows[3], lanes);
    rows[0] = unpack<2, 0, Lanes>(a, c, lanes);
    rows[1] = unpack<2, 1, Lanes>(a, c, lanes);
    rows[2] = unpack<2, 0, Lanes>(b, d, lanes);
    rows[3] = unpack<2, 1, Lanes>(b, d, lanes);
}

template <std::size_t Lanes>
[[gnu::always_inline]] inline void load_message(Vector<Lanes> (&m)[16], const std::byte* input,
                                                std::size_t stride)
{
    for (std::size_t i = 0; i < 16; ++i)
        m[i] = gather<Lanes>(input + i % 4 * stride + i / 4 * 16, stride);
    for (std::size_t i = 0; i < 16; i += 4) transpose<Lanes>(m + i);
}

// NOLINTEND(misc-definitions-in-headers)
} // namespace
} // namespace cairn::detail
