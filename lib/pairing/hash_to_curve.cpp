#include "pairing/hash_to_curve.hpp"

#include "base/cursor.hpp"
#include "hash/digest.hpp"
#include "pairing/detail/fp_lanes.hpp"
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

/// Half of the way of an element u to the curve that is met: x / d, of which y^2 is a ratio.
template <class Field>
struct Candidate {
    Field u, zu2, x, d, numerator, denominator;
};

/// Simplified Shallue-van de Woestijne-Ulas, RFC 9380, F.2.
template <class Field>
Candidate<Field> candidate_of(const Field& u)
{
    const Field* const kind = nullptr;
    const MetCurve<Field>& curve = met_curve(kind);
    const Field zu2 = curve.z * u.squared();
    const Field sum = zu2.squared() + zu2;
    const Field x = curve.b * (sum + Field::one());
    const Field d = curve.a * (sum.is_zero() ? curve.z : -sum);
    const Field d2 = d.squared();
    const Field d3 = d2 * d;
    return {u, zu2, x, d, (x.squared() + curve.a * d2) * x + curve.b * d3, d3};
}

/// The square root of a ratio, or of z times it where it has none.
template <class Field>
struct RatioRoot {
    bool is_square = false;
    Field root;
};

/// What is raised to the power of (p - 3) / 4 for it.
Fp base_of_root(const Candidate<Fp>& candidate)
{
    return candidate.numerator * candidate.denominator.squared() * candidate.denominator;
}

RatioRoot<Fp> root_of_ratio(const Candidate<Fp>& candidate, const Fp& power)
{
    static const Fp root_of_minus_z = [] { // z is not a square, so -z is
        const Fp* const kind = nullptr;
        return *square_root(-met_curve(kind).z);
    }();
    const Fp root = power * candidate.numerator * candidate.denominator;
    if (root.squared() * candidate.denominator == candidate.numerator) return {true, root};
    return {false, root * root_of_minus_z};
}

RatioRoot<Fp> root_of_ratio(const Candidate<Fp>& candidate)
{
    return root_of_ratio(candidate, base_of_root(candidate).power(detail::p_minus_3_over_4));
}

RatioRoot<Fp2> root_of_ratio(const Candidate<Fp2>& candidate)
{
    const Fp2* const kind = nullptr;
    const Fp2 ratio = candidate.numerator * candidate.denominator.inverse();
    if (const auto root = square_root(ratio)) return {true, *root};
    return {false, *square_root(ratio * met_curve(kind).z)};
}

/// The sum of c_i x^i d^(n - i).
template <class Field>
Field evaluate(const std::vector<Field>& coefficients, const Field& x,
               std::span<const Field> powers_of_d)
{
    const std::size_t degree = coefficients.size() - 1;
    Field sum = coefficients.back();
    for (std::size_t i = degree; i-- > 0;) {
        sum *= x;
        sum += coefficients[i] * powers_of_d[degree - i];
    }
    return sum;
}

/// The rest of the way, and then the isogeny. The point is on our curve, and not yet in the group.
template <class Curve>
Point<Curve> point_of(const Candidate<typename Curve::Field>& candidate,
                      const RatioRoot<typename Curve::Field>& found)
{
    using Field = typename Curve::Field;
    const Field* const kind = nullptr;
    const MetCurve<Field>& curve = met_curve(kind);
    Field x = candidate.x;
    Field y = found.root;
    if (!found.is_square) {
        x *= candidate.zu2;
        y *= candidate.zu2 * candidate.u;
    }
    if (is_odd(y) != is_odd(candidate.u)) y = -y;

    constexpr std::size_t degree_max = 15;
    std::array<Field, degree_max + 1> powers{Field::one()};
    for (std::size_t i = 1; i < curve.y_numerator.size(); ++i)
        powers[i] = powers[i - 1] * candidate.d;
    const std::span<const Field> d{powers};
    const Field x_numerator = evaluate(curve.x_numerator, x, d);
    const Field x_denominator =
        evaluate(curve.x_denominator, x, d) * candidate.d; // one degree less
    const Field y_numerator = evaluate(curve.y_numerator, x, d) * y;
    const Field y_denominator = evaluate(curve.y_denominator, x, d);
    const Field z = x_denominator * y_denominator;
    if (z.is_zero()) return {}; // the isogeny's kernel
    return Point<Curve>::from_coordinates(x_numerator * y_denominator, y_numerator * x_denominator,
                                          z);
}

template <class Curve>
Point<Curve> map_to_curve(const typename Curve::Field& u)
{
    const auto candidate = candidate_of(u);
    return point_of<Curve>(candidate, root_of_ratio(candidate));
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

/// The field elements that a message is hashed to.
template <class Field>
std::vector<Field> hash_to_fields(ByteView message, std::string_view tag, std::size_t elements)
{
    const std::size_t each = Field::size / Fp::size * element_size;
    const Bytes uniform = expand_message(message, tag, elements * each);
    ByteView rest = uniform;
    const Field* const kind = nullptr;
    std::vector<Field> fields;
    for (std::size_t i = 0; i < elements; ++i) fields.push_back(to_field(rest, kind));
    return fields;
}

template <class Curve>
Point<Curve> hash_to_group(ByteView message, std::string_view tag, std::size_t elements)
{
    Point<Curve> sum;
    for (const auto& field : hash_to_fields<typename Curve::Field>(message, tag, elements))
        sum += map_to_curve<Curve>(field);
    return Curve::clear_cofactor(sum);
}

/// What hash_to_g1() leads into the group, of many messages at once.
std::vector<G1> hash_all_to_curve(std::span<const Bytes> messages, std::string_view tag)
{
    std::vector<Candidate<Fp>> candidates;
    std::vector<Fp> powers;
    for (const Bytes& message : messages)
        for (const Fp& field : hash_to_fields<Fp>(message, tag, 2)) {
            candidates.push_back(candidate_of(field));
            powers.push_back(base_of_root(candidates.back()));
        }
    detail::raise_to_p_minus_3_over_4(powers);
    const auto point = [&](std::size_t i) {
        return point_of<G1Curve>(candidates[i], root_of_ratio(candidates[i], powers[i]));
    };
    std::vector<G1> points;
    for (std::size_t i = 0; i < candidates.size(); i += 2)
        points.push_back(point(i) + point(i + 1));
    return points;
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
    const std::vector<G1> all = hash_all_to_curve(messages, tag);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].is_infinity()) continue;
        points.push_back(all[i]);
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
