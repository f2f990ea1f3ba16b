#pragma once

#include "pairing/detail/tower.hpp"
#include "pairing/point.hpp"

namespace cairn {

/// y^2 = x^3 + 4 (1 + u) over Fp2.
struct G2Curve {
    using Field = detail::Fp2;

    static constexpr std::size_t parts = 4;
    static constexpr std::size_t split_bits = 64;

    static AffinePoint<G2Curve> generator();
    static Field b() { return Field{detail::Fp::from_number(4), detail::Fp::from_number(4)}; }
    static Field times_3b(const Field& a)
    {
        const Field a3 = (a.doubled() + a).times_xi();
        return a3.doubled().doubled();
    }
    static bool is_in_group(const Point<G2Curve>& point);

    /// A scalar as d0 + d1 |z| + d2 |z|^2 + d3 |z|^3, each less than 2^64: by the endomorphism that
    /// multiplies with z it takes a quarter of the doublings (Galbraith, Lin and Scott, 2009).
    static std::array<detail::Limbs<1>, 4> split(const Scalar& scalar);

    /// Times |z|^part.
    static Point<G2Curve> image(const Point<G2Curve>& point, std::size_t part);

    static Point<G2Curve> clear_cofactor(const Point<G2Curve>& point);
};

/// The second group: 96 bytes a point, compressed.
using G2 = Point<G2Curve>;
using G2Affine = AffinePoint<G2Curve>;

extern template class Point<G2Curve>;

} // namespace cairn
