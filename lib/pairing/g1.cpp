#include "pairing/g1.hpp"

#include "pairing/detail/point_code.hpp"

namespace cairn {

using detail::Fp;
using detail::Limbs;

template class Point<G1Curve>;

namespace {

/// A cube root of 1, for which (beta x, y) is -z^2 times a point of the group.
const Fp& beta()
{
    static const Fp value =
        Fp::from_words({0x2e01fffffffefffe, 0xde17d813620a0002, 0xddb3a93be6f89688,
                        0xba69c6076a0f77ea, 0x5f19672fdf76ce51, 0});
    return value;
}

G1 endomorphism(const G1& point)
{
    return G1::from_coordinates(point.x() * beta(), point.y(), point.z());
}

} // namespace

AffinePoint<G1Curve> G1Curve::generator()
{
    return {Fp::from_words({0xfb3af00adb22c6bb, 0x6c55e83ff97a1aef, 0xa14e3a3f171bac58,
                            0xc3688c4f9774b905, 0x2695638c4fa9ac0f, 0x17f1d3a73197d794}),
            Fp::from_words({0x0caa232946c5e7e1, 0xd03cc744a2888ae4, 0x00db18cb2c04b3ed,
                            0xfcf5e095d5d00af6, 0xa09e30ed741d8ae4, 0x08b3f481e3aaa0f1})};
}

bool G1Curve::is_in_group(const G1& point)
{
    // Scott (2021): the endomorphism multiplies with -z^2 in the group and nowhere else.
    return endomorphism(point) ==
           -point.times_public(detail::curve_z).times_public(detail::curve_z);
}

std::array<Limbs<2>, 2> G1Curve::split(const Scalar& scalar)
{
    Limbs<4> words = scalar.to_words();
    const Limbs<2> quotient = detail::by_z_squared.divide(words);
    const std::array digits{Limbs<2>{words[0], words[1]}, quotient};
    detail::forget(words);
    return digits;
}

G1 G1Curve::image(const G1& point, std::size_t part)
{
    return part == 0 ? point : -endomorphism(point);
}

G1 G1Curve::clear_cofactor(const G1& point)
{
    return point + point.times_public(detail::curve_z); // times 1 - z (Wahby and Boneh, 2019)
}

} // namespace cairn
