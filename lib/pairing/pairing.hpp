#pragma once

#include "pairing/g1.hpp"
#include "pairing/g2.hpp"

#include <span>

// The pairing of BLS12-381: e(a P, b Q) = e(P, Q)^(a b). Takes time that does not depend on what
// the points are, but on whether one is at infinity.

namespace cairn {

/// A value of the pairing. Ours is the cube of what the textbook says, as in most libraries: equal
/// values are equal all the same.
class Gt {
public:
    static constexpr std::size_t size = 12 * detail::Fp::size; ///< bytes of an encoding

    Gt() : element_{detail::Fp12::one()} {} ///< 1
    explicit Gt(const detail::Fp12& element) : element_{element} {}

    friend Gt operator*(const Gt& a, const Gt& b) { return Gt{a.element_ * b.element_}; }
    friend bool operator==(const Gt& a, const Gt& b) { return a.element_ == b.element_; }
    [[nodiscard]] bool is_one() const { return *this == Gt{}; }

    /// Coefficients of w^5, w^3, w, w^4, w^2, 1, each imaginary part first. Needs `size` bytes.
    void encode(MutableByteView bytes) const;

private:
    detail::Fp12 element_;
};

/// A point of the second group with all lines that pairings with it need: for points that are used
/// again. About 20 KiB.
class PreparedG2 {
public:
    explicit PreparedG2(const G2& point);

    struct Line {
        detail::Fp2 of_y, of_x, constant; ///< of_y y + of_x x + constant
    };
    [[nodiscard]] const std::vector<Line>& lines() const noexcept { return lines_; }

private:
    std::vector<Line> lines_; // none: the point is at infinity
};

/// Two points to be paired.
struct PairingTerm {
    G1 first;
    const PreparedG2* second;
};

/// The product of pairings, for one final exponentiation.
[[nodiscard]] Gt product_of_pairings(std::span<const PairingTerm> terms);

[[nodiscard]] Gt pairing(const G1& first, const G2& second);

} // namespace cairn
