#include "capacity/shabal.hpp"

#include "capacity/detail/shabal_kernel.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <vector>

namespace cairn {
namespace {

struct Available {
    std::array<ShabalKernel, 4> kernels{ShabalKernel::scalar, ShabalKernel::simd128};
    std::size_t count = 2;

    Available()
    {
#if defined(__x86_64__)
        if (!__builtin_cpu_supports("avx2")) return;
        kernels[count++] = ShabalKernel::avx2;
        if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")) return;
        kernels[count++] = ShabalKernel::avx512;
#endif
    }
};

/// Words are little-endian in messages and digests.
void swap_on_big_endian(std::span<std::uint32_t> words)
{
    if constexpr (std::endian::native == std::endian::big)
        for (std::uint32_t& word : words) word = __builtin_bswap32(word);
}

} // namespace

std::span<const ShabalKernel> shabal_kernels()
{
    static const Available available;
    return {available.kernels.data(), available.count};
}

const char* to_text(ShabalKernel kernel)
{
    switch (kernel) {
    case ShabalKernel::scalar:
        return "scalar";
    case ShabalKernel::simd128:
        return "simd128";
    case ShabalKernel::avx2:
        return "avx2";
    case ShabalKernel::avx512:
        return "avx512";
    }
    assert(false);
    return "";
}

ShabalDigest shabal256(ByteView message)
{
    constexpr std::size_t block_size = detail::shabal_block_words * sizeof(std::uint32_t);
    const std::size_t blocks = message.size() / block_size;
    std::vector<std::uint32_t> words((blocks + 1) * detail::shabal_block_words);
    const MutableByteView bytes = std::as_writable_bytes(std::span{words});
    std::ranges::copy(message, bytes.begin());
    bytes[message.size()] = std::byte{detail::shabal_padding};
    swap_on_big_endian(words);
    std::array<std::uint32_t, detail::shabal_digest_words> digest{};
    detail::shabal_scalar.hash(words.data(), blocks,
                               words.data() + blocks * detail::shabal_block_words, digest.data());
    swap_on_big_endian(digest);
    return std::bit_cast<ShabalDigest>(digest);
}

namespace detail {

const ShabalCode& shabal_code(ShabalKernel kernel)
{
    assert(std::ranges::count(shabal_kernels(), kernel) == 1);
    switch (kernel) {
    case ShabalKernel::scalar:
        return shabal_scalar;
    case ShabalKernel::simd128:
        break;
#if defined(__x86_64__)
    case ShabalKernel::avx2:
        return shabal_avx2;
    case ShabalKernel::avx512:
        return shabal_avx512;
#else
    case ShabalKernel::avx2:
    case ShabalKernel::avx512:
        break;
#endif
    }
    return shabal_simd128;
}

} // namespace detail
} // namespace cairn
