#include "pairing/pairing.hpp"

namespace cairn {

using detail::Fp;
using detail::Fp12;
using detail::Fp2;

namespace {

using Line = PreparedG2::Line;

/// Jacobian coordinates: x = X / Z^2, y = Y / Z^3. The formulas are those of Beuchat and others
/// (2010), Algorithms 26 and 27: the point and the line at once.
struct Jacobian {
    Fp2 x, y, z;

    Line double_and_tangent()
    {
        const Fp2 xx = x.squared();
        const Fp2 yy = y.squared();
        const Fp2 yyyy = yy.squared();
        const Fp2 zz = z.squared();
        const Fp2 s = ((yy + x).squared() - xx - yyyy).doubled();
        const Fp2 slope = xx.doubled() + xx;
        const Fp2 slope2 = slope.squared();
        const Fp2 x_slope = x + slope;
        x = slope2 - s.doubled();
        z = (z + y).squared() - yy - zz;
        y = (s - x) * slope - yyyy.doubled().doubled().doubled();
        return {(z * zz).doubled(), -(slope * zz).doubled(),
                x_slope.squared() - xx - slope2 - yy.doubled().doubled()};
    }

    Line add_and_chord(const G2Affine& q)
    {
        const Fp2 zz = z.squared();
        const Fp2 qyy = q.y.squared();
        const Fp2 dx = zz * q.x - x;
        const Fp2 dx2 = dx.squared();
        const Fp2 dx24 = dx2.doubled().doubled();
        const Fp2 dx34 = dx24 * dx;
        const Fp2 dy2 = ((q.y + z).squared() - qyy - zz) * zz - y.doubled();
        const Fp2 xdx = dx24 * x;
        const Fp2 old_y = y;
        x = dy2.squared() - dx34 - xdx.doubled();
        z = (z + dx).squared() - zz - dx2;
        y = (xdx - x) * dy2 - (old_y * dx34).doubled();
        const Fp2 qyz = (q.y + z).squared() - qyy - z.squared();
        return {z.doubled(), -dy2.doubled(), (dy2 * q.x).doubled() - qyz};
    }
};

/// One factor of Miller's loop: lines and where they are looked at.
struct Factor {
    G1Affine at;
    const Line* next;
};

void multiply_lines(Fp12& value, std::span<Factor> factors)
{
    for (Factor& factor : factors) {
        const Line& line = *factor.next++;
        value = value.times_line(line.constant, line.of_x * factor.at.x, line.of_y * factor.at.y);
    }
}

/// To the power of 3 (p^12 - 1) / r, where (p^4 - p^2 + 1) / r is
/// (z - 1)^2 (z + p) (z^2 + p^2 - 1) / 3 + 1 (Hayashida, Hayasaka and Teruya, 2020).
Fp12 final_exponentiation(const Fp12& value)
{
    Fp12 m = value.conjugate() * value.inverse(); // p^6 - 1
    m = m.frobenius().frobenius() * m;            // p^2 + 1: now in the cyclotomic subgroup
    Fp12 a = m.cyclotomic_power_z() * m.conjugate();
    a = a.cyclotomic_power_z() * a.conjugate();
    const Fp12 b = a.cyclotomic_power_z() * a.frobenius();
    const Fp12 c =
        b.cyclotomic_power_z().cyclotomic_power_z() * b.frobenius().frobenius() * b.conjugate();
    return c * m.cyclotomic_squared() * m;
}

} // namespace

void Gt::encode(MutableByteView bytes) const
{
    const auto& [low, high] = element_;
    std::size_t at = 0;
    for (const Fp2* part : {&high.c2, &high.c1, &high.c0, &low.c2, &low.c1, &low.c0})
        for (const Fp* each : {&part->imaginary, &part->real}) {
            each->encode(bytes.subspan(at, Fp::size));
            at += Fp::size;
        }
}

PreparedG2::PreparedG2(const G2& point)
{
    if (point.is_infinity()) return;
    const G2Affine affine = point.to_affine();
    Jacobian at{affine.x, affine.y, Fp2::one()};
    for (unsigned i = 63; i-- > 0;) {
        lines_.push_back(at.double_and_tangent());
        if ((detail::curve_z >> i & 1U) != 0) lines_.push_back(at.add_and_chord(affine));
    }
}

Gt product_of_pairings(std::span<const PairingTerm> terms)
{
    std::vector<G1> points;
    std::vector<Factor> factors;
    for (const PairingTerm& term : terms) {
        if (term.first.is_infinity() || term.second->lines().empty()) continue; // gives 1
        points.push_back(term.first);
        factors.push_back({{}, term.second->lines().data()});
    }
    const std::vector<G1Affine> affine = to_affine(std::span<const G1>{points});
    for (std::size_t i = 0; i < factors.size(); ++i) factors[i].at = affine[i];
    Fp12 value = Fp12::one();
    for (unsigned i = 63; i-- > 0;) {
        if (i < 62) value = value.squared();
        multiply_lines(value, factors);
        if ((detail::curve_z >> i & 1U) != 0) multiply_lines(value, factors);
    }
    return Gt{final_exponentiation(value.conjugate())}; // z is negative
}

Gt pairing(const G1& first, const G2& second)
{
    const PreparedG2 prepared{second};
    const PairingTerm term{first, &prepared};
    return product_of_pairings({&term, 1});
}

} // namespace cairn
