#include "hash/detail/blake3_kernel.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

struct Available {
    std::array<Blake3Kernel, 4> kernels{Blake3Kernel::portable};
    std::size_t count = 1;

    Available()
    {
#if defined(__x86_64__)
        if (!__builtin_cpu_supports("sse4.1")) return;
        kernels[count++] = Blake3Kernel::sse41;
        if (!__builtin_cpu_supports("avx2")) return;
        kernels[count++] = Blake3Kernel::avx2;
        if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl")) return;
        kernels[count++] = Blake3Kernel::avx512;
#endif
    }
};

} // namespace

std::span<const Blake3Kernel> blake3_kernels()
{
    static const Available available;
    return {available.kernels.data(), available.count};
}

namespace detail {

const Blake3Code& blake3_code(Blake3Kernel kernel)
{
    assert(std::ranges::count(blake3_kernels(), kernel) == 1);
    switch (kernel) {
    case Blake3Kernel::portable:
        break;
#if defined(__x86_64__)
    case Blake3Kernel::sse41:
        return blake3_sse41;
    case Blake3Kernel::avx2:
        return blake3_avx2;
    case Blake3Kernel::avx512:
        return blake3_avx512;
#else
    case Blake3Kernel::sse41:
    case Blake3Kernel::avx2:
    case Blake3Kernel::avx512:
        break;
#endif
    }
    return blake3_portable;
}

const Blake3Code& blake3_code()
{
    static const Blake3Code& fastest = blake3_code(blake3_kernels().back());
    return fastest;
}

} // namespace detail
} // namespace cairn
