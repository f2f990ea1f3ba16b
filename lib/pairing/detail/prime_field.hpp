#pragma once

#include "base/bytes.hpp"
#include "pairing/detail/inverse.hpp"
#include "pairing/detail/modular_sum.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

// Prime fields whose modulus leaves at least one bit of its words free. Elements are kept as
// a * 2^(64 n) mod p (Montgomery, 1985). Nothing depends on what an element is, in time or in
// addresses, unless it is said.

namespace cairn::detail {

/// `Parameters` are some that field_kernel.hpp has products for.
template <class Parameters>
class PrimeField {
public:
    static constexpr std::size_t limbs = Parameters::modulus.words.size();
    static constexpr std::size_t size = limbs * 8; ///< bytes of an encoding
    using Words = Limbs<limbs>;
    static constexpr Words modulus = Parameters::modulus.words;

    constexpr PrimeField() = default; ///< 0

    static constexpr PrimeField one()
    {
        PrimeField element;
        element.words_ = r_once;
        return element;
    }

    /// Needs a number below the modulus.
    static constexpr PrimeField from_words(const Words& words)
    {
        PrimeField element;
        multiply(element.words_, words, r_squared);
        return element;
    }

    static constexpr PrimeField from_number(std::uint64_t number) { return from_words({number}); }

    /// The number it stands for, below the modulus.
    [[nodiscard]] constexpr Words to_words() const
    {
        Words words{};
        multiply(words, words_, {1});
        return words;
    }

    /// The words that are kept, of a * 2^(64 n) mod p: for kernels.
    [[nodiscard]] constexpr const Words& kept() const noexcept { return words_; }
    [[nodiscard]] constexpr Words& kept() noexcept { return words_; }

    /// Big-endian, of `size` bytes; none for numbers that are not below the modulus.
    static std::optional<PrimeField> decode(ByteView bytes)
    {
        const Words words = words_of(bytes);
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < limbs; ++i) subtract_borrow(words[i], modulus[i], borrow);
        if (borrow == 0) return std::nullopt;
        return from_words(words);
    }

    void encode(MutableByteView bytes) const
    {
        const Words words = to_words();
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = static_cast<std::byte>(words[limbs - 1 - i / 8] >> (56 - i % 8 * 8));
    }

    /// A big-endian number of at most twice the size, modulo the modulus.
    static PrimeField reduce(ByteView bytes)
    {
        // Each half is below 2^(64 n); the product with r_squared brings it below the modulus.
        const std::size_t low = std::min(bytes.size(), size);
        PrimeField element;
        multiply(element.words_, r_squared, words_of(bytes.last(low)));
        if (bytes.size() == low) return element;
        PrimeField high;
        multiply(high.words_, r_squared, words_of(bytes.first(bytes.size() - low)));
        multiply(high.words_, r_squared, high.words_); // times 2^(64 n)
        return element + high;
    }

    friend constexpr PrimeField operator+(const PrimeField& a, const PrimeField& b)
    {
        PrimeField sum;
        add(sum.words_, a.words_, b.words_);
        return sum;
    }
    friend constexpr PrimeField operator-(const PrimeField& a, const PrimeField& b)
    {
        PrimeField difference;
        subtract(difference.words_, a.words_, b.words_);
        return difference;
    }
    friend constexpr PrimeField operator*(const PrimeField& a, const PrimeField& b)
    {
        PrimeField product;
        multiply(product.words_, a.words_, b.words_);
        return product;
    }

    // In place, for a copy costs as much as a sum.
    constexpr PrimeField& operator+=(const PrimeField& b)
    {
        add(words_, words_, b.words_);
        return *this;
    }
    constexpr PrimeField& operator-=(const PrimeField& b)
    {
        subtract(words_, words_, b.words_);
        return *this;
    }
    constexpr PrimeField& operator*=(const PrimeField& b)
    {
        multiply(words_, words_, b.words_);
        return *this;
    }

    constexpr PrimeField operator-() const { return PrimeField{} - *this; }

    [[nodiscard]] constexpr PrimeField doubled() const { return *this + *this; }
    [[nodiscard]] constexpr PrimeField squared() const { return *this * *this; }

    /// Without branches; the answer itself may be branched on.
    friend constexpr bool operator==(const PrimeField& a, const PrimeField& b)
    {
        std::uint64_t difference = 0;
        for (std::size_t i = 0; i < limbs; ++i) difference |= a.words_[i] ^ b.words_[i];
        return difference == 0;
    }

    [[nodiscard]] constexpr bool is_zero() const { return *this == PrimeField{}; }

    /// `b` where the mask is all ones, else this; in place.
    constexpr void assign_if(std::uint64_t mask, const PrimeField& b)
    {
        for (std::size_t i = 0; i < limbs; ++i)
            words_[i] = (words_[i] & ~mask) | (b.words_[i] & mask);
    }

    /// The power of an exponent that everybody may know: by windows of five bits that begin and end
    /// with ones.
    template <std::size_t Words>
    [[nodiscard]] constexpr PrimeField power(const Limbs<Words>& exponent) const
    {
        constexpr std::size_t window = 5;
        std::array<PrimeField, 16> odd_powers{*this};
        const PrimeField square = squared();
        for (std::size_t i = 1; i < odd_powers.size(); ++i)
            odd_powers[i] = odd_powers[i - 1] * square;
        const auto bit = [&](std::size_t i) { return exponent[i / 64] >> (i % 64) & 1U; };
        PrimeField result = one();
        bool is_begun = false;
        for (std::size_t end = Words * 64; end > 0;) {
            if (bit(end - 1) == 0) {
                if (is_begun) result *= result;
                --end;
                continue;
            }
            std::size_t begin = end > window ? end - window : 0;
            while (bit(begin) == 0) ++begin;
            std::size_t digit = 0;
            for (; end > begin; --end) {
                digit = 2 * digit + bit(end - 1);
                if (is_begun) result *= result;
            }
            if (is_begun)
                result *= odd_powers[digit / 2];
            else
                result = odd_powers[digit / 2];
            is_begun = true;
        }
        return result;
    }

    /// The inverse, of 0 it is 0; the same steps for each element.
    [[nodiscard]] PrimeField inverse() const
    {
        PrimeField element;
        multiply(element.words_, scaled_inverse(words_, Parameters::modulus), inverse_scale);
        return element;
    }

private:
    /// 2^bits mod p, by doubling.
    static constexpr Words power_of_2(std::size_t bits)
    {
        Words words{1};
        for (std::size_t i = 0; i < bits; ++i) add_modulo(words, words, words, modulus);
        return words;
    }

    static Words words_of(ByteView bytes)
    {
        Words words{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            words[i / 8] |= std::to_integer<std::uint64_t>(bytes[bytes.size() - 1 - i])
                            << (i % 8 * 8);
        return words;
    }

    // Kernels do not run while compiling.
    static constexpr void add(Words& out, const Words& a, const Words& b)
    {
        if (std::is_constant_evaluated())
            add_modulo(out, a, b, modulus);
        else
            add_modulo(out, a, b);
    }
    static constexpr void subtract(Words& out, const Words& a, const Words& b)
    {
        if (std::is_constant_evaluated())
            subtract_modulo(out, a, b, modulus);
        else
            subtract_modulo(out, a, b);
    }
    static constexpr void multiply(Words& out, const Words& a, const Words& b)
    {
        if (std::is_constant_evaluated())
            multiply_modulo(out, a, b, Parameters::modulus);
        else
            multiply_modulo(out, a, b);
    }

    static constexpr Words r_once = power_of_2(64 * limbs);
    static constexpr Words r_squared = power_of_2(128 * limbs);
    /// What scaled_inverse() lacks, 2^(192 n) for Montgomery's factors among it.
    static constexpr Words make_inverse_scale()
    {
        Words cubed{};
        Words scale = power_of_2((64 - gcd_steps) * gcd_rounds<limbs>);
        multiply(cubed, r_squared, r_squared);
        multiply(scale, scale, r_squared);
        multiply(scale, scale, cubed);
        return scale;
    }
    static constexpr Words inverse_scale = make_inverse_scale();

    Words words_{};
};

/// Inverts all of a list for the price of one inversion and three products each (Montgomery's
/// trick). Zeros stay zeros.
template <class Field>
void invert_all(std::span<Field> elements)
{
    std::vector<Field> before(elements.size());
    Field product = Field::one();
    for (std::size_t i = 0; i < elements.size(); ++i) {
        before[i] = product;
        if (!elements[i].is_zero()) product *= elements[i];
    }
    Field inverse = product.inverse();
    for (std::size_t i = elements.size(); i-- > 0;) {
        if (elements[i].is_zero()) continue;
        const Field next = inverse * elements[i];
        elements[i] = inverse * before[i];
        inverse = next;
    }
}

} // namespace cairn::detail
