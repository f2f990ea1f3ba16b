#pragma once

#include "pairing/detail/limbs.hpp"

// Quotients by a constant, in the same steps for each number (Barrett, 1986): scalars in parts that
// are short.

namespace cairn::detail {

/// A divisor of `Words` words whose highest bit is set, for numbers that it goes into less than
/// 2^(64 Words) times.
template <std::size_t Words>
class Divisor {
public:
    constexpr explicit Divisor(const Limbs<Words>& divisor)
    {
        for (std::size_t i = 0; i < Words; ++i) divisor_[i] = divisor[i];
        // 2^(128 Words - 1) over the divisor, bit by bit.
        Longer rest{};
        for (std::size_t i = 0; i < 128 * Words; ++i) {
            std::uint64_t bit = i == 0 ? 1 : 0;
            for (std::uint64_t& word : rest) bit = shift_in(word, bit);
            bit = subtract_if_less(rest);
            for (std::uint64_t& word : reciprocal_) bit = shift_in(word, bit);
        }
    }

    /// The quotient; the number becomes the rest.
    constexpr Limbs<Words> divide(Limbs<2 * Words>& number) const
    {
        Limbs<3 * Words> product{};
        for (std::size_t i = 0; i < Words; ++i) {
            std::uint64_t carry = 0;
            for (std::size_t k = 0; k < 2 * Words; ++k)
                product[i + k] = multiply_add(product[i + k], number[k], reciprocal_[i], carry);
            product[i + 2 * Words] = carry;
        }
        Limbs<Words> quotient{}; // too small by 3 at most
        for (std::size_t i = 0; i < Words; ++i)
            quotient[i] = product[2 * Words + i] << 1U | product[2 * Words + i - 1] >> 63U;
        WideLimbs<Words> multiple{};
        Limbs<Words> divisor{};
        for (std::size_t i = 0; i < Words; ++i) divisor[i] = divisor_[i];
        multiply_wide<Words>(multiple, quotient, divisor);
        Longer rest{};
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < Words; ++i)
            rest[i] = subtract_borrow(number[i], multiple.low[i], borrow);
        rest[Words] = subtract_borrow(number[Words], multiple.high[0], borrow);
        for (int step = 0; step < 3; ++step) {
            std::uint64_t carry = subtract_if_less(rest);
            for (std::uint64_t& word : quotient) word = add_carry(word, 0, carry);
        }
        number = {};
        for (std::size_t i = 0; i < Words; ++i) number[i] = rest[i];
        return quotient;
    }

private:
    using Longer = Limbs<Words + 1>;

    /// Moves a word up by a bit, and another in; the one that leaves.
    static constexpr std::uint64_t shift_in(std::uint64_t& word, std::uint64_t bit)
    {
        const std::uint64_t top = word >> 63U;
        word = word << 1U | bit;
        return top;
    }

    /// Subtracts the divisor where it is not more than the rest: 1 then, else 0.
    constexpr std::uint64_t subtract_if_less(Longer& rest) const
    {
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i <= Words; ++i) subtract_borrow(rest[i], divisor_[i], borrow);
        rest = reduce_once(rest, divisor_);
        return borrow ^ 1U;
    }

    Longer divisor_{};
    Limbs<Words> reciprocal_{};
};

} // namespace cairn::detail
