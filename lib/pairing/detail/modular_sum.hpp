#pragma once

#include "pairing/detail/field_kernel.hpp"

// Sums and differences in the field of BLS12-381, by chains of carries that compilers do not find.
// Where CAIRN_CHAINS is not defined the portable form is taken. Words that are being summed are in
// `t`; they are put to memory one by one: what is loaded again as words must not be stored as
// vectors.

namespace cairn::detail {

#if defined(CAIRN_CHAINS)

// NOLINTBEGIN(hicpp-no-assembler)

// Not std::array: accesses to one can take registers, of which none are left.
[[gnu::visibility("hidden")]] inline constexpr std::uint64_t fp_words[6] = {
    fp_modulus.words[0], fp_modulus.words[1], fp_modulus.words[2],
    fp_modulus.words[3], fp_modulus.words[4], fp_modulus.words[5]};
[[gnu::visibility("hidden")]] inline constexpr std::uint64_t fr_words[4] = {
    fr_modulus.words[0], fr_modulus.words[1], fr_modulus.words[2], fr_modulus.words[3]};

[[gnu::always_inline]] inline void put_word(std::uint64_t& out, std::uint64_t t) noexcept
{
    asm("movq %[t], %[out]" : [out] "=m"(out) : [t] "r"(t));
}

/// out = t - p where that is not negative, else t. For t < 2 p.
[[gnu::always_inline]] inline void put_reduced(Limbs<6>& out, const std::uint64_t (&t)[6]) noexcept
{
    std::uint64_t s[6] = {t[0], t[1], t[2], t[3], t[4], t[5]};
    asm("subq %[p0], %[s0]\n\t sbbq %[p1], %[s1]\n\t sbbq %[p2], %[s2]\n\t"
        "sbbq %[p3], %[s3]\n\t sbbq %[p4], %[s4]\n\t sbbq %[p5], %[s5]\n\t"
        "cmovcq %[t0], %[s0]\n\t cmovcq %[t1], %[s1]\n\t cmovcq %[t2], %[s2]\n\t"
        "cmovcq %[t3], %[s3]\n\t cmovcq %[t4], %[s4]\n\t cmovcq %[t5], %[s5]\n\t"
        "movq %[s0], 0(%[o])\n\t movq %[s1], 8(%[o])\n\t movq %[s2], 16(%[o])\n\t"
        "movq %[s3], 24(%[o])\n\t movq %[s4], 32(%[o])\n\t movq %[s5], 40(%[o])"
        : [s0] "+&r"(s[0]), [s1] "+&r"(s[1]), [s2] "+&r"(s[2]), [s3] "+&r"(s[3]), [s4] "+&r"(s[4]),
          [s5] "+&r"(s[5]), "=m"(out)
        : [o] "r"(&out), [t0] "r"(t[0]), [t1] "r"(t[1]), [t2] "r"(t[2]), [t3] "r"(t[3]),
          [t4] "r"(t[4]), [t5] "r"(t[5]), [p0] "m"(fp_words[0]), [p1] "m"(fp_words[1]),
          [p2] "m"(fp_words[2]), [p3] "m"(fp_words[3]), [p4] "m"(fp_words[4]), [p5] "m"(fp_words[5])
        : "cc");
}

/// The same modulo r.
[[gnu::always_inline]] inline void put_reduced(Limbs<4>& out, const std::uint64_t (&t)[4]) noexcept
{
    std::uint64_t s[4] = {t[0], t[1], t[2], t[3]};
    asm("subq %[r0], %[s0]\n\t sbbq %[r1], %[s1]\n\t sbbq %[r2], %[s2]\n\t sbbq %[r3], %[s3]\n\t"
        "cmovcq %[t0], %[s0]\n\t cmovcq %[t1], %[s1]\n\t cmovcq %[t2], %[s2]\n\t"
        "cmovcq %[t3], %[s3]\n\t movq %[s0], 0(%[o])\n\t movq %[s1], 8(%[o])\n\t"
        "movq %[s2], 16(%[o])\n\t movq %[s3], 24(%[o])"
        : [s0] "+&r"(s[0]), [s1] "+&r"(s[1]), [s2] "+&r"(s[2]), [s3] "+&r"(s[3]), "=m"(out)
        : [o] "r"(&out), [t0] "r"(t[0]), [t1] "r"(t[1]), [t2] "r"(t[2]), [t3] "r"(t[3]),
          [r0] "m"(fr_words[0]), [r1] "m"(fr_words[1]), [r2] "m"(fr_words[2]), [r3] "m"(fr_words[3])
        : "cc");
}

/// t = t + b modulo 2^384.
[[gnu::always_inline]] inline void add_words(std::uint64_t (&t)[6], const Limbs<6>& b) noexcept
{
    asm("addq 0(%[b]), %[t0]\n\t adcq 8(%[b]), %[t1]\n\t adcq 16(%[b]), %[t2]\n\t"
        "adcq 24(%[b]), %[t3]\n\t adcq 32(%[b]), %[t4]\n\t adcq 40(%[b]), %[t5]"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5])
        : [b] "r"(&b), "m"(b)
        : "cc");
}

/// out = t + s modulo 2^384.
[[gnu::always_inline]] inline void put_sum(Limbs<6>& out, std::uint64_t (&t)[6],
                                           const std::uint64_t (&s)[6]) noexcept
{
    asm("addq %[s0], %[t0]\n\t adcq %[s1], %[t1]\n\t adcq %[s2], %[t2]\n\t"
        "adcq %[s3], %[t3]\n\t adcq %[s4], %[t4]\n\t adcq %[s5], %[t5]\n\t"
        "movq %[t0], 0(%[o])\n\t movq %[t1], 8(%[o])\n\t movq %[t2], 16(%[o])\n\t"
        "movq %[t3], 24(%[o])\n\t movq %[t4], 32(%[o])\n\t movq %[t5], 40(%[o])"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5]), "=m"(out)
        : [o] "r"(&out), [s0] "r"(s[0]), [s1] "r"(s[1]), [s2] "r"(s[2]), [s3] "r"(s[3]),
          [s4] "r"(s[4]), [s5] "r"(s[5])
        : "cc");
}

/// t = t - b modulo 2^384; all ones where that was negative, else 0.
[[gnu::always_inline]] inline std::uint64_t subtract_words(std::uint64_t (&t)[6],
                                                           const Limbs<6>& b) noexcept
{
    std::uint64_t mask; // NOLINT(cppcoreguidelines-init-variables)
    asm("subq 0(%[b]), %[t0]\n\t sbbq 8(%[b]), %[t1]\n\t sbbq 16(%[b]), %[t2]\n\t"
        "sbbq 24(%[b]), %[t3]\n\t sbbq 32(%[b]), %[t4]\n\t sbbq 40(%[b]), %[t5]\n\t"
        "sbbq %[mask], %[mask]"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5]), [mask] "=&r"(mask)
        : [b] "r"(&b), "m"(b)
        : "cc");
    return mask;
}

// NOLINTEND(hicpp-no-assembler)

#else

inline void put_word(std::uint64_t& out, std::uint64_t t) noexcept
{
    out = t;
}

inline void put_reduced(Limbs<6>& out, const std::uint64_t (&t)[6]) noexcept
{
    out = reduce_once({t[0], t[1], t[2], t[3], t[4], t[5]}, fp_modulus.words);
}

inline void put_reduced(Limbs<4>& out, const std::uint64_t (&t)[4]) noexcept
{
    out = reduce_once({t[0], t[1], t[2], t[3]}, fr_modulus.words);
}

inline void add_words(std::uint64_t (&t)[6], const Limbs<6>& b) noexcept
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 6; ++i) t[i] = add_carry(t[i], b[i], carry);
}

inline void put_sum(Limbs<6>& out, std::uint64_t (&t)[6], const std::uint64_t (&s)[6]) noexcept
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 6; ++i) out[i] = add_carry(t[i], s[i], carry);
}

inline std::uint64_t subtract_words(std::uint64_t (&t)[6], const Limbs<6>& b) noexcept
{
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 6; ++i) t[i] = subtract_borrow(t[i], b[i], borrow);
    return mask_of(borrow);
}

#endif

/// out = t + p where the mask is all ones, else t; modulo 2^384.
[[gnu::always_inline]] inline void put_raised(Limbs<6>& out, std::uint64_t (&t)[6],
                                              std::uint64_t mask) noexcept
{
    const Limbs<6>& p = fp_modulus.words;
    put_sum(out, t, {p[0] & mask, p[1] & mask, p[2] & mask, p[3] & mask, p[4] & mask, p[5] & mask});
}

/// a + b modulo p, for a and b below p.
[[gnu::always_inline]] inline void add_modulo(Limbs<6>& out, const Limbs<6>& a,
                                              const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    add_words(t, b);
    put_reduced(out, t);
}

/// a + b modulo 2^384: of numbers of together at most 9 p it is the sum.
[[gnu::always_inline]] inline void add_plain(Limbs<6>& out, const Limbs<6>& a,
                                             const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    put_sum(out, t, {b[0], b[1], b[2], b[3], b[4], b[5]});
}

/// a - b modulo p, for a and b below p.
[[gnu::always_inline]] inline void subtract_modulo(Limbs<6>& out, const Limbs<6>& a,
                                                   const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    const std::uint64_t mask = subtract_words(t, b);
    put_raised(out, t, mask);
}

inline void add_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
    add_modulo(out, a, b, fr_modulus.words);
}

inline void subtract_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
    subtract_modulo(out, a, b, fr_modulus.words);
}

} // namespace cairn::detail
