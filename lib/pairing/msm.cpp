#include "pairing/msm.hpp"

#include <algorithm>
#include <bit>

namespace cairn {
namespace {

/// Bits of a digit: what makes the sum of additions into buckets and of buckets least.
std::size_t window_for(std::size_t points, std::size_t bits)
{
    std::size_t best = 2;
    std::size_t least = SIZE_MAX;
    for (std::size_t window = 2; window <= 14; ++window) {
        const std::size_t windows = bits / window + 1;
        const std::size_t cost = windows * (points + (std::size_t{2} << (window - 1)));
        if (cost < least) {
            least = cost;
            best = window;
        }
    }
    return best;
}

/// Digits between -2^(window - 1) and 2^(window - 1), least first.
template <std::size_t Words>
void append_digits(std::vector<std::int32_t>& digits, const detail::Limbs<Words>& number,
                   std::size_t window, std::size_t count)
{
    const std::int32_t half = 1 << (window - 1);
    std::int32_t carry = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = i * window;
        std::uint64_t bits = 0;
        if (bit < Words * 64) {
            bits = number[bit / 64] >> (bit % 64);
            if (bit % 64 + window > 64 && bit / 64 + 1 < Words)
                bits |= number[bit / 64 + 1] << (64 - bit % 64);
        }
        auto digit = static_cast<std::int32_t>(bits & ((std::uint64_t{1} << window) - 1)) + carry;
        carry = digit > half ? 1 : 0;
        if (carry != 0) digit -= 1 << window;
        digits.push_back(digit);
    }
}

template <class Curve>
Point<Curve> sum_of_products(std::span<const Scalar> scalars, std::span<const Point<Curve>> points)
{
    assert(scalars.size() == points.size());
    // Each term as its parts, which are short, and whose points are images of one another.
    std::vector<Point<Curve>> images;
    std::vector<decltype(Curve::split(Scalar{}))> splits;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (points[i].is_infinity()) continue;
        splits.push_back(Curve::split(scalars[i]));
        for (std::size_t part = 0; part < splits.back().size(); ++part)
            images.push_back(Curve::image(points[i], part));
    }
    if (images.empty()) return {};
    const auto affine = to_affine(std::span<const Point<Curve>>{images});
    std::size_t bits = 0; // of the longest part
    for (const auto& split : splits)
        for (const auto& part : split)
            for (std::size_t word = 0; word < part.size(); ++word)
                if (part[word] != 0)
                    bits = std::max<std::size_t>(bits, 64 * word + std::bit_width(part[word]));
    const std::size_t window = window_for(affine.size(), bits);
    const std::size_t windows = bits / window + 1;
    std::vector<std::int32_t> digits;
    digits.reserve(affine.size() * windows);
    for (const auto& split : splits)
        for (const auto& part : split) append_digits(digits, part, window, windows);

    Point<Curve> sum;
    std::vector<Point<Curve>> buckets(std::size_t{1} << (window - 1));
    for (std::size_t i = windows; i-- > 0;) {
        for (std::size_t k = 0; k < window; ++k) sum = sum.doubled();
        std::ranges::fill(buckets, Point<Curve>{});
        for (std::size_t k = 0; k < affine.size(); ++k) {
            const std::int32_t digit = digits[k * windows + i];
            if (digit > 0)
                buckets[static_cast<std::size_t>(digit - 1)] += affine[k];
            else if (digit < 0)
                buckets[static_cast<std::size_t>(-digit - 1)] +=
                    AffinePoint<Curve>{affine[k].x, -affine[k].y};
        }
        Point<Curve> running;
        for (std::size_t k = buckets.size(); k-- > 0;) {
            running += buckets[k];
            sum += running;
        }
    }
    return sum;
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
    const detail::Limbs<4> words = scalar.to_words();
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
    return sum;
}

} // namespace cairn
