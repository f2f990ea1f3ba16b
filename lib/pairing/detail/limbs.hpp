#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// Arithmetic on words of 64 bits with carries, without branches.

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

} // namespace cairn::detail
