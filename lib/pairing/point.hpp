#pragma once

#include "pairing/detail/forget.hpp"
#include "pairing/scalar.hpp"

#include <array>
#include <cassert>
#include <vector>

// Points of the two groups of BLS12-381, in homogeneous coordinates, by the complete formulas of
// Renes, Costello and Batina (2016): there are no special cases, so nothing can be learned from
// whether one was met.

namespace cairn {

/// A point that is not at infinity, by its two coordinates.
template <class Curve>
struct AffinePoint {
    typename Curve::Field x;
    typename Curve::Field y;
};

/// A point of the group of a curve y^2 = x^3 + b: see g1.hpp and g2.hpp.
template <class Curve>
class Point {
public:
    using Field = typename Curve::Field;
    using Affine = AffinePoint<Curve>;

    static constexpr std::size_t size = Field::size;           ///< bytes, compressed
    static constexpr std::size_t uncompressed_size = 2 * size; ///< bytes

    Point() = default; ///< at infinity: the group's zero
    explicit Point(const Affine& affine) : x_{affine.x}, y_{affine.y}, z_{Field::one()} {}

    static const Point& generator()
    {
        static const Point point{Curve::generator()};
        return point;
    }

    /// Reads an encoding (that of Zcash, which IRTF's BLS drafts use too), of `size` bytes or of
    /// `uncompressed_size`; none unless it is the one that encode() writes, of a point of the
    /// group. Takes time that depends on it.
    static std::optional<Point> decode(ByteView bytes);

    /// Compressed: x and the sign of y. Needs `size` bytes.
    void encode(MutableByteView bytes) const;

    /// Both coordinates. Needs `uncompressed_size` bytes.
    void encode_uncompressed(MutableByteView bytes) const;

    [[nodiscard]] bool is_infinity() const { return z_.is_zero(); }

    /// Whether a point of the curve is one of the group. What decode() and hashes return is.
    [[nodiscard]] bool is_in_group() const { return Curve::is_in_group(*this); }

    /// Needs a point that is not at infinity.
    [[nodiscard]] Affine to_affine() const
    {
        assert(!is_infinity());
        const Field inverse = z_.inverse();
        return {x_ * inverse, y_ * inverse};
    }

    friend Point operator+(const Point& a, const Point& b)
    {
        const Field xx = a.x_ * b.x_;
        const Field yy = a.y_ * b.y_;
        const Field zz = a.z_ * b.z_;
        const Field xy = (a.x_ + a.y_) * (b.x_ + b.y_) - xx - yy;
        const Field yz = (a.y_ + a.z_) * (b.y_ + b.z_) - yy - zz;
        const Field xz = (a.x_ + a.z_) * (b.x_ + b.z_) - xx - zz;
        return sum_of({xx, yy, Curve::times_3b(zz), xy, yz, Curve::times_3b(xz)});
    }

    friend Point operator+(const Point& a, const Affine& b)
    {
        const Field xx = a.x_ * b.x;
        const Field yy = a.y_ * b.y;
        const Field xy = (a.x_ + a.y_) * (b.x + b.y) - xx - yy;
        const Field yz = b.y * a.z_ + a.y_;
        const Field xz = b.x * a.z_ + a.x_;
        return sum_of({xx, yy, Curve::times_3b(a.z_), xy, yz, Curve::times_3b(xz)});
    }

    Point operator-() const
    {
        Point point = *this;
        point.y_ = -point.y_;
        return point;
    }
    friend Point operator-(const Point& a, const Point& b) { return a + -b; }
    Point& operator+=(const Point& b) { return *this = *this + b; }
    Point& operator+=(const Affine& b) { return *this = *this + b; }
    Point& operator-=(const Point& b) { return *this = *this - b; }

    [[nodiscard]] Point doubled() const
    {
        const Field yy = y_.squared();
        const Field yz = y_ * z_;
        const Field zz = Curve::times_3b(z_.squared());
        const Field yy8 = yy.doubled().doubled().doubled();
        const Field low = yy - zz.doubled() - zz;
        Point point;
        point.x_ = (low * (x_ * y_)).doubled();
        point.y_ = zz * yy8 + low * (yy + zz);
        point.z_ = yz * yy8;
        return point;
    }

    /// The sum of so many of a point of the group. Takes the same time and reads the same addresses
    /// whatever the scalar is.
    friend Point operator*(const Scalar& scalar, const Point& point)
    {
        constexpr std::size_t window = 4; // bits
        std::array<Point, 16> multiples;
        for (std::size_t i = 1; i < multiples.size(); ++i) multiples[i] = multiples[i - 1] + point;
        auto digits = Curve::split(scalar);
        Point sum;
        for (std::size_t i = Curve::split_bits / window; i-- > 0;) {
            if (i + 1 < Curve::split_bits / window)
                for (std::size_t k = 0; k < window; ++k) sum = sum.doubled();
            for (std::size_t part = 0; part < digits.size(); ++part) {
                const std::size_t bit = i * window;
                const std::uint64_t digit = digits[part][bit / 64] >> (bit % 64) & 15U;
                sum += Curve::image(select(multiples, digit), part);
            }
        }
        detail::forget(digits);
        return sum;
    }

    /// The same for numbers that everybody may know, in the time they need.
    [[nodiscard]] Point times_public(std::uint64_t number) const
    {
        Point sum;
        for (unsigned i = 64; i-- > 0;) {
            sum = sum.doubled();
            if ((number >> i & 1U) != 0) sum += *this;
        }
        return sum;
    }

    friend bool operator==(const Point& a, const Point& b)
    {
        const bool is_same_x = a.x_ * b.z_ == b.x_ * a.z_;
        const bool is_same_y = a.y_ * b.z_ == b.y_ * a.z_;
        return is_same_x && is_same_y && a.is_infinity() == b.is_infinity();
    }

    /// `b` where the mask is all ones, else this; in place.
    void assign_if(std::uint64_t mask, const Point& b)
    {
        x_.assign_if(mask, b.x_);
        y_.assign_if(mask, b.y_);
        z_.assign_if(mask, b.z_);
    }

    /// Homogeneous coordinates: x = X / Z, y = Y / Z.
    [[nodiscard]] const Field& x() const noexcept { return x_; }
    [[nodiscard]] const Field& y() const noexcept { return y_; }
    [[nodiscard]] const Field& z() const noexcept { return z_; }

    /// Of coordinates that are known to lie on the curve.
    static Point from_coordinates(const Field& x, const Field& y, const Field& z)
    {
        Point point;
        point.x_ = x;
        point.y_ = y;
        point.z_ = z;
        return point;
    }

private:
    /// Sums of products of coordinates; zz and xz times 3 b.
    struct Products {
        Field xx, yy, zz, xy, yz, xz;
    };

    /// What both additions end in.
    static Point sum_of(const Products& p)
    {
        const Field xx3 = p.xx.doubled() + p.xx;
        const Field more = p.yy + p.zz;
        const Field less = p.yy - p.zz;
        Point point;
        point.x_ = p.xy * less - p.yz * p.xz;
        point.y_ = less * more + p.xz * xx3;
        point.z_ = more * p.yz + xx3 * p.xy;
        return point;
    }

    /// Reads all of them.
    static Point select(const std::array<Point, 16>& multiples, std::uint64_t digit)
    {
        Point point;
        for (std::uint64_t i = 1; i < multiples.size(); ++i)
            point.assign_if(detail::mask_if_equal(i, digit), multiples[i]);
        return point;
    }

    Field x_;
    Field y_ = Field::one();
    Field z_;
};

/// The coordinates of many points, none of them at infinity, for little more than one inversion.
template <class Curve>
std::vector<AffinePoint<Curve>> to_affine(std::span<const Point<Curve>> points)
{
    std::vector<typename Curve::Field> inverses;
    inverses.reserve(points.size());
    for (const auto& point : points) inverses.push_back(point.z());
    invert_all(std::span{inverses});
    std::vector<AffinePoint<Curve>> affine;
    affine.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i)
        affine.push_back({points[i].x() * inverses[i], points[i].y() * inverses[i]});
    return affine;
}

} // namespace cairn
