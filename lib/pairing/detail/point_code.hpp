#pragma once

#include "pairing/detail/tower.hpp"
#include "pairing/point.hpp"

#include <algorithm>

// What of points is instantiated once, in g1.cpp and g2.cpp: encodings.

namespace cairn {
namespace detail {

inline constexpr unsigned is_compressed = 0x80;
inline constexpr unsigned is_at_infinity = 0x40;
inline constexpr unsigned has_large_y = 0x20;

inline void encode_field(const Fp& a, MutableByteView bytes)
{
    a.encode(bytes);
}

/// The imaginary part first.
inline void encode_field(const Fp2& a, MutableByteView bytes)
{
    a.imaginary.encode(bytes.first(Fp::size));
    a.real.encode(bytes.subspan(Fp::size));
}

inline std::optional<Fp> decode_field(ByteView bytes, const Fp* /*kind*/)
{
    return Fp::decode(bytes);
}

inline std::optional<Fp2> decode_field(ByteView bytes, const Fp2* /*kind*/)
{
    const auto imaginary = Fp::decode(bytes.first(Fp::size));
    const auto real = Fp::decode(bytes.subspan(Fp::size));
    if (!imaginary || !real) return std::nullopt;
    return Fp2{*real, *imaginary};
}

} // namespace detail

template <class Curve>
std::optional<Point<Curve>> Point<Curve>::decode(ByteView bytes)
{
    if (bytes.size() != size && bytes.size() != uncompressed_size) return std::nullopt;
    const bool is_short = bytes.size() == size;
    Bytes copy{bytes.begin(), bytes.end()};
    const auto flags = std::to_integer<unsigned>(copy.front());
    copy.front() &= std::byte{0x1f};
    if (((flags & detail::is_compressed) != 0) != is_short) return std::nullopt;
    const bool is_large_y = (flags & detail::has_large_y) != 0;
    if ((flags & detail::is_at_infinity) != 0) {
        const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
        if (is_large_y || !std::ranges::all_of(copy, is_zero)) return std::nullopt;
        return Point{};
    }
    const ByteView view = copy;
    const Field* const kind = nullptr;
    const auto x = detail::decode_field(view.first(size), kind);
    if (!x) return std::nullopt;
    const Field square = x->squared() * *x + Curve::b();
    Point point;
    if (is_short) {
        const auto root = detail::square_root(square);
        if (!root) return std::nullopt;
        const Field y = detail::is_large(*root) == is_large_y ? *root : -*root;
        if (detail::is_large(y) != is_large_y) return std::nullopt; // y is 0
        point = Point{Affine{*x, y}};
    } else {
        const auto y = detail::decode_field(view.subspan(size), kind);
        if (is_large_y || !y || !(y->squared() == square)) return std::nullopt;
        point = Point{Affine{*x, *y}};
    }
    return point.is_in_group() ? std::optional{point} : std::nullopt;
}

template <class Curve>
void Point<Curve>::encode(MutableByteView bytes) const
{
    std::ranges::fill(bytes, std::byte{0});
    unsigned flags = detail::is_compressed | detail::is_at_infinity;
    if (!is_infinity()) {
        const Affine affine = to_affine();
        detail::encode_field(affine.x, bytes);
        flags = detail::is_compressed | (detail::is_large(affine.y) ? detail::has_large_y : 0);
    }
    bytes.front() |= static_cast<std::byte>(flags);
}

template <class Curve>
void Point<Curve>::encode_uncompressed(MutableByteView bytes) const
{
    std::ranges::fill(bytes, std::byte{0});
    if (is_infinity()) {
        bytes.front() = std::byte{detail::is_at_infinity};
        return;
    }
    const Affine affine = to_affine();
    detail::encode_field(affine.x, bytes.first(size));
    detail::encode_field(affine.y, bytes.subspan(size));
}

} // namespace cairn
