#include "pairing/msm.hpp"

#include "pairing/detail/forget.hpp"
#include "pairing/detail/terms.hpp"

namespace cairn {
namespace {

/// Each product as its parts, which are short, of points that are images of one another.
template <class Curve>
Point<Curve> sum_of_products(std::span<const Scalar> scalars, std::span<const Point<Curve>> points)
{
    assert(scalars.size() == points.size());
    std::vector<Point<Curve>> finite;
    detail::Terms<Curve> terms;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].is_infinity()) continue;
        finite.push_back(points[i]);
        for (const auto& part : Curve::split(scalars[i]))
            terms.numbers.push_back(detail::extended(part));
    }
    for (const auto& affine : to_affine(std::span<const Point<Curve>>{finite})) {
        const Point<Curve> point{affine};
        for (std::size_t part = 0; part < Curve::parts; ++part) {
            const Point<Curve> image = Curve::image(point, part);
            terms.points.push_back({image.x(), image.y()}); // z is still 1
        }
    }
    return detail::sum_of(terms);
}

} // namespace

G1 multi_scalar_product(std::span<const Scalar> scalars, std::span<const G1> points)
{
    return sum_of_products<G1Curve>(scalars, points);
}

G2 multi_scalar_product(std::span<const Scalar> scalars, std::span<const G2> points)
{
    return sum_of_products<G2Curve>(scalars, points);
}

FixedBase::FixedBase(const G1& point)
{
    std::vector<G1> multiples;
    G1 base = point;
    for (std::size_t bit = 0; bit < 256; bit += window) {
        multiples.push_back(base);
        for (std::size_t i = 1; i < entries; ++i) multiples.push_back(multiples.back() + base);
        base = multiples.back() + base;
    }
    assert(!point.is_infinity());
    table_ = to_affine(std::span<const G1>{multiples});
}

G1 FixedBase::times(const Scalar& scalar) const
{
    detail::Limbs<4> words = scalar.to_words();
    G1 sum;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint64_t digit = words[i / 16] >> (i % 16 * window) & 15U;
        G1Affine entry = table_[i * entries]; // some point where the digit is 0
        for (std::uint64_t k = 2; k <= entries; ++k) {
            const std::uint64_t mask = detail::mask_if_equal(k, digit);
            entry.x.assign_if(mask, table_[i * entries + k - 1].x);
            entry.y.assign_if(mask, table_[i * entries + k - 1].y);
        }
        sum.assign_if(~detail::mask_if_equal(digit, 0), sum + entry);
    }
    detail::forget(words);
    return sum;
}

} // namespace cairn
