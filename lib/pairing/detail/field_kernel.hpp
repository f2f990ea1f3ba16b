#pragma once

#include "pairing/detail/limbs.hpp"

#include <span>

// Products in the two prime fields: in portable code, and with the instructions of machines that
// multiply without touching flags and add along two chains of carries (BMI2 and ADX). All forms
// give the same words.

namespace cairn::detail {

/// The field of BLS12-381: p = (z - 1)^2 (z^4 - z^2 + 1) / 3 + z for z = -0xd201000000010000.
struct FpParameters {
    static constexpr Modulus<6> modulus{{0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
                                         0x64774b84f38512bf, 0x4b1ba7b6434bacd7,
                                         0x1a0111ea397fe69a}};
};

/// The order of its groups: r = z^4 - z^2 + 1.
struct FrParameters {
    static constexpr Modulus<4> modulus{
        {0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48}};
};

// Hidden, so that no table of addresses is asked where they are.
[[gnu::visibility("hidden")]] inline constexpr Modulus<6> fp_modulus = FpParameters::modulus;
[[gnu::visibility("hidden")]] inline constexpr Modulus<4> fr_modulus = FrParameters::modulus;

/// ifma is adx, and AVX-512 IFMA for many elements at once.
enum class FieldKernel : std::uint8_t { portable = 1, adx, ifma };

/// What this machine can run, the fastest last.
std::span<const FieldKernel> field_kernels();

/// From here on all products are made by one of field_kernels(): for tests. The fastest is taken
/// where nobody asks.
void use(FieldKernel kernel) noexcept;

/// The one that is used.
FieldKernel field_kernel() noexcept;

/// a b / 2^(64 n) modulo the modulus, for a below it and any b.
void multiply_modulo(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept;
void multiply_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept;

/// a b.
void multiply_wide(WideLimbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept;

/// sum = sum + a b modulo 2^512.
void accumulate(WideLimbs<4>& sum, const Limbs<4>& a, const Limbs<4>& b) noexcept;

/// a / 2^(64 n) modulo the modulus, for a below 2^(64 n) times the modulus.
void reduce_wide(Limbs<6>& out, const WideLimbs<6>& a) noexcept;
void reduce_wide(Limbs<4>& out, const WideLimbs<4>& a) noexcept;

} // namespace cairn::detail
