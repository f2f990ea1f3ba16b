#include "hash/detail/blake3_kernel.hpp"

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

namespace cairn::detail {
namespace {
constexpr bool shuffles_octets = true;
}
} // namespace cairn::detail

#include "hash/detail/blake3_lanes.hpp"

namespace cairn::detail {

constinit const Blake3Code blake3_avx2{hash_batch<8>, compress};

} // namespace cairn::detail

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
