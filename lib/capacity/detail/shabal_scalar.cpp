#include "base/lanes.hpp"
#include "capacity/detail/shabal_kernel.hpp"

// One input at a time, in plain words.

namespace cairn::detail {
namespace {

constexpr std::size_t lanes = 1;
constexpr std::size_t streams = 1;
using Word = std::uint32_t;

[[gnu::always_inline]] inline Word either_xor(Word a, Word b, Word c)
{
    return a ^ b ^ c;
}

[[gnu::always_inline]] inline Word masked_xor(Word a, Word b, Word c)
{
    return a ^ (b & ~c);
}

[[gnu::always_inline]] inline Word equal_bits(Word a, Word b)
{
    return ~(a ^ b);
}

} // namespace
} // namespace cairn::detail

#include "capacity/detail/shabal_lanes.hpp"

namespace cairn::detail {

constinit const ShabalCode shabal_scalar{group, hash, make_nonces, copy_scoops, find_hits};

} // namespace cairn::detail
