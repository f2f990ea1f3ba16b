#include "pairing/hash_to_curve.hpp"

#include "base/cursor.hpp"
#include "hash/digest.hpp"
#include "pairing/detail/isogeny.hpp"
#include "pairing/detail/terms.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

using detail::Fp;
using detail::Fp2;
using detail::Limbs;

namespace {

constexpr std::size_t element_size =
    64;                                // bytes that are reduced modulo p: 128 bits more than p has
constexpr std::size_t block_size = 64; // bytes, of SHA-256

/// The curve that hashing meets, y^2 = x^3 + a x + b, with an isogeny to ours.
template <class Field>
struct MetCurve {
    Field a, b;
    Field z; ///< not a square
    std::vector<Field> x_numerator, x_denominator, y_numerator, y_denominator;
};

template <std::size_t Words>
std::vector<Fp> to_fields(const std::array<Limbs<6>, Words>& words)
{
    std::vector<Fp> fields;
    fields.reserve(words.size());
    for (const Limbs<6>& each : words) fields.push_back(Fp::from_words(each));
    return fields;
}

template <std::size_t Words>
std::vector<Fp2> to_fields(const std::array<detail::Fp2Words, Words>& words)
{
    std::vector<Fp2> fields;
    fields.reserve(words.size());
    for (const auto& each : words)
        fields.push_back({Fp::from_words(each.real), Fp::from_words(each.imaginary)});
    return fields;
}

const MetCurve<Fp>& met_curve(const Fp* /*kind*/)
{
    static const MetCurve<Fp> curve{
        Fp::from_words({0x5cf428082d584c1d, 0x98936f8da0e0f97f, 0xd8e8981aefd881ac,
                        0xb0ea985383ee66a8, 0x3d693a02c96d4982, 0x00144698a3b8e943}),
        Fp::from_words({0xd1cc48e98e172be0, 0x5a23215a316ceaa5, 0xa0b9c14fcef35ef5,
                        0x2016c1f0f24f4070, 0x018b12e8753eee3b, 0x12e2908d11688030}),
        Fp::from_number(11),
        to_fields(detail::g1_x_numerator),
        to_fields(detail::g1_x_denominator),
        to_fields(detail::g1_y_numerator),
        to_fields(detail::g1_y_denominator)};
    return curve;
}

const MetCurve<Fp2>& met_curve(const Fp2* /*kind*/)
{
    static const MetCurve<Fp2> curve{
        {{}, Fp::from_number(240)},          {Fp::from_number(1012), Fp::from_number(1012)},
        -Fp2{Fp::from_number(2), Fp::one()}, to_fields(detail::g2_x_numerator),
        to_fields(detail::g2_x_denominator), to_fields(detail::g2_y_numerator),
        to_fields(detail::g2_y_denominator)};
    return curve;
}

/// The square root of a ratio, or of z times it where it has none.
template <class Field>
struct RatioRoot {
    bool is_square = false;
    Field root;
};

RatioRoot<Fp> root_of_ratio(const Fp& numerator, const Fp& denominator, const Fp& z)
{
    static const Fp root_of_minus_z = *square_root(-z); // z is not a square, so -z is
    const Fp product = numerator * denominator;
    const Fp root = (product * denominator.squared()).power(detail::p_minus_3_over_4) * product;
    if (root.squared() * denominator == numerator) return {true, root};
    return {false, root * root_of_minus_z};
}

RatioRoot<Fp2> root_of_ratio(const Fp2& numerator, const Fp2& denominator, const Fp2& z)
{
    const Fp2 ratio = numerator * denominator.inverse();
    if (const auto root = square_root(ratio)) return {true, *root};
    return {false, *square_root(ratio * z)};
}

/// The sum of c_i x^i d^(n - i).
template <class Field>
Field evaluate(const std::vector<Field>& coefficients, const Field& x, const Field& d)
{
    Field sum = coefficients.back();
    Field power = Field::one();
    for (std::size_t i = coefficients.size() - 1; i-- > 0;) {
        power *= d;
        sum = sum * x + coefficients[i] * power;
    }
    return sum;
}

/// Simplified Shallue-van de Woestijne-Ulas, RFC 9380, F.2, and then the isogeny. The point is on
/// our curve, and not yet in the group.
template <class Curve>
Point<Curve> map_to_curve(const typename Curve::Field& u)
{
    using Field = typename Curve::Field;
    const Field* const kind = nullptr;
    const MetCurve<Field>& curve = met_curve(kind);
    const Field zu2 = curve.z * u.squared();
    const Field sum = zu2.squared() + zu2;
    Field x = curve.b * (sum + Field::one());
    const Field d = curve.a * (sum.is_zero() ? curve.z : -sum);
    const Field d2 = d.squared();
    const Field numerator = (x.squared() + curve.a * d2) * x + curve.b * d2 * d;
    const RatioRoot<Field> found = root_of_ratio(numerator, d2 * d, curve.z);
    Field y = found.root;
    if (!found.is_square) {
        x *= zu2;
        y *= zu2 * u;
    }
    if (is_odd(y) != is_odd(u)) y = -y;

    const Field x_numerator = evaluate(curve.x_numerator, x, d);
    const Field x_denominator = evaluate(curve.x_denominator, x, d) * d; // one degree less
    const Field y_numerator = evaluate(curve.y_numerator, x, d) * y;
    const Field y_denominator = evaluate(curve.y_denominator, x, d);
    const Field z = x_denominator * y_denominator;
    if (z.is_zero()) return {}; // the isogeny's kernel
    return Point<Curve>::from_coordinates(x_numerator * y_denominator, y_numerator * x_denominator,
                                          z);
}

Fp to_field(ByteView& bytes, const Fp* /*kind*/)
{
    const Fp element = Fp::reduce(bytes.first(element_size));
    bytes = bytes.subspan(element_size);
    return element;
}

Fp2 to_field(ByteView& bytes, const Fp2* /*kind*/)
{
    const Fp* const part = nullptr;
    const Fp real = to_field(bytes, part);
    return {real, to_field(bytes, part)};
}

/// A point of the curve that is not yet in the group.
template <class Curve>
Point<Curve> hash_to_curve(ByteView message, std::string_view tag, std::size_t elements)
{
    using Field = typename Curve::Field;
    const std::size_t each = Field::size / Fp::size * element_size;
    const Bytes uniform = expand_message(message, tag, elements * each);
    ByteView rest = uniform;
    const Field* const kind = nullptr;
    Point<Curve> sum;
    for (std::size_t i = 0; i < elements; ++i) sum += map_to_curve<Curve>(to_field(rest, kind));
    return sum;
}

template <class Curve>
Point<Curve> hash_to_group(ByteView message, std::string_view tag, std::size_t elements)
{
    return Curve::clear_cofactor(hash_to_curve<Curve>(message, tag, elements));
}

} // namespace

Bytes expand_message(ByteView message, std::string_view tag, std::size_t size)
{
    assert(size <= 255 * Sha256Digest::size);
    Bytes tail; // of each message that is hashed
    if (tag.size() <= 255) {
        tail.assign(as_bytes(tag).begin(), as_bytes(tag).end());
    } else {
        Bytes text;
        Writer writer{text};
        writer.put(as_bytes("H2C-OVERSIZE-DST-"));
        writer.put(as_bytes(tag));
        const Sha256Digest digest = sha256(text);
        tail.assign(digest.bytes.begin(), digest.bytes.end());
    }
    tail.push_back(static_cast<std::byte>(tail.size()));
    Bytes first(block_size);
    Writer writer{first};
    writer.put(message);
    first.push_back(static_cast<std::byte>(size >> 8U));
    first.push_back(static_cast<std::byte>(size));
    first.push_back(std::byte{0});
    writer.put(tail);
    const Sha256Digest start = sha256(first);
    Bytes uniform;
    Sha256Digest block{};
    for (unsigned i = 1; uniform.size() < size; ++i) {
        Bytes text;
        for (std::size_t k = 0; k < Sha256Digest::size; ++k)
            text.push_back(start.bytes[k] ^ block.bytes[k]);
        text.push_back(static_cast<std::byte>(i));
        Writer{text}.put(tail);
        block = sha256(text);
        Writer{uniform}.put(block.bytes);
    }
    uniform.resize(size);
    return uniform;
}

G1 hash_to_g1(ByteView message, std::string_view tag)
{
    return hash_to_group<G1Curve>(message, tag, 2);
}

G1 sum_of_hashes(std::span<const Scalar> scalars, std::span<const Bytes> messages,
                 std::string_view tag)
{
    assert(scalars.size() == messages.size());
    std::vector<G1> points;
    detail::Terms<G1Curve> terms;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const G1 point = hash_to_curve<G1Curve>(messages[i], tag, 2);
        if (point.is_infinity()) continue;
        points.push_back(point);
        terms.numbers.push_back(scalars[i].to_words());
    }
    terms.points = to_affine(std::span<const G1>{points});
    return G1Curve::clear_cofactor(detail::sum_of(terms));
}

G1 encode_to_g1(ByteView message, std::string_view tag)
{
    return hash_to_group<G1Curve>(message, tag, 1);
}

G2 hash_to_g2(ByteView message, std::string_view tag)
{
    return hash_to_group<G2Curve>(message, tag, 2);
}

G2 encode_to_g2(ByteView message, std::string_view tag)
{
    return hash_to_group<G2Curve>(message, tag, 1);
}

std::optional<G1> map_to_g1(ByteView elements)
{
    G1 sum;
    for (; !elements.empty(); elements = elements.subspan(Fp::size)) {
        const auto element = Fp::decode(elements.first(Fp::size));
        if (!element) return std::nullopt;
        sum += map_to_curve<G1Curve>(*element);
    }
    return G1Curve::clear_cofactor(sum);
}

std::optional<G2> map_to_g2(ByteView elements)
{
    G2 sum;
    for (; !elements.empty(); elements = elements.subspan(Fp2::size)) {
        const auto real = Fp::decode(elements.first(Fp::size));
        const auto imaginary = Fp::decode(elements.subspan(Fp::size, Fp::size));
        if (!real || !imaginary) return std::nullopt;
        sum += map_to_curve<G2Curve>({*real, *imaginary});
    }
    return G2Curve::clear_cofactor(sum);
}

} // namespace cairn
