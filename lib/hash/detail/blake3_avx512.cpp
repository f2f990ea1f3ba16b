#include "hash/detail/blake3_kernel.hpp"

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

namespace cairn::detail {
namespace {
constexpr bool shuffles_octets = false;
}
} // namespace cairn::detail

#include "hash/detail/blake3_lanes.hpp"

namespace cairn::detail {

constinit const Blake3Code blake3_avx512{hash_batch<16>, compress};

} // namespace cairn::detail

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
