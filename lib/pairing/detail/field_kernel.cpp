#include "pairing/detail/field_kernel.hpp"

#include "pairing/detail/adx.hpp"
#include "pairing/detail/modular_sum.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>

#if defined(CAIRN_CHAINS)
#include <cpuid.h>
#endif

namespace cairn::detail {
namespace {

struct Available {
    std::array<FieldKernel, 3> kernels{FieldKernel::portable};
    std::size_t count = 1;

    Available()
    {
#if defined(CAIRN_CHAINS)
        // Not __builtin_cpu_supports, which does not know ADX everywhere.
        unsigned a = 0;
        unsigned b = 0;
        unsigned c = 0;
        unsigned d = 0;
        constexpr unsigned bmi2 = 1U << 8U;
        constexpr unsigned adx = 1U << 19U;
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bmi2) == 0 || (b & adx) == 0)
            return;
        kernels[count++] = FieldKernel::adx;
        if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512ifma")) return;
        kernels[count++] = FieldKernel::ifma;
#endif
    }
};

constinit std::atomic<FieldKernel> chosen{}; // none yet

// Each form is a function of its own, which keeps all in registers.

[[gnu::noinline]] void multiply_portable(Limbs<6>& out, const Limbs<6>& a,
                                         const Limbs<6>& b) noexcept
{
    multiply_modulo(out, a, b, fp_modulus);
}

[[gnu::noinline]] void multiply_portable(Limbs<4>& out, const Limbs<4>& a,
                                         const Limbs<4>& b) noexcept
{
    multiply_modulo(out, a, b, fr_modulus);
}

[[gnu::noinline]] void multiply_wide_portable(WideLimbs<6>& out, const Limbs<6>& a,
                                              const Limbs<6>& b) noexcept
{
    multiply_wide<6>(out, a, b);
}

[[gnu::noinline]] void reduce_wide_portable(Limbs<6>& out, const WideLimbs<6>& a) noexcept
{
    reduce_wide(out, a, fp_modulus);
}

[[gnu::noinline]] void accumulate_portable(WideLimbs<4>& sum, const Limbs<4>& a,
                                           const Limbs<4>& b) noexcept
{
    accumulate<4>(sum, a, b);
}

#if defined(CAIRN_CHAINS)

[[gnu::noinline, gnu::cold]] bool is_adx_chosen() noexcept
{
    return field_kernel() >= FieldKernel::adx;
}

/// Whether products are made by mulx and adx.
[[gnu::always_inline]] inline bool is_adx() noexcept
{
    return chosen.load(std::memory_order_relaxed) >= FieldKernel::adx || is_adx_chosen();
}

template <std::size_t Row>
[[gnu::always_inline]] inline void reduce_row(std::uint64_t (&t)[7])
{
    add_row_above<Row>(t, fp_modulus.words.data(), t[Row % 7] * fp_modulus.factor);
}

template <std::size_t Row>
[[gnu::always_inline]] inline void multiply_row(std::uint64_t (&t)[7], const Limbs<6>& a,
                                                const Limbs<6>& b)
{
    add_row<Row>(t, a.data(), b[Row]);
    reduce_row<Row>(t);
}

[[gnu::noinline]] void multiply_adx(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
    std::uint64_t t[7];
    start_rows(t, a.data(), b[0]);
    reduce_row<0>(t);
    multiply_row<1>(t, a, b);
    multiply_row<2>(t, a, b);
    multiply_row<3>(t, a, b);
    multiply_row<4>(t, a, b);
    multiply_row<5>(t, a, b);
    put_reduced(out, {t[6], t[0], t[1], t[2], t[3], t[4]});
}

template <std::size_t Row>
[[gnu::always_inline]] inline void multiply_row(std::uint64_t (&t)[5], const Limbs<4>& a,
                                                const Limbs<4>& b)
{
    add_row<Row>(t, a.data(), b[Row]);
    add_row_above<Row>(t, fr_modulus.words.data(), t[Row % 5] * fr_modulus.factor);
}

[[gnu::noinline]] void multiply_adx(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
    std::uint64_t t[5] = {};
    multiply_row<0>(t, a, b);
    multiply_row<1>(t, a, b);
    multiply_row<2>(t, a, b);
    multiply_row<3>(t, a, b);
    put_reduced(out, {t[4], t[0], t[1], t[2]});
}

template <std::size_t Row>
[[gnu::always_inline]] inline void wide_row(std::uint64_t (&t)[7], WideLimbs<6>& out,
                                            const Limbs<6>& a, const Limbs<6>& b)
{
    add_row<Row>(t, a.data(), b[Row]);
    put_word(out.low[Row], t[Row]);
}

[[gnu::noinline]] void multiply_wide_adx(WideLimbs<6>& out, const Limbs<6>& a,
                                         const Limbs<6>& b) noexcept
{
    std::uint64_t t[7];
    start_rows(t, a.data(), b[0]);
    put_word(out.low[0], t[0]);
    wide_row<1>(t, out, a, b);
    wide_row<2>(t, out, a, b);
    wide_row<3>(t, out, a, b);
    wide_row<4>(t, out, a, b);
    wide_row<5>(t, out, a, b);
    for (std::size_t i = 0; i < 6; ++i) put_word(out.high[i], t[(i + 6) % 7]);
}

template <std::size_t Row>
[[gnu::always_inline]] inline void low_row(std::uint64_t (&t)[7])
{
    add_row<Row>(t, fp_modulus.words.data(), t[Row] * fp_modulus.factor);
}

[[gnu::noinline]] void reduce_wide_adx(Limbs<6>& out, const WideLimbs<6>& a) noexcept
{
    std::uint64_t t[7] = {a.low[0], a.low[1], a.low[2], a.low[3], a.low[4], a.low[5], 0};
    low_row<0>(t);
    low_row<1>(t);
    low_row<2>(t);
    low_row<3>(t);
    low_row<4>(t);
    low_row<5>(t);
    std::uint64_t sum[6] = {t[6], t[0], t[1], t[2], t[3], t[4]};
    add_words(sum, a.high);
    put_reduced(out, sum);
}

[[gnu::noinline]] void accumulate_adx(WideLimbs<4>& sum, const Limbs<4>& a,
                                      const Limbs<4>& b) noexcept
{
    std::uint64_t t[5] = {};
    add_row<0>(t, a.data(), b[0]);
    const std::uint64_t p0 = t[0];
    add_row<1>(t, a.data(), b[1]);
    const std::uint64_t p1 = t[1];
    add_row<2>(t, a.data(), b[2]);
    const std::uint64_t p2 = t[2];
    add_row<3>(t, a.data(), b[3]);
    add_to(sum, {p0, p1, p2, t[3], t[4], t[0], t[1], t[2]});
}

#endif

} // namespace

std::span<const FieldKernel> field_kernels()
{
    static const Available available;
    return {available.kernels.data(), available.count};
}

FieldKernel field_kernel() noexcept
{
    if (chosen.load(std::memory_order_relaxed) == FieldKernel{}) use(field_kernels().back());
    return chosen.load(std::memory_order_relaxed);
}

void use(FieldKernel kernel) noexcept
{
    assert(std::ranges::count(field_kernels(), kernel) == 1);
    chosen.store(kernel, std::memory_order_relaxed);
}

void multiply_modulo(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
#if defined(CAIRN_CHAINS)
    if (is_adx()) return multiply_adx(out, a, b);
#endif
    multiply_portable(out, a, b);
}

void multiply_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
#if defined(CAIRN_CHAINS)
    if (is_adx()) return multiply_adx(out, a, b);
#endif
    multiply_portable(out, a, b);
}

void multiply_wide(WideLimbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
#if defined(CAIRN_CHAINS)
    if (is_adx()) return multiply_wide_adx(out, a, b);
#endif
    multiply_wide_portable(out, a, b);
}

void accumulate(WideLimbs<4>& sum, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
#if defined(CAIRN_CHAINS)
    if (is_adx()) return accumulate_adx(sum, a, b);
#endif
    accumulate_portable(sum, a, b);
}

void reduce_wide(Limbs<6>& out, const WideLimbs<6>& a) noexcept
{
#if defined(CAIRN_CHAINS)
    if (is_adx()) return reduce_wide_adx(out, a);
#endif
    reduce_wide_portable(out, a);
}

void reduce_wide(Limbs<4>& out, const WideLimbs<4>& a) noexcept
{
    reduce_wide(out, a, fr_modulus);
}

} // namespace cairn::detail
