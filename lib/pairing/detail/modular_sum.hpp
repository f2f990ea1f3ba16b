#pragma once

#include "pairing/detail/field_kernel.hpp"

// Sums and differences in the field of BLS12-381, by chains of carries that compilers do not find.
// Other machines than x86-64 take the portable form.

namespace cairn::detail {

#if defined(__x86_64__)

// NOLINTBEGIN(hicpp-no-assembler)

/// out = t - p where that is not negative, else t. For t < 2 p. Words are stored one by one: what
/// is loaded again as words must not have been stored as vectors.
[[gnu::always_inline]] inline void put_reduced(Limbs<6>& out, const std::uint64_t (&t)[6]) noexcept
{
    std::uint64_t s[6] = {t[0], t[1], t[2], t[3], t[4], t[5]};
    const std::uint64_t* const p = fp_modulus.words.data();
    asm("subq %[p0], %[s0]\n\t sbbq %[p1], %[s1]\n\t sbbq %[p2], %[s2]\n\t"
        "sbbq %[p3], %[s3]\n\t sbbq %[p4], %[s4]\n\t sbbq %[p5], %[s5]\n\t"
        "cmovcq %[t0], %[s0]\n\t cmovcq %[t1], %[s1]\n\t cmovcq %[t2], %[s2]\n\t"
        "cmovcq %[t3], %[s3]\n\t cmovcq %[t4], %[s4]\n\t cmovcq %[t5], %[s5]\n\t"
        "movq %[s0], %[o0]\n\t movq %[s1], %[o1]\n\t movq %[s2], %[o2]\n\t"
        "movq %[s3], %[o3]\n\t movq %[s4], %[o4]\n\t movq %[s5], %[o5]"
        : [s0] "+&r"(s[0]), [s1] "+&r"(s[1]), [s2] "+&r"(s[2]), [s3] "+&r"(s[3]), [s4] "+&r"(s[4]),
          [s5] "+&r"(s[5]), [o0] "=m"(out[0]), [o1] "=m"(out[1]), [o2] "=m"(out[2]),
          [o3] "=m"(out[3]), [o4] "=m"(out[4]), [o5] "=m"(out[5])
        : [t0] "r"(t[0]), [t1] "r"(t[1]), [t2] "r"(t[2]), [t3] "r"(t[3]), [t4] "r"(t[4]),
          [t5] "r"(t[5]), [p0] "m"(p[0]), [p1] "m"(p[1]), [p2] "m"(p[2]), [p3] "m"(p[3]),
          [p4] "m"(p[4]), [p5] "m"(p[5])
        : "cc");
}

/// t = t + b modulo 2^384.
[[gnu::always_inline]] inline void add_words(std::uint64_t (&t)[6], const Limbs<6>& b) noexcept
{
    asm("addq %[b0], %[t0]\n\t adcq %[b1], %[t1]\n\t adcq %[b2], %[t2]\n\t"
        "adcq %[b3], %[t3]\n\t adcq %[b4], %[t4]\n\t adcq %[b5], %[t5]"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5])
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [b4] "m"(b[4]),
          [b5] "m"(b[5])
        : "cc");
}

/// out = t + s modulo 2^384.
[[gnu::always_inline]] inline void put_sum(Limbs<6>& out, std::uint64_t (&t)[6],
                                           const std::uint64_t (&s)[6]) noexcept
{
    asm("addq %[s0], %[t0]\n\t adcq %[s1], %[t1]\n\t adcq %[s2], %[t2]\n\t"
        "adcq %[s3], %[t3]\n\t adcq %[s4], %[t4]\n\t adcq %[s5], %[t5]\n\t"
        "movq %[t0], %[o0]\n\t movq %[t1], %[o1]\n\t movq %[t2], %[o2]\n\t"
        "movq %[t3], %[o3]\n\t movq %[t4], %[o4]\n\t movq %[t5], %[o5]"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5]), [o0] "=m"(out[0]), [o1] "=m"(out[1]), [o2] "=m"(out[2]),
          [o3] "=m"(out[3]), [o4] "=m"(out[4]), [o5] "=m"(out[5])
        : [s0] "r"(s[0]), [s1] "r"(s[1]), [s2] "r"(s[2]), [s3] "r"(s[3]), [s4] "r"(s[4]),
          [s5] "r"(s[5])
        : "cc");
}

/// t = t - b modulo 2^384; all ones where that was negative, else 0.
[[gnu::always_inline]] inline std::uint64_t subtract_words(std::uint64_t (&t)[6],
                                                           const Limbs<6>& b) noexcept
{
    std::uint64_t mask; // NOLINT(cppcoreguidelines-init-variables)
    asm("subq %[b0], %[t0]\n\t sbbq %[b1], %[t1]\n\t sbbq %[b2], %[t2]\n\t"
        "sbbq %[b3], %[t3]\n\t sbbq %[b4], %[t4]\n\t sbbq %[b5], %[t5]\n\t"
        "sbbq %[mask], %[mask]"
        : [t0] "+&r"(t[0]), [t1] "+&r"(t[1]), [t2] "+&r"(t[2]), [t3] "+&r"(t[3]), [t4] "+&r"(t[4]),
          [t5] "+&r"(t[5]), [mask] "=&r"(mask)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [b4] "m"(b[4]),
          [b5] "m"(b[5])
        : "cc");
    return mask;
}

// NOLINTEND(hicpp-no-assembler)

/// a + b modulo p, for a and b below p.
[[gnu::always_inline]] inline void add_modulo(Limbs<6>& out, const Limbs<6>& a,
                                              const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    add_words(t, b);
    put_reduced(out, t);
}

/// a + b without reduction: of numbers below 9 p it fits.
[[gnu::always_inline]] inline void add_plain(Limbs<6>& out, const Limbs<6>& a,
                                             const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    const std::uint64_t s[6] = {b[0], b[1], b[2], b[3], b[4], b[5]};
    put_sum(out, t, s);
}

/// a - b modulo p, for a and b below p.
[[gnu::always_inline]] inline void subtract_modulo(Limbs<6>& out, const Limbs<6>& a,
                                                   const Limbs<6>& b) noexcept
{
    std::uint64_t t[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    const std::uint64_t mask = subtract_words(t, b);
    const Limbs<6>& p = fp_modulus.words;
    const std::uint64_t s[6] = {p[0] & mask, p[1] & mask, p[2] & mask,
                                p[3] & mask, p[4] & mask, p[5] & mask};
    put_sum(out, t, s);
}

#else

inline void add_modulo(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
    add_modulo(out, a, b, fp_modulus.words);
}

inline void add_plain(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 6; ++i) out[i] = add_carry(a[i], b[i], carry);
}

inline void subtract_modulo(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
    subtract_modulo(out, a, b, fp_modulus.words);
}

#endif

inline void add_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
    add_modulo(out, a, b, fr_modulus.words);
}

inline void subtract_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
    subtract_modulo(out, a, b, fr_modulus.words);
}

} // namespace cairn::detail
