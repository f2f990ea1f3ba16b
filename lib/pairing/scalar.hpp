#pragma once

#include "base/bytes.hpp"
#include "pairing/detail/fp.hpp"

#include <optional>

namespace cairn {

/// A number modulo the order r of the groups of BLS12-381. No operation depends on its value in
/// time or in addresses, but decode(), which tells whether it succeeds.
class Scalar {
public:
    static constexpr std::size_t size = 32; ///< bytes of an encoding

    Scalar() = default; ///< 0
    explicit Scalar(std::uint64_t number) : element_{detail::Fr::from_number(number)} {}

    /// Big-endian; none for numbers that are not below r. Needs `size` bytes.
    static std::optional<Scalar> decode(ByteView bytes)
    {
        const auto element = detail::Fr::decode(bytes);
        return element ? std::optional{Scalar{*element}} : std::nullopt;
    }

    void encode(MutableByteView bytes) const { element_.encode(bytes); }

    /// A big-endian number of at most 64 bytes, modulo r. With 48 random bytes each scalar is
    /// equally likely as far as anybody can tell.
    static Scalar reduce(ByteView bytes) { return Scalar{detail::Fr::reduce(bytes)}; }

    friend Scalar operator+(const Scalar& a, const Scalar& b)
    {
        return Scalar{a.element_ + b.element_};
    }
    friend Scalar operator-(const Scalar& a, const Scalar& b)
    {
        return Scalar{a.element_ - b.element_};
    }
    friend Scalar operator*(const Scalar& a, const Scalar& b)
    {
        return Scalar{a.element_ * b.element_};
    }
    Scalar operator-() const { return Scalar{-element_}; }
    Scalar& operator+=(const Scalar& b) { return *this = *this + b; }
    Scalar& operator-=(const Scalar& b) { return *this = *this - b; }
    Scalar& operator*=(const Scalar& b) { return *this = *this * b; }

    /// Of 0 it is 0.
    [[nodiscard]] Scalar inverse() const { return Scalar{element_.inverse()}; }

    friend bool operator==(const Scalar& a, const Scalar& b) { return a.element_ == b.element_; }
    [[nodiscard]] bool is_zero() const { return element_.is_zero(); }

    /// The number, least significant word first.
    [[nodiscard]] detail::Limbs<4> to_words() const { return element_.to_words(); }

    explicit Scalar(const detail::Fr& element) : element_{element} {}

private:
    detail::Fr element_;
};

} // namespace cairn
