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

} // namespace

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
    const Fp2 p0 = a.c0 * b.c0;
    const Fp2 p1 = a.c1 * b.c1;
    const Fp2 p2 = a.c2 * b.c2;
    const Fp2 s12 = (a.c1 + a.c2) * (b.c1 + b.c2) - p1 - p2;
    const Fp2 s01 = (a.c0 + a.c1) * (b.c0 + b.c1) - p0 - p1;
    const Fp2 s02 = (a.c0 + a.c2) * (b.c0 + b.c2) - p0 - p2;
    return {p0 + s12.times_xi(), s01 + p2.times_xi(), s02 + p1};
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

Fp6 Fp6::times_01(const Fp2& b0, const Fp2& b1) const
{
    const Fp2 p0 = c0 * b0;
    const Fp2 p1 = c1 * b1;
    return {p0 + ((c1 + c2) * b1 - p1).times_xi(), (c0 + c1) * (b0 + b1) - p0 - p1,
            (c0 + c2) * b0 - p0 + p1};
}

Fp6 Fp6::times_1(const Fp2& b1) const
{
    return {(c2 * b1).times_xi(), c0 * b1, c1 * b1};
}

Fp12 operator*(const Fp12& a, const Fp12& b)
{
    const Fp6 p0 = a.c0 * b.c0;
    const Fp6 p1 = a.c1 * b.c1;
    return {p0 + p1.times_v(), (a.c0 + a.c1) * (b.c0 + b.c1) - p0 - p1};
}

Fp12 Fp12::squared() const
{
    const Fp6 product = c0 * c1;
    const Fp6 both = (c0 + c1) * (c0 + c1.times_v());
    return {both - product - product.times_v(), product + product};
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
    const Fp6 p0 = c0.times_01(b0, b1);
    const Fp6 p1 = c1.times_1(b4);
    return {p0 + p1.times_v(), (c0 + c1).times_01(b0, b1 + b4) - p0 - p1};
}

namespace {

/// The square of a + b s in Fp4 = Fp2[s] / (s^2 - xi).
struct Fp4 {
    Fp2 a, b;
};

Fp4 square(const Fp2& a, const Fp2& b)
{
    const Fp2 aa = a.squared();
    const Fp2 bb = b.squared();
    return {aa + bb.times_xi(), (a + b).squared() - aa - bb};
}

} // namespace

Fp12 Fp12::cyclotomic_squared() const
{
    const Fp4 s0 = square(c0.c0, c1.c1);
    const Fp4 s1 = square(c1.c0, c0.c2);
    const Fp4 s2 = square(c0.c1, c1.c2);
    const auto minus = [](const Fp2& s, const Fp2& c) { return (s - c).doubled() + s; };
    const auto plus = [](const Fp2& s, const Fp2& c) { return (s + c).doubled() + s; };
    return {{minus(s0.a, c0.c0), minus(s1.a, c0.c1), minus(s2.a, c0.c2)},
            {plus(s2.b.times_xi(), c1.c0), plus(s0.b, c1.c1), plus(s1.b, c1.c2)}};
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
