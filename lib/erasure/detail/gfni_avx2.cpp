#include "erasure/detail/gfni.hpp"

#if defined(__x86_64__)

#include <array>
#include <cstring>
#include <utility>

#include <immintrin.h>

namespace cairn {
namespace {

constexpr std::size_t vector_size = 32; // bytes

/// The first `size` bytes at `from`, the rest zero.
[[gnu::target("gfni,avx2")]] inline __m256i load_part(const std::byte* from, std::size_t size)
{
    __m256i vector = _mm256_setzero_si256();
    std::memcpy(&vector, from, size);
    return vector;
}

[[gnu::target("gfni,avx2")]] inline __m256i load(const std::byte* from)
{
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// Makes the bytes at `at` of each output, as many vectors of them as `Vectors` says; if `IsPart`
/// only the first `size` of them. The sums stay in registers: outputs times vectors of the 16.
/// The loops over outputs and vectors must be unrolled for that.
template <std::size_t Outputs, std::size_t Vectors, bool IsPart>
[[gnu::target("gfni,avx2")]] inline void make_block(const GfniPass& pass, std::size_t at,
                                                    std::size_t size)
{
    const ByteView* const inputs = pass.inputs.data();
    const std::size_t count = pass.inputs.size();
    const std::uint64_t* matrices = pass.matrices;
    __m256i sums[Outputs][Vectors];
#pragma GCC unroll 16
    for (std::size_t output = 0; output < Outputs; ++output)
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) sums[output][v] = _mm256_setzero_si256();

    for (std::size_t i = 0; i < count; ++i, matrices += Outputs) {
        __m256i a[Vectors];
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) {
            const std::byte* const from = inputs[i].data() + at + v * vector_size;
            a[v] = IsPart ? load_part(from, size) : load(from);
        }
#pragma GCC unroll 16
        for (std::size_t output = 0; output < Outputs; ++output) {
            const __m256i by = _mm256_set1_epi64x(static_cast<long long>(matrices[output]));
#pragma GCC unroll 16
            for (std::size_t v = 0; v < Vectors; ++v)
                sums[output][v] =
                    _mm256_xor_si256(sums[output][v], _mm256_gf2p8affine_epi64_epi8(a[v], by, 0));
        }
    }

#pragma GCC unroll 16
    for (std::size_t output = 0; output < Outputs; ++output) {
#pragma GCC unroll 16
        for (std::size_t v = 0; v < Vectors; ++v) {
            std::byte* const to = pass.outputs[output].data() + at + v * vector_size;
            if constexpr (IsPart)
                std::memcpy(to, &sums[output][v], size);
            else
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums[output][v]);
        }
    }
}

template <std::size_t Outputs>
[[gnu::target("gfni,avx2")]] void make_outputs(const GfniPass& pass)
{
    std::size_t at = pass.begin;
    if (const std::size_t size = bytes_to_aligned(pass, vector_size); size > 0) {
        make_block<Outputs, 1, true>(pass, at, size);
        at += size;
    }
    for (; pass.end - at >= 2 * vector_size; at += 2 * vector_size)
        make_block<Outputs, 2, false>(pass, at, 0);
    if (pass.end - at >= vector_size) {
        make_block<Outputs, 1, false>(pass, at, 0);
        at += vector_size;
    }
    if (at < pass.end) make_block<Outputs, 1, true>(pass, at, pass.end - at);
}

/// 5 outputs of 2 vectors leave 6 registers for the rest.
constexpr auto functions = []<std::size_t... Index>(std::index_sequence<Index...>)
{
    return std::array{&make_outputs<Index + 1>...};
}
(std::make_index_sequence<5>{});

} // namespace

GfniFunctions gfni_avx2() noexcept
{
    if (__builtin_cpu_supports("gfni") && __builtin_cpu_supports("avx2")) return functions;
    return {};
}

} // namespace cairn

#else

cairn::GfniFunctions cairn::gfni_avx2() noexcept
{
    return {};
}

#endif
