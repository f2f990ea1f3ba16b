#pragma once

#include "pairing/detail/fp.hpp"

// Powers of many elements at once, by machines that multiply eight numbers of 52 bits in one
// instruction (AVX-512 IFMA).

namespace cairn::detail {

/// Each to the power of (p - 3) / 4, in place.
void raise_to_p_minus_3_over_4(std::span<Fp> elements);

/// The same of eight elements as they are kept, for machines with FieldKernel::ifma. What comes
/// back is below 2 p.
void raise_lanes(std::uint64_t (*elements)[6]) noexcept;

} // namespace cairn::detail
