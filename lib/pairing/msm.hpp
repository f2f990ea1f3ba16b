#pragma once

#include "pairing/g1.hpp"
#include "pairing/g2.hpp"

#include <span>

namespace cairn {

/// The sum of scalars[i] times points[i], points of the group: much faster than one by one, for
/// scalars and points that everybody may know (Pippenger, 1976). Needs as many of both; memory for
/// 400 bytes each.
[[nodiscard]] G1 multi_scalar_product(std::span<const Scalar> scalars, std::span<const G1> points);
[[nodiscard]] G2 multi_scalar_product(std::span<const Scalar> scalars, std::span<const G2> points);

/// Multiples of one point, so that products with it take additions only: for scalars that nobody
/// may know, in the same time whatever they are. 48 KiB for G1.
class FixedBase {
public:
    explicit FixedBase(const G1& point);

    [[nodiscard]] G1 times(const Scalar& scalar) const;

private:
    static constexpr std::size_t window = 4; // bits
    static constexpr std::size_t entries = 15;

    std::vector<G1Affine> table_; // by window: once to 15 times the point
};

} // namespace cairn
