#include "pairing/detail/field_kernel.hpp"

#include "pairing/detail/adx.hpp"
#include "pairing/detail/modular_sum.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace cairn::detail {
namespace {

struct Available {
    std::array<FieldKernel, 2> kernels{FieldKernel::portable};
    std::size_t count = 1;

    Available()
    {
#if defined(__x86_64__)
        // Not __builtin_cpu_supports, which does not know ADX everywhere.
        unsigned a = 0;
        unsigned b = 0;
        unsigned c = 0;
        unsigned d = 0;
        constexpr unsigned bmi2 = 1U << 8U;
        constexpr unsigned adx = 1U << 19U;
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bmi2) != 0 && (b & adx) != 0)
            kernels[count++] = FieldKernel::adx;
#endif
    }
};

constinit std::atomic<FieldKernel> chosen{}; // none yet

/// Whether products are made by mulx and adx.
[[gnu::always_inline]] inline bool is_adx() noexcept
{
    const FieldKernel kernel = chosen.load(std::memory_order_relaxed);
    if (kernel == FieldKernel::adx) [[likely]]
        return true;
    if (kernel != FieldKernel::portable) {
        use(field_kernels().back());
        return field_kernels().back() == FieldKernel::adx;
    }
    return false;
}

#if defined(__x86_64__)

using Rows6 = std::make_index_sequence<6>;
using Rows4 = std::make_index_sequence<4>;

template <std::size_t Row>
[[gnu::always_inline]] inline void multiply_row(std::uint64_t (&t)[7], const std::uint64_t* a,
                                                const std::uint64_t* b)
{
    add_row<Row>(t, a, b[Row]);
    add_row_above<Row>(t, fp_modulus.words.data(), t[Row % 7] * fp_modulus.factor);
}

template <std::size_t Row>
[[gnu::always_inline]] inline void multiply_row(std::uint64_t (&t)[5], const std::uint64_t* a,
                                                const std::uint64_t* b)
{
    add_row<Row>(t, a, b[Row]);
    add_row_above<Row>(t, fr_modulus.words.data(), t[Row % 5] * fr_modulus.factor);
}

template <std::size_t... Row>
void multiply_adx(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b,
                  std::index_sequence<Row...> /*rows*/) noexcept
{
    std::uint64_t t[7] = {};
    (multiply_row<Row>(t, a.data(), b.data()), ...);
    put_reduced(out, {t[6], t[0], t[1], t[2], t[3], t[4]});
}

template <std::size_t... Row>
void multiply_adx(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b,
                  std::index_sequence<Row...> /*rows*/) noexcept
{
    std::uint64_t t[5] = {};
    (multiply_row<Row>(t, a.data(), b.data()), ...);
    out = reduce_once(Limbs<4>{t[4], t[0], t[1], t[2]}, fr_modulus.words);
}

template <std::size_t Row>
[[gnu::always_inline]] inline void wide_row(std::uint64_t (&t)[7], Limbs<12>& out,
                                            const Limbs<6>& a, const Limbs<6>& b)
{
    add_row<Row>(t, a.data(), b[Row]);
    out[Row] = t[Row % 7];
}

template <std::size_t... Row>
void multiply_wide_adx(Limbs<12>& out, const Limbs<6>& a, const Limbs<6>& b,
                       std::index_sequence<Row...> /*rows*/) noexcept
{
    std::uint64_t t[7] = {};
    (wide_row<Row>(t, out, a, b), ...);
    (static_cast<void>(out[6 + Row] = t[(6 + Row) % 7]), ...);
}

template <std::size_t... Row>
void reduce_wide_adx(Limbs<6>& out, const Limbs<12>& a,
                     std::index_sequence<Row...> /*rows*/) noexcept
{
    std::uint64_t t[7] = {a[0], a[1], a[2], a[3], a[4], a[5], 0};
    (add_row<Row>(t, fp_modulus.words.data(), t[Row % 7] * fp_modulus.factor), ...);
    std::uint64_t sum[6] = {t[6], t[0], t[1], t[2], t[3], t[4]};
    add_words(sum, {a[6], a[7], a[8], a[9], a[10], a[11]});
    put_reduced(out, sum);
}

#endif

} // namespace

std::span<const FieldKernel> field_kernels()
{
    static const Available available;
    return {available.kernels.data(), available.count};
}

void use(FieldKernel kernel) noexcept
{
    assert(std::ranges::count(field_kernels(), kernel) == 1);
    chosen.store(kernel, std::memory_order_relaxed);
}

void multiply_modulo(Limbs<6>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
#if defined(__x86_64__)
    if (is_adx()) return multiply_adx(out, a, b, Rows6{});
#endif
    multiply_modulo(out, a, b, fp_modulus);
}

void multiply_modulo(Limbs<4>& out, const Limbs<4>& a, const Limbs<4>& b) noexcept
{
#if defined(__x86_64__)
    if (is_adx()) return multiply_adx(out, a, b, Rows4{});
#endif
    multiply_modulo(out, a, b, fr_modulus);
}

void multiply_wide(Limbs<12>& out, const Limbs<6>& a, const Limbs<6>& b) noexcept
{
#if defined(__x86_64__)
    if (is_adx()) return multiply_wide_adx(out, a, b, Rows6{});
#endif
    multiply_wide<6>(out, a, b);
}

void reduce_wide(Limbs<6>& out, const Limbs<12>& a) noexcept
{
#if defined(__x86_64__)
    if (is_adx()) return reduce_wide_adx(out, a, Rows6{});
#endif
    reduce_wide(out, a, fp_modulus);
}

void reduce_wide(Limbs<4>& out, const Limbs<8>& a) noexcept
{
    reduce_wide(out, a, fr_modulus);
}

} // namespace cairn::detail
