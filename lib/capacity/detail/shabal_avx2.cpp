#include "capacity/detail/shabal_kernel.hpp"

#if defined(__x86_64__)

#include <bit>
#include <utility>

// GCC at -O2 leaves loops over vectors in memory. Not popped: templates take the set that is
// selected where they are instantiated, at the end.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC optimize("O3")
#pragma GCC target("avx2")
#endif

#include "base/lanes.hpp"

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t streams = 2;
using Word = Vector<lanes>;

} // namespace
} // namespace cairn::detail

#include "capacity/detail/shabal_bits.hpp"
#include "capacity/detail/shabal_lanes.hpp"

namespace cairn::detail {

constinit const ShabalCode shabal_avx2{group, hash, make_nonces, copy_scoops, find_hits};

} // namespace cairn::detail

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
