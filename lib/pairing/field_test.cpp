#include "pairing/detail/fp_lanes.hpp"
#include "pairing/short_products.hpp"
#include "pairing/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;
using namespace cairn::detail;

namespace {

template <std::size_t Words>
Limbs<Words> drawn_words(std::uint64_t seed)
{
    Limbs<Words> words{};
    const Bytes bytes = noise(8 * Words, seed);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        words[i / 8] |= std::to_integer<std::uint64_t>(bytes[i]) << (i % 8 * 8);
    return words;
}

template <std::size_t Words>
Limbs<Words> minus(Limbs<Words> a, std::uint64_t b)
{
    for (std::uint64_t& word : a) word = subtract_borrow(word, 0, b);
    return a;
}

/// Numbers below the modulus: its edges, those with long carries, and any.
template <std::size_t Words>
std::vector<Limbs<Words>> elements(const Modulus<Words>& modulus)
{
    std::vector<Limbs<Words>> list{{}, {1}, {2}, {UINT64_MAX}, minus(modulus.words, 1)};
    list.push_back(minus(modulus.words, 2));
    list.push_back(divided(modulus.words, 2));
    Limbs<Words> full;
    full.fill(UINT64_MAX);
    full.back() = modulus.words.back() - 1;
    list.push_back(full);
    full = {};
    full.back() = modulus.words.back();
    list.push_back(full);
    for (std::uint64_t i = 0; i < 60; ++i) {
        Limbs<Words> words = drawn_words<Words>(i);
        words.back() %= modulus.words.back();
        list.push_back(words);
    }
    return list;
}

/// Any numbers, up to 2^(64 n).
template <std::size_t Words>
std::vector<Limbs<Words>> factors(const Modulus<Words>& modulus)
{
    auto list = elements(modulus);
    Limbs<Words> full;
    full.fill(UINT64_MAX);
    list.push_back(full);
    list.push_back(modulus.words);
    for (std::uint64_t i = 100; i < 120; ++i) list.push_back(drawn_words<Words>(i));
    return list;
}

template <std::size_t Words>
void check_products(const Modulus<Words>& modulus)
{
    for (const auto& a : elements(modulus))
        for (const auto& b : factors(modulus)) {
            Limbs<Words> expected;
            multiply_modulo(expected, a, b, modulus);
            Limbs<Words> found;
            multiply_modulo(found, a, b);
            CHECK(found == expected);
            found = a; // in place
            multiply_modulo(found, found, b);
            CHECK(found == expected);
            found = b;
            multiply_modulo(found, a, found);
            CHECK(found == expected);
        }
}

} // namespace

TEST_CASE("all kernels multiply alike")
{
    on_each_kernel([] {
        check_products(fp_modulus);
        check_products(fr_modulus);
        for (const auto& a : factors(fp_modulus))
            for (const auto& b : factors(fp_modulus)) {
                WideLimbs<6> expected;
                multiply_wide<6>(expected, a, b);
                WideLimbs<6> found;
                multiply_wide(found, a, b);
                CHECK(found == expected);
            }
        WideLimbs<4> expected{};
        WideLimbs<4> found{};
        for (const auto& a : factors(fr_modulus))
            for (const auto& b : factors(fr_modulus)) {
                accumulate<4>(expected, a, b);
                accumulate(found, a, b);
                CHECK(found == expected);
            }
    });
}

TEST_CASE("all kernels reduce alike what is below the modulus times 2^(64 n)")
{
    on_each_kernel([] {
        for (const auto& low : factors(fp_modulus))
            for (const auto& high : elements(fp_modulus)) {
                const WideLimbs<6> wide{low, high};
                Limbs<6> expected;
                reduce_wide(expected, wide, fp_modulus);
                Limbs<6> found;
                reduce_wide(found, wide);
                CHECK(found == expected);
                // high + low / 2^384
                Limbs<6> product;
                multiply_modulo(product, {1}, low, fp_modulus);
                add_modulo(product, product, high, fp_modulus.words);
                CHECK(found == product);
            }
    });
}

TEST_CASE("sums and differences are those of the portable form")
{
    for (const auto& a : elements(fp_modulus))
        for (const auto& b : elements(fp_modulus)) {
            Limbs<6> expected;
            Limbs<6> found;
            add_modulo(expected, a, b, fp_modulus.words);
            add_modulo(found, a, b);
            CHECK(found == expected);
            found = a;
            add_modulo(found, found, b);
            CHECK(found == expected);
            subtract_modulo(expected, a, b, fp_modulus.words);
            subtract_modulo(found, a, b);
            CHECK(found == expected);
            found = b;
            subtract_modulo(found, a, found);
            CHECK(found == expected);
        }
}

TEST_CASE("fields have one, inverses, and powers")
{
    on_each_kernel([] {
        CHECK(Fp::one() == Fp::from_number(1));
        CHECK(Fr::one() == Fr::from_number(1));
        CHECK(Fp{}.inverse().is_zero());
        for (const auto& words : elements(fp_modulus)) {
            const Fp a = Fp::from_words(words);
            CHECK(a.to_words() == words);
            if (!a.is_zero()) CHECK(a * a.inverse() == Fp::one());
            CHECK(a.squared() == a * a);
            CHECK((a + a.doubled()) * a == a.squared() * Fp::from_number(3));
        }
        constexpr Fp ten = Fp::from_number(5).doubled(); // while compiling
        CHECK(ten == Fp::from_number(10));
    });
}

TEST_CASE("many elements are raised to a power as one is")
{
    on_each_kernel([] {
        std::vector<Fp> list;
        for (const auto& words : elements(fp_modulus)) {
            Fp element;
            element.kept() = words;
            list.push_back(element);
        }
        for (const std::size_t count : {0UL, 1UL, 3UL, 4UL, 7UL, 8UL, 9UL, 13UL, list.size()}) {
            std::vector<Fp> some{list.end() - static_cast<std::ptrdiff_t>(count), list.end()};
            raise_to_p_minus_3_over_4(some);
            for (std::size_t i = 0; i < count; ++i)
                CHECK(some[i] == list[list.size() - count + i].power(p_minus_3_over_4));
        }
    });
}

TEST_CASE("quotients by a constant and their rests make the number again")
{
    for (const auto& number : elements(fr_modulus)) {
        Limbs<4> rest = number;
        const Limbs<2> quotient = by_z_squared.divide(rest);
        const Limbs<2> low{rest[0], rest[1]};
        CHECK(rest[2] == 0);
        CHECK(rest[3] == 0);
        const Wide z_squared = Wide{curve_z} * curve_z;
        CHECK((Wide{low[1]} << 64U | low[0]) < z_squared);
        WideLimbs<2> product;
        multiply_wide<2>(
            product, quotient,
            {static_cast<std::uint64_t>(z_squared), static_cast<std::uint64_t>(z_squared >> 64U)});
        std::uint64_t carry = 0;
        Limbs<4> sum{};
        sum[0] = add_carry(product.low[0], low[0], carry);
        sum[1] = add_carry(product.low[1], low[1], carry);
        sum[2] = add_carry(product.high[0], 0, carry);
        sum[3] = add_carry(product.high[1], 0, carry);
        CHECK(sum == number);
    }
}

TEST_CASE("products with short numbers sum up as scalars do")
{
    on_each_kernel([] {
        ProductSum sum;
        Scalar expected;
        CHECK(sum.total() == expected);
        for (std::uint64_t i = 0; i < 600; ++i) {
            // The largest factor and number, over and over: sums go as high as they can.
            const Scalar factor = i < 500 ? -Scalar{1} : drawn_scalar(i);
            const Bytes number = i < 500 ? Bytes(31, std::byte{0xff}) : noise(i % 32, i);
            Bytes reversed{number.rbegin(), number.rend()};
            sum.add(ShortFactor{factor}, number);
            expected += factor * Scalar::reduce(reversed);
            if (i % 50 == 0 || i > 498) CHECK(sum.total() == expected);
        }
    });
}
