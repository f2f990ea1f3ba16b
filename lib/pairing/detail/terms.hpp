#pragma once

#include "pairing/point.hpp"

#include <algorithm>
#include <bit>

// Sums of numbers times points, both public. Few are summed with the multiples of each in a table
// (Straus, 1964); many by buckets (Pippenger, 1976), whose points are added in affine coordinates,
// with one inversion for all.

namespace cairn::detail {

using Number = Limbs<4>;

template <std::size_t Words>
Number extended(const Limbs<Words>& number)
{
    Number longer{};
    std::ranges::copy(number, longer.begin());
    return longer;
}

/// As many of both; points of the curve, in the group or not.
template <class Curve>
struct Terms {
    std::vector<AffinePoint<Curve>> points;
    std::vector<Number> numbers;
};

inline std::size_t bit_width(std::span<const Number> numbers)
{
    Number all{};
    for (const Number& number : numbers)
        for (std::size_t i = 0; i < all.size(); ++i) all[i] |= number[i];
    std::size_t width = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i] != 0) width = 64 * i + static_cast<std::size_t>(std::bit_width(all[i]));
    return width;
}

/// So many bits of a number from some on; zeros above its end.
inline std::uint64_t bits_of(const Number& number, std::size_t begin, std::size_t count)
{
    if (begin >= 256) return 0;
    std::uint64_t bits = number[begin / 64] >> (begin % 64);
    if (begin % 64 + count > 64 && begin / 64 + 1 < number.size())
        bits |= number[begin / 64 + 1] << (64 - begin % 64);
    return bits & ((std::uint64_t{1} << count) - 1);
}

inline constexpr std::size_t table_window = 5; // bits: digits are odd and below 16, or 0

/// The digit of each bit, least first, as far as `digits` goes: no two of five in a row are not 0.
inline void put_sparse_digits(std::span<std::int16_t> digits, const Number& number)
{
    std::uint64_t carry = 0;
    for (std::size_t bit = 0; bit < digits.size();) {
        if ((bits_of(number, bit, 1) ^ carry) == 0) {
            ++bit;
            continue;
        }
        const std::uint64_t digit = bits_of(number, bit, table_window) + carry;
        carry = digit >> (table_window - 1);
        digits[bit] = static_cast<std::int16_t>(static_cast<std::int64_t>(digit) -
                                                static_cast<std::int64_t>(carry << table_window));
        bit += table_window;
    }
}

template <class Curve>
AffinePoint<Curve> negated(const AffinePoint<Curve>& point)
{
    return {point.x, -point.y};
}

template <class Curve>
Point<Curve> sum_by_tables(const Terms<Curve>& terms)
{
    constexpr std::size_t entries = std::size_t{1} << (table_window - 2); // odd multiples
    std::vector<Point<Curve>> multiples;
    multiples.reserve(terms.points.size() * entries);
    for (const auto& point : terms.points) {
        multiples.push_back(Point<Curve>{point});
        const Point<Curve> twice = multiples.back().doubled();
        for (std::size_t i = 1; i < entries; ++i) multiples.push_back(multiples.back() + twice);
    }
    // A multiple is at infinity only for points of a small order, which take the slow way.
    const auto is_infinity = [](const auto& point) { return point.is_infinity(); };
    const bool is_small = std::ranges::any_of(multiples, is_infinity);
    const auto table = is_small ? std::vector<AffinePoint<Curve>>{}
                                : to_affine(std::span<const Point<Curve>>{multiples});
    const std::size_t bits = bit_width(terms.numbers) + 1;
    std::vector<std::int16_t> digits(terms.points.size() * bits);
    for (std::size_t i = 0; i < terms.points.size(); ++i)
        put_sparse_digits(std::span{digits}.subspan(i * bits, bits), terms.numbers[i]);
    Point<Curve> sum;
    for (std::size_t bit = bits; bit-- > 0;) {
        sum = sum.doubled();
        for (std::size_t i = 0; i < terms.points.size(); ++i) {
            const int digit = digits[i * bits + bit];
            if (digit == 0) continue;
            const std::size_t at = i * entries + static_cast<std::size_t>(std::abs(digit)) / 2;
            if (is_small)
                sum += digit > 0 ? multiples[at] : -multiples[at];
            else
                sum += digit > 0 ? table[at] : negated(table[at]);
        }
    }
    return sum;
}

/// Points that go to buckets, and what each bucket has in the end: their sum.
template <class Curve>
class Buckets {
public:
    using Affine = AffinePoint<Curve>;
    using Field = typename Curve::Field;

    explicit Buckets(std::size_t count) : begins_(count + 1), sizes_(count) {}

    /// Sorts points to buckets by the digits, minus them where those are negative; bucket i is that
    /// of digit i + 1.
    void fill(std::span<const Affine> points, std::span<const std::int32_t> digits)
    {
        std::ranges::fill(sizes_, 0);
        for (const std::int32_t digit : digits)
            if (digit != 0) ++sizes_[bucket_of(digit)];
        for (std::size_t i = 0; i < sizes_.size(); ++i) begins_[i + 1] = begins_[i] + sizes_[i];
        points_.resize(begins_.back());
        std::ranges::fill(sizes_, 0);
        for (std::size_t i = 0; i < digits.size(); ++i) {
            if (digits[i] == 0) continue;
            const std::size_t bucket = bucket_of(digits[i]);
            points_[begins_[bucket] + sizes_[bucket]++] =
                digits[i] > 0 ? points[i] : negated(points[i]);
        }
    }

    /// Adds all points of each bucket, by pairs.
    void add_all()
    {
        while (add_pairs()) {
        }
    }

    /// The sum of i + 1 times bucket i.
    [[nodiscard]] Point<Curve> weighted_sum() const
    {
        Point<Curve> running;
        Point<Curve> sum;
        for (std::size_t i = sizes_.size(); i-- > 0;) {
            if (sizes_[i] != 0) running += points_[begins_[i]];
            sum += running;
        }
        return sum;
    }

private:
    static std::size_t bucket_of(std::int32_t digit)
    {
        return static_cast<std::size_t>(std::abs(digit)) - 1;
    }

    /// Halves the points of each bucket; false when none had two.
    bool add_pairs()
    {
        denominators_.clear();
        for (std::size_t bucket = 0; bucket < sizes_.size(); ++bucket) {
            const Affine* const points = points_.data() + begins_[bucket];
            for (std::size_t i = 0; i + 1 < sizes_[bucket]; i += 2)
                denominators_.push_back(denominator_of(points[i], points[i + 1]));
        }
        if (denominators_.empty()) return false;
        invert_all(std::span{denominators_});
        std::size_t next = 0;
        for (std::size_t bucket = 0; bucket < sizes_.size(); ++bucket) {
            Affine* const points = points_.data() + begins_[bucket];
            const std::size_t size = sizes_[bucket];
            std::size_t kept = 0;
            for (std::size_t i = 0; i + 1 < size; i += 2) {
                const Field& inverse = denominators_[next++];
                if (!inverse.is_zero()) points[kept++] = sum_of(points[i], points[i + 1], inverse);
            }
            if (size % 2 != 0) points[kept++] = points[size - 1];
            sizes_[bucket] = kept;
        }
        return true;
    }

    /// Of the slope through two points; 0 of opposite ones, whose sum is at infinity.
    static Field denominator_of(const Affine& a, const Affine& b)
    {
        return a.x == b.x ? a.y + b.y : b.x - a.x;
    }

    static Affine sum_of(const Affine& a, const Affine& b, const Field& inverse)
    {
        Field slope = b.y - a.y;
        if (a.x == b.x) {
            slope = a.x.squared();
            slope += slope.doubled();
        }
        slope *= inverse;
        const Field x = slope.squared() - a.x - b.x;
        return {x, slope * (a.x - x) - a.y};
    }

    std::vector<Affine> points_;      // by bucket
    std::vector<std::size_t> begins_; // of the buckets, and the end
    std::vector<std::size_t> sizes_;
    std::vector<Field> denominators_;
};

/// Bits of a digit: what makes the sum of additions into buckets and of buckets least.
inline std::size_t window_for(std::size_t points, std::size_t bits)
{
    std::size_t best = 2;
    std::size_t least = SIZE_MAX;
    for (std::size_t window = 2; window <= 16; ++window) {
        // A bucket takes two additions that cost more than twice as much as those of pairs.
        const std::size_t cost = (bits / window + 1) * (points + (std::size_t{5} << (window - 1)));
        if (cost < least) {
            least = cost;
            best = window;
        }
    }
    return best;
}

template <class Curve>
Point<Curve> sum_by_buckets(const Terms<Curve>& terms)
{
    const std::size_t bits = bit_width(terms.numbers);
    const std::size_t window = window_for(terms.points.size(), bits);
    const std::size_t windows = bits / window + 1;
    // Digits from -2^(window - 1) to 2^(window - 1).
    std::vector<std::int32_t> digits(terms.points.size() * windows);
    for (std::size_t k = 0; k < terms.points.size(); ++k) {
        std::int32_t carry = 0;
        for (std::size_t i = 0; i < windows; ++i) {
            auto digit =
                static_cast<std::int32_t>(bits_of(terms.numbers[k], i * window, window)) + carry;
            carry = digit > 1 << (window - 1) ? 1 : 0;
            digits[i * terms.points.size() + k] = digit - (carry << window);
        }
    }
    Point<Curve> sum;
    Buckets<Curve> buckets{std::size_t{1} << (window - 1)};
    for (std::size_t i = windows; i-- > 0;) {
        for (std::size_t k = 0; k < window; ++k) sum = sum.doubled();
        buckets.fill(terms.points, std::span<const std::int32_t>{digits}.subspan(
                                       i * terms.points.size(), terms.points.size()));
        buckets.add_all();
        sum += buckets.weighted_sum();
    }
    return sum;
}

/// The sum of numbers[i] times points[i], as whole numbers.
template <class Curve>
Point<Curve> sum_of(const Terms<Curve>& terms)
{
    constexpr std::size_t few = 128; // points
    if (terms.points.empty()) return {};
    return terms.points.size() <= few ? sum_by_tables(terms) : sum_by_buckets(terms);
}

} // namespace cairn::detail
