#include "capacity/detail/shabal_kernel.hpp"

#if defined(__x86_64__)

#include <bit>
#include <utility>

// GCC at -O2 leaves loops over vectors in memory. Not popped: templates take the set that is
// selected where they are instantiated, at the end.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl"))), apply_to = function)
#else
#pragma GCC optimize("O3")
#pragma GCC target("avx512f,avx512vl")
#endif

#include "base/lanes.hpp"

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 16;
constexpr std::size_t streams = 2;
using Word = Vector<lanes>;

// The constants are truth tables: bit 4a + 2b + c is the result for these bits.
template <int Table>
[[gnu::always_inline]] inline Word ternary(Word a, Word b, Word c)
{
    using Ints [[gnu::vector_size(64)]] = int;
    return reinterpret_cast<Word>(
        __builtin_ia32_pternlogd512_mask(reinterpret_cast<Ints>(a), reinterpret_cast<Ints>(b),
                                         reinterpret_cast<Ints>(c), Table, 0xffff));
}

[[gnu::always_inline]] inline Word either_xor(Word a, Word b, Word c)
{
    return ternary<0x96>(a, b, c);
}

[[gnu::always_inline]] inline Word masked_xor(Word a, Word b, Word c)
{
    return ternary<0xb4>(a, b, c);
}

[[gnu::always_inline]] inline Word equal_bits(Word a, Word b)
{
    return ternary<0xc3>(a, b, b);
}

} // namespace
} // namespace cairn::detail

#include "capacity/detail/shabal_lanes.hpp"

namespace cairn::detail {

constinit const ShabalCode shabal_avx512{group, hash, make_nonces, copy_scoops, find_hits};

} // namespace cairn::detail

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
