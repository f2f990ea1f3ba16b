#include "pairing/g1.hpp"
#include "pairing/g2.hpp"
#include "pairing/msm.hpp"
#include "pairing/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

template <class Point>
Bytes uncompressed(const Point& point)
{
    Bytes bytes(Point::uncompressed_size);
    point.encode_uncompressed(bytes);
    return bytes;
}

/// Entry i of the files is i times the generator.
template <class Point>
void check_encodings(const std::string& group)
{
    const std::string compressed = vector_text(group + "_compressed.dat");
    const std::string plain = vector_text(group + "_uncompressed.dat");
    REQUIRE(compressed.size() == 667 * Point::size);
    REQUIRE(plain.size() == 667 * Point::uncompressed_size);
    Point point;
    for (std::size_t i = 0; i < 667; ++i) {
        const ByteView small = as_bytes(compressed).subspan(i * Point::size, Point::size);
        const ByteView large =
            as_bytes(plain).subspan(i * Point::uncompressed_size, Point::uncompressed_size);
        CHECK(std::ranges::equal(encoded(point), small));
        CHECK(std::ranges::equal(uncompressed(point), large));
        if (i % 8 == 0 || i < 8) {
            const auto from_small = Point::decode(small);
            const auto from_large = Point::decode(large);
            REQUIRE(from_small);
            REQUIRE(from_large);
            CHECK(*from_small == point);
            CHECK(*from_large == point);
        }
        point += Point::generator();
    }
}

template <class Point>
void check_group_laws()
{
    const Point g = Point::generator();
    const Point infinity;
    CHECK(g.is_in_group());
    CHECK(infinity.is_in_group());
    CHECK(g + infinity == g);
    CHECK(infinity + g == g);
    CHECK(infinity + infinity == infinity);
    CHECK((g - g).is_infinity());
    CHECK(infinity.doubled().is_infinity());
    CHECK(g + g == g.doubled());
    CHECK(g + g.to_affine() == g.doubled());
    CHECK(infinity + g.to_affine() == g);
    CHECK_FALSE(g == infinity);
    CHECK_FALSE(g == -g);
    CHECK((Scalar{} * g).is_infinity());
    CHECK(Scalar{1} * g == g);
    CHECK(-Scalar{1} * g == -g);
    CHECK((Scalar{5} * infinity).is_infinity());
    for (std::uint64_t i = 0; i < 8; ++i) {
        const Scalar a = drawn_scalar(2 * i);
        const Scalar b = drawn_scalar(2 * i + 1);
        const Point p = a * g;
        CHECK(p.is_in_group());
        CHECK(b * p == (a * b) * g);
        CHECK(p + b * g == (a + b) * g);
        CHECK(Scalar{i} * g == g.times_public(i));
        CHECK(*Point::decode(encoded(p)) == p);
        CHECK(*Point::decode(uncompressed(p)) == p);
        CHECK(Point{p.to_affine()} == p);
        // Times z and z^2, by the way that knows no endomorphism.
        const Scalar z{detail::curve_z};
        CHECK(z * p == p.times_public(detail::curve_z));
        CHECK(z * z * p == p.times_public(detail::curve_z).times_public(detail::curve_z));
    }
}

/// Nothing but what encode() writes is read.
template <class Point>
void check_strictness()
{
    for (const Point& point : {Point{}, Point::generator(), drawn_scalar(3) * Point::generator()})
        for (const Bytes& good : {encoded(point), uncompressed(point)}) {
            for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
                Bytes bad = good;
                bad[bit / 8] ^= std::byte{static_cast<unsigned char>(0x80U >> bit % 8)};
                const auto read = Point::decode(bad);
                if (!read) continue;
                // Another point, by its own encoding: a flipped sign, or luck with x.
                const bool is_small = bad.size() == Point::size;
                CHECK((is_small ? encoded(*read) : uncompressed(*read)) == bad);
                CHECK_FALSE(*read == point);
            }
            for (const std::size_t size : {std::size_t{0}, std::size_t{1}, good.size() - 1})
                CHECK_FALSE(Point::decode(ByteView{good}.first(size)));
            Bytes longer = good;
            longer.push_back(std::byte{0});
            CHECK_FALSE(Point::decode(longer));
        }
}

} // namespace

TEST_CASE("multiples of the generators have the encodings that others give them")
{
    on_each_kernel([] {
        check_encodings<G1>("g1");
        check_encodings<G2>("g2");
    });
}

TEST_CASE("points add, and scalars multiply them")
{
    on_each_kernel([] {
        check_group_laws<G1>();
        check_group_laws<G2>();
    });
}

TEST_CASE("no point has two encodings")
{
    on_each_kernel([] {
        check_strictness<G1>();
        check_strictness<G2>();
    });
}

TEST_CASE("points of the curves that are not in the groups are refused")
{
    on_each_kernel([] {
        // (0, 2) has order 3, and each x that is on the curve is a point, mostly outside.
        Bytes small(G1::size);
        small.front() = std::byte{0x80};
        CHECK_FALSE(G1::decode(small));
        std::size_t met = 0;
        for (unsigned i = 1; i < 40; ++i) {
            Bytes g1(G1::size);
            g1.front() = std::byte{0x80};
            g1.back() = static_cast<std::byte>(i);
            Bytes g2(G2::size);
            g2.front() = std::byte{0x80};
            g2.back() = static_cast<std::byte>(i);
            CHECK_FALSE(G1::decode(g1));
            CHECK_FALSE(G2::decode(g2));
            const detail::Fp x = detail::Fp::from_number(i);
            const auto y = square_root(x.squared() * x + G1Curve::b());
            if (!y) continue;
            ++met;
            const G1 point{G1Affine{x, *y}};
            CHECK_FALSE(point.is_in_group());
            CHECK(G1Curve::clear_cofactor(point).is_in_group());
        }
        CHECK(met > 10);
    });
}

TEST_CASE("scalars are numbers modulo r, and have one encoding")
{
    on_each_kernel([] {
        const Scalar minus_one = -Scalar{1};
        Bytes bytes(Scalar::size);
        minus_one.encode(bytes);
        CHECK(Scalar::decode(bytes) == minus_one);
        CHECK((minus_one + Scalar{1}).is_zero());
        bytes.back() = std::byte{1}; // r itself: r - 1 ends in 0
        CHECK_FALSE(Scalar::decode(bytes));
        CHECK(Scalar::reduce(bytes).is_zero());
        CHECK_FALSE(Scalar::decode(Bytes(32, std::byte{0xff})));
        CHECK(Scalar{}.inverse().is_zero());
        for (std::uint64_t i = 0; i < 20; ++i) {
            const Scalar a = drawn_scalar(i);
            CHECK(a * a.inverse() == Scalar{1});
            Bytes wide(64);
            a.encode(MutableByteView{wide}.last(32));
            CHECK(Scalar::reduce(wide) == a);
            wide.front() = std::byte{1}; // plus 2^504
            Scalar power{1};
            for (int k = 0; k < 504; ++k) power += power;
            CHECK(Scalar::reduce(wide) == a + power);
        }
    });
}

TEST_CASE("many products sum up as few do, whatever meets in their buckets")
{
    on_each_kernel([] {
        // The same point many times, and opposite ones: sums that double, and that vanish.
        for (const std::size_t count : {129U, 200U, 500U}) {
            std::vector<Scalar> scalars;
            std::vector<G1> points;
            Scalar total;
            for (std::uint64_t i = 0; i < count; ++i) {
                const bool is_same = i % 3 == 0;
                scalars.push_back(is_same ? Scalar{77} : drawn_scalar(i));
                const Scalar at{is_same ? 5 : i % 10};
                const bool is_opposite = i % 6 == 3;
                points.push_back((is_opposite ? -at : at) * G1::generator());
                total += scalars.back() * (is_opposite ? -at : at);
            }
            CHECK(multi_scalar_product(scalars, std::span<const G1>{points}) ==
                  total * G1::generator());
        }
    });
}

TEST_CASE("sums of products are what each gives")
{
    on_each_kernel([] {
        std::vector<Scalar> scalars;
        std::vector<G1> points;
        std::vector<G2> twisted;
        G1 sum;
        G2 twisted_sum;
        for (std::uint64_t i = 0; i < 70; ++i) {
            CHECK(multi_scalar_product(scalars, std::span<const G1>{points}) == sum);
            if (i < 20)
                CHECK(multi_scalar_product(scalars, std::span<const G2>{twisted}) == twisted_sum);
            // Short ones, zeros, the largest, the same twice, and infinity.
            scalars.push_back(i % 7 == 0 ? Scalar{i} : i % 7 == 1 ? -Scalar{1} : drawn_scalar(i));
            points.push_back(i % 11 == 5 ? G1{} : drawn_scalar(i / 2) * G1::generator());
            twisted.push_back(i % 11 == 5 ? G2{} : drawn_scalar(i / 2) * G2::generator());
            sum += scalars.back() * points.back();
            twisted_sum += scalars.back() * twisted.back();
        }
        const FixedBase base{points[2]};
        for (const Scalar& scalar : scalars) CHECK(base.times(scalar) == scalar * points[2]);
    });
}
