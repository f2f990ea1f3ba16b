#pragma once

#include "pairing/detail/prime_field.hpp"
#include "pairing/detail/quotient.hpp"

namespace cairn::detail {

using Fp = PrimeField<FpParameters>;
using Fr = PrimeField<FrParameters>;

inline constexpr std::uint64_t curve_z = 0xd201000000010000; ///< of -z
inline constexpr Divisor<2> by_z_squared{{0x0000000100000000, 0xac45a4010001a402}};

/// (p - 3) / 4 and (p + 1) / 4: p is 3 modulo 4.
inline constexpr Limbs<6> p_minus_3_over_4{0xee7fbfffffffeaaa, 0x07aaffffac54ffff,
                                           0xd9cc34a83dac3d89, 0xd91dd2e13ce144af,
                                           0x92c6e9ed90d2eb35, 0x0680447a8e5ff9a6};

/// The square root, if there is one.
inline std::optional<Fp> square_root(const Fp& a)
{
    const Fp root = a.power(p_minus_3_over_4) * a;
    if (root.squared() == a) return root;
    return std::nullopt;
}

/// Parity of the number.
inline bool is_odd(const Fp& a)
{
    return (a.to_words()[0] & 1U) != 0;
}

/// Whether the number is more than half of the modulus: the sign that point encodings carry.
inline bool is_large(const Fp& a)
{
    // It is when its double is not below p: when doubling it modulo p makes an odd number.
    return is_odd(a.doubled());
}

} // namespace cairn::detail
