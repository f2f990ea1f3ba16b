#pragma once

#include "pairing/detail/field_kernel.hpp"

// Rows of products by mulx, adcx and adox: lower halves are added along the chain of CF, upper ones
// along that of OF. For machines with BMI2 and ADX, x86-64 only.
//
// Sums move through an array of one word more than factors have: what is word i for row k lies at
// i + k, modulo its size, so that nothing is moved between rows.

#if defined(CAIRN_CHAINS)

namespace cairn::detail {

// NOLINTBEGIN(hicpp-no-assembler)

/// t = a b.
[[gnu::always_inline]] inline void start_rows(std::uint64_t (&t)[7], const std::uint64_t* a,
                                              std::uint64_t b) noexcept
{
    std::uint64_t low; // NOLINT(cppcoreguidelines-init-variables)
    asm("mulxq %[a0], %[t0], %[t1]\n\t"
        "mulxq %[a1], %[low], %[t2]\n\t addq %[low], %[t1]\n\t"
        "mulxq %[a2], %[low], %[t3]\n\t adcq %[low], %[t2]\n\t"
        "mulxq %[a3], %[low], %[t4]\n\t adcq %[low], %[t3]\n\t"
        "mulxq %[a4], %[low], %[t5]\n\t adcq %[low], %[t4]\n\t"
        "mulxq %[a5], %[low], %[t6]\n\t adcq %[low], %[t5]\n\t adcq $0, %[t6]"
        : [t0] "=&r"(t[0]), [t1] "=&r"(t[1]), [t2] "=&r"(t[2]), [t3] "=&r"(t[3]), [t4] "=&r"(t[4]),
          [t5] "=&r"(t[5]), [t6] "=&r"(t[6]), [low] "=&r"(low)
        : "d"(b), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [a4] "m"(a[4]),
          [a5] "m"(a[5])
        : "cc");
}

/// t = t + a b, where the uppermost word of t was 0.
template <std::size_t Row>
[[gnu::always_inline]] inline void add_row(std::uint64_t (&t)[7], const std::uint64_t* a,
                                           std::uint64_t b) noexcept
{
    std::uint64_t low;              // NOLINT(cppcoreguidelines-init-variables)
    std::uint64_t high;             // NOLINT(cppcoreguidelines-init-variables)
    asm("xorl %k[low], %k[low]\n\t" // both carries
        "mulxq %[a0], %[low], %[high]\n\t adcxq %[low], %[t0]\n\t adoxq %[high], %[t1]\n\t"
        "mulxq %[a1], %[low], %[high]\n\t adcxq %[low], %[t1]\n\t adoxq %[high], %[t2]\n\t"
        "mulxq %[a2], %[low], %[high]\n\t adcxq %[low], %[t2]\n\t adoxq %[high], %[t3]\n\t"
        "mulxq %[a3], %[low], %[high]\n\t adcxq %[low], %[t3]\n\t adoxq %[high], %[t4]\n\t"
        "mulxq %[a4], %[low], %[high]\n\t adcxq %[low], %[t4]\n\t adoxq %[high], %[t5]\n\t"
        "mulxq %[a5], %[low], %[t6]\n\t adcxq %[low], %[t5]\n\t"
        "movl $0, %k[low]\n\t adoxq %[low], %[t6]\n\t adcxq %[low], %[t6]"
        : [t0] "+&r"(t[Row % 7]), [t1] "+&r"(t[(Row + 1) % 7]), [t2] "+&r"(t[(Row + 2) % 7]),
          [t3] "+&r"(t[(Row + 3) % 7]), [t4] "+&r"(t[(Row + 4) % 7]), [t5] "+&r"(t[(Row + 5) % 7]),
          [t6] "=&r"(t[(Row + 6) % 7]), [low] "=&r"(low), [high] "=&r"(high)
        : "d"(b), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [a4] "m"(a[4]),
          [a5] "m"(a[5])
        : "cc");
}

/// The same for any uppermost word; the sum must fit.
template <std::size_t Row>
[[gnu::always_inline]] inline void add_row_above(std::uint64_t (&t)[7], const std::uint64_t* a,
                                                 std::uint64_t b) noexcept
{
    std::uint64_t low;  // NOLINT(cppcoreguidelines-init-variables)
    std::uint64_t high; // NOLINT(cppcoreguidelines-init-variables)
    asm("xorl %k[low], %k[low]\n\t"
        "mulxq %[a0], %[low], %[high]\n\t adcxq %[low], %[t0]\n\t adoxq %[high], %[t1]\n\t"
        "mulxq %[a1], %[low], %[high]\n\t adcxq %[low], %[t1]\n\t adoxq %[high], %[t2]\n\t"
        "mulxq %[a2], %[low], %[high]\n\t adcxq %[low], %[t2]\n\t adoxq %[high], %[t3]\n\t"
        "mulxq %[a3], %[low], %[high]\n\t adcxq %[low], %[t3]\n\t adoxq %[high], %[t4]\n\t"
        "mulxq %[a4], %[low], %[high]\n\t adcxq %[low], %[t4]\n\t adoxq %[high], %[t5]\n\t"
        "mulxq %[a5], %[low], %[high]\n\t adcxq %[low], %[t5]\n\t adoxq %[high], %[t6]\n\t"
        "movl $0, %k[low]\n\t adcxq %[low], %[t6]"
        : [t0] "+&r"(t[Row % 7]), [t1] "+&r"(t[(Row + 1) % 7]), [t2] "+&r"(t[(Row + 2) % 7]),
          [t3] "+&r"(t[(Row + 3) % 7]), [t4] "+&r"(t[(Row + 4) % 7]), [t5] "+&r"(t[(Row + 5) % 7]),
          [t6] "+&r"(t[(Row + 6) % 7]), [low] "=&r"(low), [high] "=&r"(high)
        : "d"(b), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [a4] "m"(a[4]),
          [a5] "m"(a[5])
        : "cc");
}

/// Of four words.
template <std::size_t Row>
[[gnu::always_inline]] inline void add_row(std::uint64_t (&t)[5], const std::uint64_t* a,
                                           std::uint64_t b) noexcept
{
    std::uint64_t low;  // NOLINT(cppcoreguidelines-init-variables)
    std::uint64_t high; // NOLINT(cppcoreguidelines-init-variables)
    asm("xorl %k[low], %k[low]\n\t"
        "mulxq %[a0], %[low], %[high]\n\t adcxq %[low], %[t0]\n\t adoxq %[high], %[t1]\n\t"
        "mulxq %[a1], %[low], %[high]\n\t adcxq %[low], %[t1]\n\t adoxq %[high], %[t2]\n\t"
        "mulxq %[a2], %[low], %[high]\n\t adcxq %[low], %[t2]\n\t adoxq %[high], %[t3]\n\t"
        "mulxq %[a3], %[low], %[t4]\n\t adcxq %[low], %[t3]\n\t"
        "movl $0, %k[low]\n\t adoxq %[low], %[t4]\n\t adcxq %[low], %[t4]"
        : [t0] "+&r"(t[Row % 5]), [t1] "+&r"(t[(Row + 1) % 5]), [t2] "+&r"(t[(Row + 2) % 5]),
          [t3] "+&r"(t[(Row + 3) % 5]), [t4] "=&r"(t[(Row + 4) % 5]), [low] "=&r"(low),
          [high] "=&r"(high)
        : "d"(b), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3])
        : "cc");
}

template <std::size_t Row>
[[gnu::always_inline]] inline void add_row_above(std::uint64_t (&t)[5], const std::uint64_t* a,
                                                 std::uint64_t b) noexcept
{
    std::uint64_t low;  // NOLINT(cppcoreguidelines-init-variables)
    std::uint64_t high; // NOLINT(cppcoreguidelines-init-variables)
    asm("xorl %k[low], %k[low]\n\t"
        "mulxq %[a0], %[low], %[high]\n\t adcxq %[low], %[t0]\n\t adoxq %[high], %[t1]\n\t"
        "mulxq %[a1], %[low], %[high]\n\t adcxq %[low], %[t1]\n\t adoxq %[high], %[t2]\n\t"
        "mulxq %[a2], %[low], %[high]\n\t adcxq %[low], %[t2]\n\t adoxq %[high], %[t3]\n\t"
        "mulxq %[a3], %[low], %[high]\n\t adcxq %[low], %[t3]\n\t adoxq %[high], %[t4]\n\t"
        "movl $0, %k[low]\n\t adcxq %[low], %[t4]"
        : [t0] "+&r"(t[Row % 5]), [t1] "+&r"(t[(Row + 1) % 5]), [t2] "+&r"(t[(Row + 2) % 5]),
          [t3] "+&r"(t[(Row + 3) % 5]), [t4] "+&r"(t[(Row + 4) % 5]), [low] "=&r"(low),
          [high] "=&r"(high)
        : "d"(b), [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3])
        : "cc");
}

/// sum = sum + t modulo 2^512.
[[gnu::always_inline]] inline void add_to(WideLimbs<4>& sum, const std::uint64_t (&t)[8]) noexcept
{
    asm("addq %[t0], 0(%[sum])\n\t adcq %[t1], 8(%[sum])\n\t adcq %[t2], 16(%[sum])\n\t"
        "adcq %[t3], 24(%[sum])\n\t adcq %[t4], 32(%[sum])\n\t adcq %[t5], 40(%[sum])\n\t"
        "adcq %[t6], 48(%[sum])\n\t adcq %[t7], 56(%[sum])"
        : "+m"(sum)
        : [sum] "r"(&sum), [t0] "r"(t[0]), [t1] "r"(t[1]), [t2] "r"(t[2]), [t3] "r"(t[3]),
          [t4] "r"(t[4]), [t5] "r"(t[5]), [t6] "r"(t[6]), [t7] "r"(t[7])
        : "cc");
}

// NOLINTEND(hicpp-no-assembler)

} // namespace cairn::detail

#endif
