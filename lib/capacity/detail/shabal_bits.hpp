#pragma once

// What shabal_lanes.hpp takes from the file that includes it, for sets without an instruction for
// three inputs. Included where Word is known, inside no namespace.

namespace cairn::detail {
namespace {

// NOLINTBEGIN(misc-definitions-in-headers)

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

// NOLINTEND(misc-definitions-in-headers)
} // namespace
} // namespace cairn::detail
