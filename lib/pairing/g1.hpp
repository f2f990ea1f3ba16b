#pragma once

#include "pairing/point.hpp"

namespace cairn {

/// y^2 = x^3 + 4 over Fp.
struct G1Curve {
    using Field = detail::Fp;

    static constexpr std::size_t parts = 2;
    static constexpr std::size_t split_bits = 128;

    static AffinePoint<G1Curve> generator();
    static Field b() { return Field::from_number(4); }
    static Field times_3b(const Field& a)
    {
        const Field a3 = a.doubled() + a;
        return a3.doubled().doubled();
    }
    static bool is_in_group(const Point<G1Curve>& point);

    /// A scalar as d0 + d1 z^2, each less than 2^128: by the endomorphism that multiplies with
    /// -z^2 it takes half of the doublings (Gallant, Lambert and Vanstone, 2001).
    static std::array<detail::Limbs<2>, 2> split(const Scalar& scalar);

    /// Times (z^2)^part.
    static Point<G1Curve> image(const Point<G1Curve>& point, std::size_t part);

    static Point<G1Curve> clear_cofactor(const Point<G1Curve>& point);
};

/// The first group: 48 bytes a point, compressed.
using G1 = Point<G1Curve>;
using G1Affine = AffinePoint<G1Curve>;

extern template class Point<G1Curve>;

} // namespace cairn
