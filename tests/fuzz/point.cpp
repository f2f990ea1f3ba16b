#include "audit/proof.hpp"
#include "fuzz.hpp"
#include "pairing/hash_to_curve.hpp"

#include <algorithm>

// Points of both groups, compressed or not, numbers, and what consists of them alone.

namespace cairn {
namespace {

template <class Point>
Bytes compressed(const Point& point)
{
    Bytes bytes(Point::size);
    point.encode(bytes);
    return bytes;
}

template <class Point>
Bytes uncompressed(const Point& point)
{
    Bytes bytes(Point::uncompressed_size);
    point.encode_uncompressed(bytes);
    return bytes;
}

template <class Point>
void read_point(ByteView input)
{
    const auto point = Point::decode(input);
    if (!point) return;
    const bool is_short = input.size() == Point::size;
    require(is_short || input.size() == Point::uncompressed_size, "a point has one of two sizes");
    require(is_same(is_short ? compressed(*point) : uncompressed(*point), input),
            "a point is written as it was read");
    require(point->is_in_group(), "a point is of its group");
    require(Point::decode(compressed(*point)) == *point, "a compressed point is read");
    require(Point::decode(uncompressed(*point)) == *point, "an uncompressed point is read");
}

template <class Point>
void read_points(ByteView input)
{
    read_point<Point>(input);
    for (const std::size_t size : {Point::size, Point::uncompressed_size})
        if (input.size() > size) read_point<Point>(input.first(size));
    // One that is of the group for sure.
    if (!is_sampled(input, 64)) return;
    const ByteView number = front(input, Scalar::size);
    const Point point = Scalar::reduce(number) * Point::generator();
    read_point<Point>(compressed(point));
    read_point<Point>(uncompressed(-point));
}

} // namespace

void fuzz(ByteView input)
{
    read_points<G1>(input);
    read_points<G2>(input);
    if (is_sampled(input, 64)) read_point<G1>(compressed(hash_to_g1(input, "fuzz")));

    Bytes bytes(Scalar::size);
    if (input.size() >= bytes.size()) {
        const auto scalar = Scalar::decode(input.first(bytes.size()));
        if (scalar) scalar->encode(bytes);
        require(!scalar || is_same(bytes, input.first(bytes.size())),
                "a number is written as it was read");
    }
    bytes.resize(StorageProof::size);
    if (const auto proof = StorageProof::decode(input)) {
        proof->encode(bytes);
        require(is_same(bytes, input), "a proof is written as it was read");
    }
    bytes.resize(AuditKey::size);
    if (const auto key = AuditKey::decode(input, 1)) {
        key->encode(bytes);
        require(is_same(bytes, input), "a key is written as it was read");
    }
    if (const auto key = ProverKey::decode(input))
        require(is_same(key->encode(), input), "powers are written as they were read");
}

} // namespace cairn
