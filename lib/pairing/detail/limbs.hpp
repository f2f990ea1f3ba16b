#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// Arithmetic on words of 64 bits with carries, without branches.

// CAIRN_CHAINS: assembler for chains of carries is compiled. It takes 13 registers, which neither
// sanitizers nor builds without optimisation leave.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CAIRN_SANITIZED
#endif
#endif
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) &&              \
    !defined(__SANITIZE_THREAD__) && !defined(CAIRN_SANITIZED)
#define CAIRN_CHAINS
#endif

namespace cairn::detail {

__extension__ using Wide = unsigned __int128;

/// a + b + carry; the carry becomes that of the sum.
constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) noexcept
{
    const Wide sum = Wide{a} + b + carry;
    carry = static_cast<std::uint64_t>(sum >> 64U);
    return static_cast<std::uint64_t>(sum);
}

/// a - b - borrow; the borrow, 0 or 1, becomes that of the difference.
constexpr std::uint64_t subtract_borrow(std::uint64_t a, std::uint64_t b,
                                        std::uint64_t& borrow) noexcept
{
    const Wide difference = Wide{a} - b - borrow;
    borrow = static_cast<std::uint64_t>(difference >> 64U) & 1U;
    return static_cast<std::uint64_t>(difference);
}

/// a + b * c + carry, which always fits; the carry becomes the upper word.
constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                     std::uint64_t& carry) noexcept
{
    const Wide sum = Wide{a} + Wide{b} * c + carry;
    carry = static_cast<std::uint64_t>(sum >> 64U);
    return static_cast<std::uint64_t>(sum);
}

/// All ones for 1, all zeros for 0; the compiler may not know which, or it would branch.
constexpr std::uint64_t mask_of(std::uint64_t bit) noexcept
{
    std::uint64_t mask = 0 - bit;
    if (!__builtin_is_constant_evaluated()) asm("" : "+r"(mask)); // NOLINT(hicpp-no-assembler)
    return mask;
}

/// All ones where two numbers below 16 are equal, else all zeros.
constexpr std::uint64_t mask_if_equal(std::uint64_t a, std::uint64_t b) noexcept
{
    return mask_of(1 - (((a ^ b) + 15U) >> 4U));
}

template <std::size_t Words>
using Limbs = std::array<std::uint64_t, Words>; // least significant first

/// A number divided by a small one, rounded down.
template <std::size_t Words>
constexpr Limbs<Words> divided(Limbs<Words> number, std::uint64_t divisor) noexcept
{
    Wide rest = 0;
    for (std::size_t i = Words; i-- > 0;) {
        rest = rest << 64U | number[i];
        number[i] = static_cast<std::uint64_t>(rest / divisor);
        rest %= divisor;
    }
    return number;
}

/// a - b where that is not negative, else a. For a < 2 b.
template <std::size_t Words>
constexpr Limbs<Words> reduce_once(const Limbs<Words>& a, const Limbs<Words>& b) noexcept
{
    Limbs<Words> difference{};
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < Words; ++i) difference[i] = subtract_borrow(a[i], b[i], borrow);
    const std::uint64_t keep = mask_of(borrow);
    for (std::size_t i = 0; i < Words; ++i) difference[i] = (a[i] & keep) | (difference[i] & ~keep);
    return difference;
}

/// a + b - m where that is not negative, else a + b. For a, b < m, and m with a free bit.
template <std::size_t Words>
constexpr void add_modulo(Limbs<Words>& out, const Limbs<Words>& a, const Limbs<Words>& b,
                          const Limbs<Words>& m) noexcept
{
    Limbs<Words> sum{};
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < Words; ++i) sum[i] = add_carry(a[i], b[i], carry);
    out = reduce_once(sum, m);
}

/// a - b, and m more where that is negative; all modulo 2^(64 n).
template <std::size_t Words>
constexpr void subtract_modulo(Limbs<Words>& out, const Limbs<Words>& a, const Limbs<Words>& b,
                               const Limbs<Words>& m) noexcept
{
    Limbs<Words> difference{};
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < Words; ++i) difference[i] = subtract_borrow(a[i], b[i], borrow);
    const std::uint64_t mask = mask_of(borrow);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < Words; ++i) out[i] = add_carry(difference[i], m[i] & mask, carry);
}

/// A number of twice as many words.
template <std::size_t Words>
struct WideLimbs {
    Limbs<Words> low;
    Limbs<Words> high;

    friend constexpr bool operator==(const WideLimbs&, const WideLimbs&) = default;
};

/// a b.
template <std::size_t Words>
constexpr void multiply_wide(WideLimbs<Words>& out, const Limbs<Words>& a,
                             const Limbs<Words>& b) noexcept
{
    Limbs<Words> low{};
    Limbs<Words> sum{}; // of what is above the words that are known
    for (std::size_t i = 0; i < Words; ++i) {
        std::uint64_t carry = 0;
        low[i] = multiply_add(sum[0], a[0], b[i], carry);
#pragma GCC unroll 8
        for (std::size_t k = 1; k < Words; ++k)
            sum[k - 1] = multiply_add(sum[k], a[k], b[i], carry);
        sum[Words - 1] = carry;
    }
    out = {low, sum};
}

/// sum = sum + a b modulo 2^(128 n).
template <std::size_t Words>
constexpr void accumulate(WideLimbs<Words>& sum, const Limbs<Words>& a,
                          const Limbs<Words>& b) noexcept
{
    WideLimbs<Words> product{};
    multiply_wide<Words>(product, a, b);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < Words; ++i)
        sum.low[i] = add_carry(sum.low[i], product.low[i], carry);
    for (std::size_t i = 0; i < Words; ++i)
        sum.high[i] = add_carry(sum.high[i], product.high[i], carry);
}

/// A modulus with what Montgomery's reduction needs (1985).
template <std::size_t Words>
struct Modulus {
    Limbs<Words> words;
    std::uint64_t factor = 1; ///< -1 / words[0] modulo 2^64

    constexpr explicit Modulus(const Limbs<Words>& modulus) : words{modulus}
    {
        for (int i = 0; i < 6; ++i) factor *= 2 - words[0] * factor; // doubles the right bits
        factor = 0 - factor;
    }
};

/// a / 2^(64 n) modulo m, for a < 2^(64 n) m.
template <std::size_t Words>
constexpr void reduce_wide(Limbs<Words>& out, const WideLimbs<Words>& a,
                           const Modulus<Words>& m) noexcept
{
    Limbs<Words> low = a.low;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Words; ++i) {
        const std::uint64_t multiple = low[0] * m.factor;
        std::uint64_t carry = 0;
        multiply_add(low[0], multiple, m.words[0], carry);
#pragma GCC unroll 8
        for (std::size_t k = 1; k < Words; ++k)
            low[k - 1] = multiply_add(low[k], multiple, m.words[k], carry);
        low[Words - 1] = carry;
    }
    add_modulo(out, low, a.high, m.words); // low <= m
}

/// a b / 2^(64 n) modulo m, for a < m and any b. One word of b after the other; because the modulus
/// has a free bit, what is carried out of both products fits one word.
template <std::size_t Words>
constexpr void multiply_modulo(Limbs<Words>& out, const Limbs<Words>& a, const Limbs<Words>& b,
                               const Modulus<Words>& m) noexcept
{
    Limbs<Words> t{};
#pragma GCC unroll 8
    for (std::size_t i = 0; i < Words; ++i) {
        std::uint64_t product = 0;
        std::uint64_t multiple = 0;
        const std::uint64_t low = multiply_add(t[0], a[0], b[i], product);
        const std::uint64_t times = low * m.factor;
        multiply_add(low, times, m.words[0], multiple);
#pragma GCC unroll 8
        for (std::size_t k = 1; k < Words; ++k) {
            const std::uint64_t sum = multiply_add(t[k], a[k], b[i], product);
            t[k - 1] = multiply_add(sum, times, m.words[k], multiple);
        }
        t[Words - 1] = product + multiple;
    }
    out = reduce_once(t, m.words);
}

} // namespace cairn::detail
