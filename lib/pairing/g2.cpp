#include "pairing/g2.hpp"

#include "pairing/detail/point_code.hpp"

namespace cairn {

using detail::Fp;
using detail::Fp2;
using detail::Limbs;

template class Point<G2Curve>;

namespace {

/// (p - 1) / 3 and (p - 1) / 2 of xi = 1 + u, inverted: what Frobenius needs to lead back to the
/// twist.
struct PsiFactors {
    Fp2 x;
    Fp2 y;
};

const PsiFactors& psi_factors()
{
    static const PsiFactors factors = [] {
        const Fp2 xi = Fp2::one().times_xi();
        return PsiFactors{xi.power(detail::divided(Fp::modulus, 3)).inverse(),
                          xi.power(detail::divided(Fp::modulus, 2)).inverse()};
    }();
    return factors;
}

/// Multiplies points of the group with z.
G2 psi(const G2& point)
{
    const PsiFactors& factors = psi_factors();
    return G2::from_coordinates(point.x().conjugate() * factors.x,
                                point.y().conjugate() * factors.y, point.z().conjugate());
}

G2 times_z(const G2& point)
{
    return -point.times_public(detail::curve_z);
}

} // namespace

AffinePoint<G2Curve> G2Curve::generator()
{
    return {{Fp::from_words({0xd48056c8c121bdb8, 0x0bac0326a805bbef, 0xb4510b647ae3d177,
                             0xc6e47ad4fa403b02, 0x260805272dc51051, 0x024aa2b2f08f0a91}),
             Fp::from_words({0xe5ac7d055d042b7e, 0x334cf11213945d57, 0xb5da61bbdc7f5049,
                             0x596bd0d09920b61a, 0x7dacd3a088274f65, 0x13e02b6052719f60})},
            {Fp::from_words({0xe193548608b82801, 0x923ac9cc3baca289, 0x6d429a695160d12c,
                             0xadfd9baa8cbdd3a7, 0x8cc9cdc6da2e351a, 0x0ce5d527727d6e11}),
             Fp::from_words({0xaaa9075ff05f79be, 0x3f370d275cec1da1, 0x267492ab572e99ab,
                             0xcb3e287e85a763af, 0x32acd2b02bc28b99, 0x0606c4a02ea734cc})}};
}

bool G2Curve::is_in_group(const G2& point)
{
    return psi(point) == times_z(point); // Scott (2021)
}

std::array<Limbs<1>, 4> G2Curve::split(const Scalar& scalar)
{
    static constexpr detail::Divisor<1> by_z{{detail::curve_z}};
    Limbs<4> words = scalar.to_words();
    Limbs<2> high = detail::by_z_squared.divide(words);
    Limbs<2> low{words[0], words[1]};
    const Limbs<1> d3 = by_z.divide(high);
    const Limbs<1> d1 = by_z.divide(low);
    const std::array digits{Limbs<1>{low[0]}, d1, Limbs<1>{high[0]}, d3};
    detail::forget(words);
    detail::forget(low);
    detail::forget(high);
    return digits;
}

G2 G2Curve::image(const G2& point, std::size_t part)
{
    G2 image = point;
    for (std::size_t i = 0; i < part; ++i) image = -psi(image);
    return image;
}

G2 G2Curve::clear_cofactor(const G2& point)
{
    // Budroni and Pintore (2017): times z^2 - z - 1, plus (z - 1) psi, plus psi^2 of the double.
    const G2 z1 = times_z(point);
    const G2 z2 = times_z(z1);
    return z2 - z1 - point + psi(z1 - point) + psi(psi(point.doubled()));
}

} // namespace cairn
