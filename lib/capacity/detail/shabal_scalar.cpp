#include "base/lanes.hpp"
#include "capacity/detail/shabal_kernel.hpp"

// One input at a time, in plain words.

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 1;
constexpr std::size_t streams = 1;
using Word = std::uint32_t;

} // namespace
} // namespace cairn::detail

#include "capacity/detail/shabal_bits.hpp"
#include "capacity/detail/shabal_lanes.hpp"

namespace cairn::detail {

constinit const ShabalCode shabal_scalar{group, hash, make_nonces, copy_scoops, find_hits};

} // namespace cairn::detail
