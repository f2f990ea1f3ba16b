#include "hash/detail/blake3_kernel.hpp"

#include <bit>
#include <utility>

// What every machine of the architecture has: SSE2 on x86-64, NEON on AArch64, else plain words.

namespace cairn::detail {
namespace {
constexpr bool shuffles_octets = false;
}
} // namespace cairn::detail

#include "hash/detail/blake3_lanes.hpp"

namespace cairn::detail {

constinit const Blake3Code blake3_portable{hash_batch<4>, compress};

} // namespace cairn::detail
