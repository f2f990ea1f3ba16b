#pragma once

#include "pairing/detail/fp.hpp"

// Products that are not reduced yet: Karatsuba's sums are made of them, and what is reduced are the
// results (Aranha and others, 2011). Sums here are modulo 2^384 p, which is 9.8 p^2, by the upper
// half alone.

namespace cairn::detail {

using FpWide = WideLimbs<6>;

#if defined(CAIRN_CHAINS)

// NOLINTBEGIN(hicpp-no-assembler)

/// out.low = a + b, and what is above in t.
[[gnu::always_inline]] inline void add_halves(std::uint64_t (&t)[6], FpWide& out, const FpWide& a,
                                              const FpWide& b) noexcept
{
    asm("movq 0(%[a]), %[t0]\n\t addq 0(%[b]), %[t0]\n\t movq %[t0], 0(%[out])\n\t"
        "movq 8(%[a]), %[t0]\n\t adcq 8(%[b]), %[t0]\n\t movq %[t0], 8(%[out])\n\t"
        "movq 16(%[a]), %[t0]\n\t adcq 16(%[b]), %[t0]\n\t movq %[t0], 16(%[out])\n\t"
        "movq 24(%[a]), %[t0]\n\t adcq 24(%[b]), %[t0]\n\t movq %[t0], 24(%[out])\n\t"
        "movq 32(%[a]), %[t0]\n\t adcq 32(%[b]), %[t0]\n\t movq %[t0], 32(%[out])\n\t"
        "movq 40(%[a]), %[t0]\n\t adcq 40(%[b]), %[t0]\n\t movq %[t0], 40(%[out])\n\t"
        "movq 48(%[a]), %[t0]\n\t adcq 48(%[b]), %[t0]\n\t"
        "movq 56(%[a]), %[t1]\n\t adcq 56(%[b]), %[t1]\n\t"
        "movq 64(%[a]), %[t2]\n\t adcq 64(%[b]), %[t2]\n\t"
        "movq 72(%[a]), %[t3]\n\t adcq 72(%[b]), %[t3]\n\t"
        "movq 80(%[a]), %[t4]\n\t adcq 80(%[b]), %[t4]\n\t"
        "movq 88(%[a]), %[t5]\n\t adcq 88(%[b]), %[t5]"
        : [t0] "=&r"(t[0]), [t1] "=&r"(t[1]), [t2] "=&r"(t[2]), [t3] "=&r"(t[3]), [t4] "=&r"(t[4]),
          [t5] "=&r"(t[5]), "+m"(out)
        : [out] "r"(&out), [a] "r"(&a), [b] "r"(&b), "m"(a), "m"(b)
        : "cc");
}

/// out.low = a - b, and what is above in t; all ones where that was negative, else 0.
[[gnu::always_inline]] inline std::uint64_t
subtract_halves(std::uint64_t (&t)[6], FpWide& out, const FpWide& a, const FpWide& b) noexcept
{
    std::uint64_t mask; // NOLINT(cppcoreguidelines-init-variables)
    asm("movq 0(%[a]), %[t0]\n\t subq 0(%[b]), %[t0]\n\t movq %[t0], 0(%[out])\n\t"
        "movq 8(%[a]), %[t0]\n\t sbbq 8(%[b]), %[t0]\n\t movq %[t0], 8(%[out])\n\t"
        "movq 16(%[a]), %[t0]\n\t sbbq 16(%[b]), %[t0]\n\t movq %[t0], 16(%[out])\n\t"
        "movq 24(%[a]), %[t0]\n\t sbbq 24(%[b]), %[t0]\n\t movq %[t0], 24(%[out])\n\t"
        "movq 32(%[a]), %[t0]\n\t sbbq 32(%[b]), %[t0]\n\t movq %[t0], 32(%[out])\n\t"
        "movq 40(%[a]), %[t0]\n\t sbbq 40(%[b]), %[t0]\n\t movq %[t0], 40(%[out])\n\t"
        "movq 48(%[a]), %[t0]\n\t sbbq 48(%[b]), %[t0]\n\t"
        "movq 56(%[a]), %[t1]\n\t sbbq 56(%[b]), %[t1]\n\t"
        "movq 64(%[a]), %[t2]\n\t sbbq 64(%[b]), %[t2]\n\t"
        "movq 72(%[a]), %[t3]\n\t sbbq 72(%[b]), %[t3]\n\t"
        "movq 80(%[a]), %[t4]\n\t sbbq 80(%[b]), %[t4]\n\t"
        "movq 88(%[a]), %[t5]\n\t sbbq 88(%[b]), %[t5]\n\t"
        "sbbq %[mask], %[mask]"
        : [t0] "=&r"(t[0]), [t1] "=&r"(t[1]), [t2] "=&r"(t[2]), [t3] "=&r"(t[3]), [t4] "=&r"(t[4]),
          [t5] "=&r"(t[5]), [mask] "=&r"(mask), "+m"(out)
        : [out] "r"(&out), [a] "r"(&a), [b] "r"(&b), "m"(a), "m"(b)
        : "cc");
    return mask;
}

// NOLINTEND(hicpp-no-assembler)

#else

inline void add_halves(std::uint64_t (&t)[6], FpWide& out, const FpWide& a,
                       const FpWide& b) noexcept
{
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < 6; ++i) out.low[i] = add_carry(a.low[i], b.low[i], carry);
    for (std::size_t i = 0; i < 6; ++i) t[i] = add_carry(a.high[i], b.high[i], carry);
}

inline std::uint64_t subtract_halves(std::uint64_t (&t)[6], FpWide& out, const FpWide& a,
                                     const FpWide& b) noexcept
{
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < 6; ++i) out.low[i] = subtract_borrow(a.low[i], b.low[i], borrow);
    for (std::size_t i = 0; i < 6; ++i) t[i] = subtract_borrow(a.high[i], b.high[i], borrow);
    return mask_of(borrow);
}

#endif

inline void add(FpWide& out, const FpWide& a, const FpWide& b) noexcept
{
    std::uint64_t t[6];
    add_halves(t, out, a, b);
    put_reduced(out.high, t);
}

inline void subtract(FpWide& out, const FpWide& a, const FpWide& b) noexcept
{
    std::uint64_t t[6];
    const std::uint64_t mask = subtract_halves(t, out, a, b);
    put_raised(out.high, t, mask);
}

/// a - b of numbers where that is not negative.
inline void subtract_plain(FpWide& out, const FpWide& a, const FpWide& b) noexcept
{
    std::uint64_t t[6];
    subtract_halves(t, out, a, b);
    for (std::size_t i = 0; i < 6; ++i) put_word(out.high[i], t[i]);
}

/// Elements of Fp2 that are not reduced yet.
struct Fp2Wide {
    FpWide real;
    FpWide imaginary;

    friend Fp2Wide operator+(const Fp2Wide& a, const Fp2Wide& b)
    {
        Fp2Wide sum;
        add(sum.real, a.real, b.real);
        add(sum.imaginary, a.imaginary, b.imaginary);
        return sum;
    }
    friend Fp2Wide operator-(const Fp2Wide& a, const Fp2Wide& b)
    {
        Fp2Wide difference;
        subtract(difference.real, a.real, b.real);
        subtract(difference.imaginary, a.imaginary, b.imaginary);
        return difference;
    }
    Fp2Wide& operator+=(const Fp2Wide& b)
    {
        add(real, real, b.real);
        add(imaginary, imaginary, b.imaginary);
        return *this;
    }
    Fp2Wide& operator-=(const Fp2Wide& b)
    {
        subtract(real, real, b.real);
        subtract(imaginary, imaginary, b.imaginary);
        return *this;
    }

    [[nodiscard]] Fp2Wide times_xi() const
    {
        Fp2Wide product;
        subtract(product.real, real, imaginary);
        add(product.imaginary, real, imaginary);
        return product;
    }
};

} // namespace cairn::detail
