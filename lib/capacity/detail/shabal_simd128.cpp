#include "base/lanes.hpp"
#include "capacity/detail/shabal_kernel.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

// What every machine of the architecture has: SSE2 on x86-64, NEON on AArch64.

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 4;
constexpr std::size_t streams = 2;
using Word = Vector<lanes>;

} // namespace
} // namespace cairn::detail

#include "capacity/detail/shabal_bits.hpp"
#include "capacity/detail/shabal_lanes.hpp"

namespace cairn::detail {

constinit const ShabalCode shabal_simd128{group, hash, make_nonces, copy_scoops, find_hits};

} // namespace cairn::detail
