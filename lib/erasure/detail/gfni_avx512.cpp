#include "erasure/detail/gfni.hpp"

#if defined(__x86_64__)

#include <array>
#include <utility>

#include <immintrin.h>

namespace cairn {
namespace {

constexpr std::size_t vector_size = 64; // bytes

/// A bit matrix for each 8 bytes of a vector.
[[gnu::target("gfni,avx512f,avx512bw")]] inline __m512i broadcast(std::uint64_t matrix)
{
    __m512i vector = _mm512_set1_epi64(static_cast<long long>(matrix));
    // Keeps it in a register: clang 14 would make it a broadcasting operand of vgf2p8affineqb, and
    // scales the offset of that wrongly, so that the processor reads another matrix.
    asm("" : "+v"(vector));
    return vector;
}

/// Makes the bytes at `at` of each output, as many vectors of them as `Vectors` says; with `mask`
/// only the bytes it names. The sums stay in registers: outputs times vectors of the 32.
/// The loops over outputs and vectors must be unrolled for that.
template <std::size_t Outputs, std::size_t Vectors, bool IsMasked>
[[gnu::target("gfni,avx512f,avx512bw")]] inline void make_block(const GfniPass& pass,
                                                                std::size_t at, __mmask64 mask)
{
    const ByteView* const inputs = pass.inputs.data();
    const std::size_t count = pass.inputs.size();
    const std::uint64_t* matrices = pass.matrices;
    __m512i sums[Outputs][Vectors];
#pragma GCC unroll 16
    for (std::size_t output = 0; output < Outputs; ++output)
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) sums[output][v] = _mm512_setzero_si512();

    // Two inputs at a time: one instruction adds both products to a sum.
    std::size_t i = 0;
    for (; i + 1 < count; i += 2, matrices += 2 * Outputs) {
        __m512i a[Vectors];
        __m512i b[Vectors];
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) {
            const std::byte* const a_at = inputs[i].data() + at + v * vector_size;
            const std::byte* const b_at = inputs[i + 1].data() + at + v * vector_size;
            a[v] = IsMasked ? _mm512_maskz_loadu_epi8(mask, a_at) : _mm512_loadu_si512(a_at);
            b[v] = IsMasked ? _mm512_maskz_loadu_epi8(mask, b_at) : _mm512_loadu_si512(b_at);
        }
#pragma GCC unroll 16
        for (std::size_t output = 0; output < Outputs; ++output) {
            const __m512i by_a = broadcast(matrices[output]);
            const __m512i by_b = broadcast(matrices[Outputs + output]);
#pragma GCC unroll 16
            for (std::size_t v = 0; v < Vectors; ++v) {
                constexpr int three_way_xor = 0x96;
                sums[output][v] = _mm512_ternarylogic_epi64(
                    sums[output][v], _mm512_gf2p8affine_epi64_epi8(a[v], by_a, 0),
                    _mm512_gf2p8affine_epi64_epi8(b[v], by_b, 0), three_way_xor);
            }
        }
    }
    if (i < count) {
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) {
            const std::byte* const a_at = inputs[i].data() + at + v * vector_size;
            const __m512i a =
                IsMasked ? _mm512_maskz_loadu_epi8(mask, a_at) : _mm512_loadu_si512(a_at);
#pragma GCC unroll 16
            for (std::size_t output = 0; output < Outputs; ++output) {
                const __m512i by_a = broadcast(matrices[output]);
                sums[output][v] =
                    _mm512_xor_si512(sums[output][v], _mm512_gf2p8affine_epi64_epi8(a, by_a, 0));
            }
        }
    }

#pragma GCC unroll 16
    for (std::size_t output = 0; output < Outputs; ++output) {
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) {
            std::byte* const target = pass.outputs[output].data() + at + v * vector_size;
            if constexpr (IsMasked)
                _mm512_mask_storeu_epi8(target, mask, sums[output][v]);
            else
                _mm512_storeu_si512(target, sums[output][v]);
        }
    }
}

template <std::size_t Outputs>
[[gnu::target("gfni,avx512f,avx512bw")]] void make_outputs(const GfniPass& pass)
{
    std::size_t at = pass.begin;
    const auto first = [](std::size_t size) { return ~std::uint64_t{0} >> (vector_size - size); };
    if (const std::size_t size = bytes_to_aligned(pass, vector_size); size > 0) {
        make_block<Outputs, 1, true>(pass, at, first(size));
        at += size;
    }
    // Few outputs leave the registers for wider blocks, which help where memory is the limit.
    constexpr std::size_t vectors = Outputs <= 2 ? 4 : 2;
    for (; pass.end - at >= vectors * vector_size; at += vectors * vector_size)
        make_block<Outputs, vectors, false>(pass, at, 0);
    for (; pass.end - at >= vector_size; at += vector_size)
        make_block<Outputs, 1, false>(pass, at, 0);
    if (at < pass.end) make_block<Outputs, 1, true>(pass, at, first(pass.end - at));
}

/// 12 outputs of 2 vectors leave 8 registers for the rest; 13 spill.
constexpr auto functions = []<std::size_t... Index>(std::index_sequence<Index...>)
{
    return std::array{&make_outputs<Index + 1>...};
}
(std::make_index_sequence<12>{});

} // namespace

GfniFunctions gfni_avx512() noexcept
{
    if (__builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw"))
        return functions;
    return {};
}

} // namespace cairn

#else

cairn::GfniFunctions cairn::gfni_avx512() noexcept
{
    return {};
}

#endif
