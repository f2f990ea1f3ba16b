#include "pairing/detail/tower.hpp"

namespace cairn::detail {
namespace {

/// xi^((p - 1) / 6) and its powers: what the p-th power of w^i is multiplied with.
std::array<Fp2, 6> make_frobenius()
{
    std::array<Fp2, 6> powers{Fp2::one()};
    const Fp2 first = Fp2{Fp::one(), Fp::one()}.power(divided(Fp::modulus, 6));
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * first;
    return powers;
}

const std::array<Fp2, 6>& frobenius_factors()
{
    static const std::array<Fp2, 6> factors = make_frobenius();
    return factors;
}

/// a + b, not reduced.
Fp2 sum_of(const Fp2& a, const Fp2& b)
{
    Fp2 sum;
    add_plain(sum.real.kept(), a.real.kept(), b.real.kept());
    add_plain(sum.imaginary.kept(), a.imaginary.kept(), b.imaginary.kept());
    return sum;
}

/// a b, for parts below 2 p.
Fp2Wide product_of(const Fp2& a, const Fp2& b)
{
    Limbs<6> a_sum;
    Limbs<6> b_sum;
    add_plain(a_sum, a.real.kept(), a.imaginary.kept());
    add_plain(b_sum, b.real.kept(), b.imaginary.kept());
    FpWide reals;
    FpWide imaginaries;
    Fp2Wide product;
    multiply_wide(reals, a.real.kept(), b.real.kept());
    multiply_wide(imaginaries, a.imaginary.kept(), b.imaginary.kept());
    multiply_wide(product.imaginary, a_sum, b_sum);
    subtract_plain(product.imaginary, product.imaginary, reals);
    subtract_plain(product.imaginary, product.imaginary, imaginaries); // at most 8 p^2
    subtract(product.real, reals, imaginaries);
    return product;
}

Fp2Wide square_of(const Fp2& a)
{
    Limbs<6> sum;
    Limbs<6> twice;
    Limbs<6> difference;
    add_plain(sum, a.real.kept(), a.imaginary.kept());
    add_plain(twice, a.real.kept(), a.real.kept());
    subtract_modulo(difference, a.real.kept(), a.imaginary.kept());
    Fp2Wide square;
    multiply_wide(square.real, sum, difference);
    multiply_wide(square.imaginary, twice, a.imaginary.kept());
    return square;
}

Fp2 reduced(const Fp2Wide& a)
{
    Fp2 element;
    reduce_wide(element.real.kept(), a.real);
    reduce_wide(element.imaginary.kept(), a.imaginary);
    return element;
}

struct Fp6Wide {
    Fp2Wide c0, c1, c2;

    Fp6Wide& operator+=(const Fp6Wide& b)
    {
        c0 += b.c0;
        c1 += b.c1;
        c2 += b.c2;
        return *this;
    }
    Fp6Wide& operator-=(const Fp6Wide& b)
    {
        c0 -= b.c0;
        c1 -= b.c1;
        c2 -= b.c2;
        return *this;
    }
    void add_times_v(const Fp6Wide& b)
    {
        c0 += b.c2.times_xi();
        c1 += b.c0;
        c2 += b.c1;
    }
    void subtract_times_v(const Fp6Wide& b)
    {
        c0 -= b.c2.times_xi();
        c1 -= b.c0;
        c2 -= b.c1;
    }
};

Fp6Wide product_of(const Fp6& a, const Fp6& b)
{
    const Fp2Wide p0 = product_of(a.c0, b.c0);
    const Fp2Wide p1 = product_of(a.c1, b.c1);
    const Fp2Wide p2 = product_of(a.c2, b.c2);
    Fp2Wide s12 = product_of(sum_of(a.c1, a.c2), sum_of(b.c1, b.c2));
    s12 -= p1;
    s12 -= p2;
    Fp6Wide product{s12.times_xi(), product_of(sum_of(a.c0, a.c1), sum_of(b.c0, b.c1)),
                    product_of(sum_of(a.c0, a.c2), sum_of(b.c0, b.c2))};
    product.c0 += p0;
    product.c1 -= p0;
    product.c1 -= p1;
    product.c1 += p2.times_xi();
    product.c2 -= p0;
    product.c2 -= p2;
    product.c2 += p1;
    return product;
}

/// Times b0 + b1 v.
Fp6Wide product_01(const Fp6& a, const Fp2& b0, const Fp2& b1)
{
    const Fp2Wide p0 = product_of(a.c0, b0);
    const Fp2Wide p1 = product_of(a.c1, b1);
    Fp2Wide s12 = product_of(sum_of(a.c1, a.c2), b1);
    s12 -= p1;
    Fp6Wide product{s12.times_xi(), product_of(sum_of(a.c0, a.c1), sum_of(b0, b1)),
                    product_of(sum_of(a.c0, a.c2), b0)};
    product.c0 += p0;
    product.c1 -= p0;
    product.c1 -= p1;
    product.c2 -= p0;
    product.c2 += p1;
    return product;
}

Fp6 reduced(const Fp6Wide& a)
{
    return {reduced(a.c0), reduced(a.c1), reduced(a.c2)};
}

} // namespace

Fp2 operator*(const Fp2& a, const Fp2& b)
{
    return reduced(product_of(a, b));
}

Fp2 Fp2::squared() const
{
    Fp sum;
    Fp twice;
    add_plain(sum.kept(), real.kept(), imaginary.kept());
    add_plain(twice.kept(), real.kept(), real.kept());
    return {(real - imaginary) * sum, imaginary * twice};
}

std::optional<Fp2> square_root(const Fp2& a)
{
    if (a.imaginary.is_zero()) {
        if (const auto root = square_root(a.real)) return Fp2{*root, {}};
        const auto root = square_root(-a.real); // -1 has none: one of both has
        return root ? std::optional{Fp2{{}, *root}} : std::nullopt;
    }
    // (x + y u)^2 = a: x^2 is half of a.real plus or minus the root of the norm.
    const auto norm = square_root(a.norm());
    if (!norm) return std::nullopt;
    const Fp half = Fp::from_number(2).inverse();
    auto real = square_root((a.real + *norm) * half);
    if (!real) real = square_root((a.real - *norm) * half);
    if (!real) return std::nullopt;
    const Fp2 root{*real, a.imaginary * real->doubled().inverse()};
    if (root.squared() == a) return root;
    return std::nullopt;
}

bool is_odd(const Fp2& a)
{
    return a.real.is_zero() ? is_odd(a.imaginary) : is_odd(a.real);
}

bool is_large(const Fp2& a)
{
    return a.imaginary.is_zero() ? is_large(a.real) : is_large(a.imaginary);
}

Fp6 operator*(const Fp6& a, const Fp6& b)
{
    return reduced(product_of(a, b));
}

Fp6 Fp6::squared() const
{
    const Fp2 s0 = c0.squared();
    const Fp2 s1 = (c0 * c1).doubled();
    const Fp2 s2 = (c0 - c1 + c2).squared();
    const Fp2 s3 = (c1 * c2).doubled();
    const Fp2 s4 = c2.squared();
    return {s0 + s3.times_xi(), s1 + s4.times_xi(), s1 + s2 + s3 - s0 - s4};
}

Fp6 Fp6::inverse() const
{
    const Fp2 t0 = c0.squared() - (c1 * c2).times_xi();
    const Fp2 t1 = c2.squared().times_xi() - c0 * c1;
    const Fp2 t2 = c1.squared() - c0 * c2;
    const Fp2 inverse = (c0 * t0 + (c2 * t1 + c1 * t2).times_xi()).inverse();
    return {t0 * inverse, t1 * inverse, t2 * inverse};
}

Fp12 operator*(const Fp12& a, const Fp12& b)
{
    Fp6Wide p0 = product_of(a.c0, b.c0);
    const Fp6Wide p1 = product_of(a.c1, b.c1);
    Fp6Wide both = product_of(a.c0 + a.c1, b.c0 + b.c1);
    both -= p0;
    both -= p1;
    p0.add_times_v(p1);
    return {reduced(p0), reduced(both)};
}

Fp12 Fp12::squared() const
{
    Fp6 shifted = c1.times_v();
    shifted += c0;
    Fp6Wide product = product_of(c0, c1);
    Fp6Wide both = product_of(c0 + c1, shifted);
    both -= product;
    const Fp6 twice = reduced(product).doubled();
    both.subtract_times_v(product);
    return {reduced(both), twice};
}

Fp12 Fp12::inverse() const
{
    const Fp6 inverse = (c0.squared() - c1.squared().times_v()).inverse();
    return {c0 * inverse, -(c1 * inverse)};
}

Fp12 Fp12::frobenius() const
{
    const auto& factors = frobenius_factors();
    return {{c0.c0.conjugate(), c0.c1.conjugate() * factors[2], c0.c2.conjugate() * factors[4]},
            {c1.c0.conjugate() * factors[1], c1.c1.conjugate() * factors[3],
             c1.c2.conjugate() * factors[5]}};
}

Fp12 Fp12::times_line(const Fp2& b0, const Fp2& b1, const Fp2& b4) const
{
    Fp6Wide p0 = product_01(c0, b0, b1);
    const Fp6Wide p1{product_of(c1.c2, b4).times_xi(), product_of(c1.c0, b4),
                     product_of(c1.c1, b4)};
    Fp6Wide both = product_01(c0 + c1, b0, b1 + b4);
    both -= p0;
    both -= p1;
    p0.add_times_v(p1);
    return {reduced(p0), reduced(both)};
}

namespace {

/// The square of a + b s in Fp4 = Fp2[s] / (s^2 - xi).
struct Fp4 {
    Fp2 a, b;
};

Fp4 square(const Fp2& a, const Fp2& b)
{
    const Fp2Wide aa = square_of(a);
    const Fp2Wide bb = square_of(b);
    Fp2Wide both = square_of(a + b);
    both -= aa;
    both -= bb;
    Fp2Wide sum = bb.times_xi();
    sum += aa;
    return {reduced(sum), reduced(both)};
}

/// 3 s - 2 c, and 3 s + 2 c.
Fp2 triple_less(const Fp2& s, const Fp2& c)
{
    Fp2 sum = (s - c).doubled();
    sum += s;
    return sum;
}

Fp2 triple_more(const Fp2& s, const Fp2& c)
{
    Fp2 sum = (s + c).doubled();
    sum += s;
    return sum;
}

} // namespace

Fp12 Fp12::cyclotomic_squared() const
{
    const Fp4 s0 = square(c0.c0, c1.c1);
    const Fp4 s1 = square(c1.c0, c0.c2);
    const Fp4 s2 = square(c0.c1, c1.c2);
    return {
        {triple_less(s0.a, c0.c0), triple_less(s1.a, c0.c1), triple_less(s2.a, c0.c2)},
        {triple_more(s2.b.times_xi(), c1.c0), triple_more(s0.b, c1.c1), triple_more(s1.b, c1.c2)}};
}

Fp12 Fp12::cyclotomic_power_z() const
{
    Fp12 result = *this;
    for (unsigned i = 63; i-- > 0;) { // the highest bit is the element itself
        result = result.cyclotomic_squared();
        if ((curve_z >> i & 1U) != 0) result *= *this;
    }
    return result.conjugate(); // z is negative
}

} // namespace cairn::detail
