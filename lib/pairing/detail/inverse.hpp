#pragma once

#include "pairing/detail/limbs.hpp"

#include <bit>

// Inverses modulo a prime by the greatest common divisor, in the same steps for each number:
// Pornin, "Optimized Binary GCD for Modular Inversion" (2020), algorithm 2. 31 steps at a time are
// decided by the lowest 31 bits and the highest 33, and then done to the whole numbers.

namespace cairn::detail {

/// What some steps make of two numbers: a' = a f0 + b g0 and b' = a f1 + b g1, over 2^31. Factors
/// are above -2^31 and at most 2^31.
struct GcdSteps {
    std::int64_t f0, g0, f1, g1;
};

inline constexpr unsigned gcd_steps = 31;

constexpr GcdSteps make_gcd_steps(std::uint64_t a, std::uint64_t b) noexcept
{
    std::uint64_t fg0 = 1;                       // f0 + 2^32 g0
    std::uint64_t fg1 = std::uint64_t{1} << 32U; // f1 + 2^32 g1
    for (unsigned i = 0; i < gcd_steps; ++i) {
        const std::uint64_t is_odd = mask_of(a & 1U);
        const std::uint64_t swaps = is_odd & mask_of(std::uint64_t{a < b});
        const std::uint64_t ab = (a ^ b) & swaps;
        const std::uint64_t fg = (fg0 ^ fg1) & swaps;
        a ^= ab;
        b ^= ab;
        fg0 ^= fg;
        fg1 ^= fg;
        a = (a - (b & is_odd)) >> 1U;
        fg0 -= fg1 & is_odd;
        fg1 += fg1;
    }
    constexpr std::uint64_t bias = 0x7fffffff;
    const auto low = [&](std::uint64_t fg) {
        return static_cast<std::int64_t>((fg + bias) & UINT32_MAX) - std::int64_t{bias};
    };
    const auto high = [&](std::uint64_t fg) {
        return static_cast<std::int64_t>((fg + (bias << 32U | bias)) >> 32U) - std::int64_t{bias};
    };
    return {low(fg0), high(fg0), low(fg1), high(fg1)};
}

/// a f + b g, in two's complement, with one word more.
template <std::size_t Words>
constexpr Limbs<Words + 1> combined(const Limbs<Words>& a, std::int64_t f, const Limbs<Words>& b,
                                    std::int64_t g) noexcept
{
    Limbs<Words + 1> sum{};
    std::uint64_t carry_a = 0;
    std::uint64_t carry_b = 0;
    for (std::size_t i = 0; i < Words; ++i) {
        sum[i] = multiply_add(0, a[i], static_cast<std::uint64_t>(f), carry_a);
        sum[i] = multiply_add(sum[i], b[i], static_cast<std::uint64_t>(g), carry_b);
    }
    sum[Words] = carry_a + carry_b;
    // A negative factor was taken for one that is 2^64 more.
    const std::uint64_t f_mask = mask_of(static_cast<std::uint64_t>(f) >> 63U);
    const std::uint64_t g_mask = mask_of(static_cast<std::uint64_t>(g) >> 63U);
    std::uint64_t borrow_a = 0;
    std::uint64_t borrow_b = 0;
    for (std::size_t i = 0; i < Words; ++i) {
        sum[i + 1] = subtract_borrow(sum[i + 1], a[i] & f_mask, borrow_a);
        sum[i + 1] = subtract_borrow(sum[i + 1], b[i] & g_mask, borrow_b);
    }
    return sum;
}

/// The absolute value of a sum, over 2^31; the mask becomes all ones where it was negative.
template <std::size_t Words>
constexpr Limbs<Words> shifted_magnitude(const Limbs<Words + 1>& sum, std::uint64_t& mask) noexcept
{
    mask = mask_of(sum[Words] >> 63U);
    Limbs<Words> magnitude{};
    std::uint64_t carry = mask & 1U;
    for (std::size_t i = 0; i < Words; ++i) {
        const std::uint64_t word = sum[i] >> gcd_steps | sum[i + 1] << (64 - gcd_steps);
        magnitude[i] = add_carry(word ^ mask, 0, carry);
    }
    return magnitude;
}

/// A sum over 2^64 modulo m, of numbers below m and factors of together at most 2^31.
template <std::size_t Words>
constexpr Limbs<Words> reduced_sum(const Limbs<Words + 1>& sum, const Modulus<Words>& m) noexcept
{
    const std::uint64_t multiple = sum[0] * m.factor;
    Limbs<Words> reduced{};
    std::uint64_t carry = 0;
    multiply_add(sum[0], multiple, m.words[0], carry);
    for (std::size_t i = 1; i < Words; ++i)
        reduced[i - 1] = multiply_add(sum[i], multiple, m.words[i], carry);
    const std::uint64_t mask = mask_of(sum[Words] >> 63U);
    std::uint64_t top = 0;
    reduced[Words - 1] = add_carry(sum[Words], carry, top); // above -m and below 2 m
    const std::uint64_t is_negative = mask & ~mask_of(top);
    std::uint64_t over = 0;
    for (std::size_t i = 0; i < Words; ++i)
        reduced[i] = add_carry(reduced[i], m.words[i] & is_negative, over);
    return reduce_once(reduced, m.words);
}

/// The number that decides the next steps: bits 0 to 30, and the 33 below the highest of both.
template <std::size_t Words>
constexpr void approximate(std::uint64_t& a_short, std::uint64_t& b_short, const Limbs<Words>& a,
                           const Limbs<Words>& b) noexcept
{
    std::uint64_t a_high = 0;
    std::uint64_t a_low = 0;
    std::uint64_t b_high = 0;
    std::uint64_t b_low = 0;
    std::uint64_t is_found = 0; // a word that is not 0, above the lowest
    for (std::size_t i = Words - 1; i > 0; --i) {
        const std::uint64_t either = a[i] | b[i];
        const std::uint64_t takes = mask_of((either | (0 - either)) >> 63U) & ~is_found;
        a_high |= a[i] & takes;
        a_low |= a[i - 1] & takes;
        b_high |= b[i] & takes;
        b_low |= b[i - 1] & takes;
        is_found |= takes;
    }
    const auto shift = static_cast<unsigned>(std::countl_zero(a_high | b_high | 1U));
    const auto shortened = [&](std::uint64_t high, std::uint64_t low, std::uint64_t lowest) {
        constexpr std::uint64_t low_bits = (std::uint64_t{1} << gcd_steps) - 1;
        const std::uint64_t top = high << shift | low >> 1U >> (63 - shift);
        const std::uint64_t joined = (top & ~low_bits) | (lowest & low_bits);
        return (joined & is_found) | (lowest & ~is_found);
    };
    a_short = shortened(a_high, a_low, a[0]);
    b_short = shortened(b_high, b_low, b[0]);
}

/// Rounds of steps that are enough for any number below a modulus of so many words.
template <std::size_t Words>
inline constexpr std::size_t gcd_rounds = (2 * 64 * Words - 1 + gcd_steps - 1) / gcd_steps;

/// 1 / (number * 2^(33 rounds)) modulo m, of 0 it is 0. For numbers below m.
template <std::size_t Words>
constexpr Limbs<Words> scaled_inverse(const Limbs<Words>& number, const Modulus<Words>& m) noexcept
{
    Limbs<Words> a = number;
    Limbs<Words> b = m.words;
    Limbs<Words> u{1};
    Limbs<Words> v{};
    for (std::size_t round = 0; round < gcd_rounds<Words>; ++round) {
        std::uint64_t a_short = 0;
        std::uint64_t b_short = 0;
        approximate(a_short, b_short, a, b);
        GcdSteps steps = make_gcd_steps(a_short, b_short);
        std::uint64_t a_mask = 0;
        std::uint64_t b_mask = 0;
        const Limbs<Words> new_a =
            shifted_magnitude<Words>(combined(a, steps.f0, b, steps.g0), a_mask);
        b = shifted_magnitude<Words>(combined(a, steps.f1, b, steps.g1), b_mask);
        a = new_a;
        const auto with_sign = [](std::int64_t factor, std::uint64_t mask) {
            const auto sign = static_cast<std::int64_t>(mask);
            return (factor ^ sign) - sign;
        };
        const Limbs<Words> new_u = reduced_sum(
            combined(u, with_sign(steps.f0, a_mask), v, with_sign(steps.g0, a_mask)), m);
        v = reduced_sum(combined(u, with_sign(steps.f1, b_mask), v, with_sign(steps.g1, b_mask)),
                        m);
        u = new_u;
    }
    return v;
}

} // namespace cairn::detail
