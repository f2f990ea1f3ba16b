#include "pairing/detail/fp_lanes.hpp"

#if defined(__x86_64__)

#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized" // gcc 12's header begins with what is undefined
#endif
#include <immintrin.h>

// Not popped before the end: what is included above is compiled for any machine.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512ifma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512ifma")
#endif

// Numbers are eight words of 52 bits, times 2^416 modulo p and below 2 p: because that leaves 35
// bits, products need no last subtraction. Nothing here instantiates what other files could share.

namespace cairn::detail {
namespace {

constexpr int words = 8;
constexpr std::uint64_t word_mask = (std::uint64_t{1} << 52U) - 1;

/// The same word of eight numbers, word after word.
struct Lanes {
    __m512i word[words];
};

/// Numbers of 52-bit words that are the same in all lanes.
struct Constants {
    std::uint64_t p[words];
    std::uint64_t to_lanes[words];   // 2^448 modulo p: from times 2^384 to times 2^416
    std::uint64_t from_lanes[words]; // 2^384 modulo p
    std::uint64_t factor;            // -1 / p modulo 2^52
    std::uint64_t exponent[6];       // (p - 3) / 4
};

/// Word i of 52 bits.
constexpr std::uint64_t word_of(const std::uint64_t* number, int i)
{
    const int bit = 52 * i;
    std::uint64_t word = number[bit / 64] >> (bit % 64);
    if (bit % 64 > 12 && bit / 64 < 5) word |= number[bit / 64 + 1] << (64 - bit % 64);
    return word & word_mask;
}

constexpr void split(std::uint64_t (&out)[words], const Limbs<6>& number)
{
    for (int i = 0; i < words; ++i) out[i] = word_of(number.data(), i);
}

constexpr Constants make_constants()
{
    constexpr Modulus<6> p = FpParameters::modulus;
    Constants constants{};
    split(constants.p, p.words);
    constants.factor = p.factor & word_mask;
    for (unsigned i = 0; i < 6; ++i) constants.exponent[i] = p_minus_3_over_4[i];
    Limbs<6> power{1};
    for (int i = 0; i < 384; ++i) add_modulo(power, power, power, p.words);
    split(constants.from_lanes, power);
    for (int i = 384; i < 448; ++i) add_modulo(power, power, power, p.words);
    split(constants.to_lanes, power);
    return constants;
}

constexpr Constants constants = make_constants();

__m512i everywhere(std::uint64_t word)
{
    return _mm512_set1_epi64(static_cast<long long>(word));
}

Lanes spread(const std::uint64_t (&number)[words])
{
    Lanes lanes;
    for (int i = 0; i < words; ++i) lanes.word[i] = everywhere(number[i]);
    return lanes;
}

/// What is above 52 bits. (GCC 12 takes the intrinsic for a use of what is not initialised.)
__m512i carry_of(__m512i word)
{
    return reinterpret_cast<__m512i>(reinterpret_cast<__v8du>(word) >> 52U);
}

/// a b / 2^416 modulo p.
Lanes multiply(const Lanes& a, const Lanes& b)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i t[words + 1];
    for (__m512i& word : t) word = zero;
#pragma GCC unroll 8
    for (int i = 0; i < words; ++i) {
        const __m512i by = b.word[i];
#pragma GCC unroll 8
        for (int k = 0; k < words; ++k) {
            t[k] = _mm512_madd52lo_epu64(t[k], a.word[k], by);
            t[k + 1] = _mm512_madd52hi_epu64(t[k + 1], a.word[k], by);
        }
        // The multiple of p that makes the lowest word 0, and what that carries.
        const __m512i m = _mm512_madd52lo_epu64(zero, t[0], everywhere(constants.factor));
        t[0] = _mm512_madd52lo_epu64(t[0], m, everywhere(constants.p[0]));
        t[1] = _mm512_madd52hi_epu64(t[1], m, everywhere(constants.p[0]));
        t[1] = _mm512_add_epi64(t[1], carry_of(t[0]));
#pragma GCC unroll 8
        for (int k = 1; k < words; ++k) {
            t[k - 1] = _mm512_madd52lo_epu64(t[k], m, everywhere(constants.p[k]));
            t[k + 1] = _mm512_madd52hi_epu64(t[k + 1], m, everywhere(constants.p[k]));
        }
        t[words - 1] = t[words];
        t[words] = zero;
    }
    const __m512i mask = everywhere(word_mask);
    Lanes product;
#pragma GCC unroll 8
    for (int k = 0; k < words; ++k) {
        product.word[k] = _mm512_and_si512(t[k], mask);
        if (k + 1 < words) t[k + 1] = _mm512_add_epi64(t[k + 1], carry_of(t[k]));
    }
    return product;
}

Lanes load(const std::uint64_t (*elements)[6])
{
    Lanes lanes;
    for (int i = 0; i < words; ++i) {
        alignas(64) std::uint64_t each[words];
        for (int k = 0; k < words; ++k) each[k] = word_of(elements[k], i);
        lanes.word[i] = _mm512_load_si512(each);
    }
    return lanes;
}

/// Below 2 p, as 64-bit words.
void store(std::uint64_t (*elements)[6], const Lanes& lanes)
{
    alignas(64) std::uint64_t each[words][words];
    for (int i = 0; i < words; ++i) _mm512_store_si512(each[i], lanes.word[i]);
    for (int k = 0; k < words; ++k) {
        for (int i = 0; i < 6; ++i) elements[k][i] = 0;
        for (int i = 0; i < words; ++i) {
            const int bit = 52 * i;
            elements[k][bit / 64] |= each[i][k] << (bit % 64);
            if (bit % 64 > 12 && bit / 64 < 5)
                elements[k][bit / 64 + 1] |= each[i][k] >> (64 - bit % 64);
        }
    }
}

} // namespace

void raise_lanes(std::uint64_t (*elements)[6]) noexcept
{
    constexpr int window = 5;
    const Lanes one_by_one = multiply(load(elements), spread(constants.to_lanes));
    Lanes odd_powers[1 << (window - 1)];
    odd_powers[0] = one_by_one;
    const Lanes square = multiply(one_by_one, one_by_one);
    for (int i = 1; i < 1 << (window - 1); ++i) odd_powers[i] = multiply(odd_powers[i - 1], square);
    const auto bit = [](int i) { return constants.exponent[i / 64] >> (i % 64) & 1U; };
    Lanes result;
    bool is_begun = false;
    for (int end = 384; end > 0;) {
        if (bit(end - 1) == 0) {
            if (is_begun) result = multiply(result, result);
            --end;
            continue;
        }
        int begin = end > window ? end - window : 0;
        while (bit(begin) == 0) ++begin;
        unsigned digit = 0;
        for (; end > begin; --end) {
            digit = 2 * digit + static_cast<unsigned>(bit(end - 1));
            if (is_begun) result = multiply(result, result);
        }
        result = is_begun ? multiply(result, odd_powers[digit / 2]) : odd_powers[digit / 2];
        is_begun = true;
    }
    store(elements, multiply(result, spread(constants.from_lanes)));
}

} // namespace cairn::detail

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
