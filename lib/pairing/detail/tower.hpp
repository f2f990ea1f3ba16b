#pragma once

#include "pairing/detail/wide.hpp"

// Fp2 = Fp[u] / (u^2 + 1), Fp6 = Fp2[v] / (v^3 - xi) with xi = 1 + u, Fp12 = Fp6[w] / (w^2 - v).

namespace cairn::detail {

struct Fp2 {
    static constexpr std::size_t size = 2 * Fp::size; // bytes

    Fp real;
    Fp imaginary;

    static constexpr Fp2 one() { return {Fp::one(), {}}; }

    friend constexpr Fp2 operator+(const Fp2& a, const Fp2& b)
    {
        return {a.real + b.real, a.imaginary + b.imaginary};
    }
    friend constexpr Fp2 operator-(const Fp2& a, const Fp2& b)
    {
        return {a.real - b.real, a.imaginary - b.imaginary};
    }
    friend Fp2 operator*(const Fp2& a, const Fp2& b);
    friend constexpr Fp2 operator*(const Fp2& a, const Fp& b)
    {
        return {a.real * b, a.imaginary * b};
    }

    constexpr Fp2 operator-() const { return {-real, -imaginary}; }
    constexpr Fp2& operator+=(const Fp2& b)
    {
        real += b.real;
        imaginary += b.imaginary;
        return *this;
    }
    constexpr Fp2& operator-=(const Fp2& b)
    {
        real -= b.real;
        imaginary -= b.imaginary;
        return *this;
    }
    Fp2& operator*=(const Fp2& b) { return *this = *this * b; }

    [[nodiscard]] constexpr Fp2 doubled() const { return *this + *this; }
    [[nodiscard]] Fp2 squared() const;
    [[nodiscard]] constexpr Fp2 conjugate() const { return {real, -imaginary}; }
    [[nodiscard]] constexpr Fp2 times_xi() const { return {real - imaginary, real + imaginary}; }
    [[nodiscard]] constexpr Fp norm() const { return real.squared() + imaginary.squared(); }
    [[nodiscard]] Fp2 inverse() const
    {
        const Fp inverse = norm().inverse();
        return {real * inverse, -(imaginary * inverse)};
    }

    friend constexpr bool operator==(const Fp2& a, const Fp2& b)
    {
        const bool is_real = a.real == b.real;
        const bool is_imaginary = a.imaginary == b.imaginary;
        return is_real && is_imaginary;
    }
    [[nodiscard]] constexpr bool is_zero() const { return *this == Fp2{}; }

    constexpr void assign_if(std::uint64_t mask, const Fp2& b)
    {
        real.assign_if(mask, b.real);
        imaginary.assign_if(mask, b.imaginary);
    }

    /// Of an exponent that everybody may know.
    template <std::size_t Words>
    [[nodiscard]] Fp2 power(const Limbs<Words>& exponent) const
    {
        Fp2 result = one();
        for (std::size_t i = Words * 64; i-- > 0;) {
            result = result.squared();
            if ((exponent[i / 64] >> (i % 64) & 1U) != 0) result *= *this;
        }
        return result;
    }
};

/// The square root, if there is one.
std::optional<Fp2> square_root(const Fp2& a);

/// RFC 9380, 4.1: the parity of the first part that is not 0.
bool is_odd(const Fp2& a);

/// The sign that point encodings carry: that of the imaginary part, unless it is 0.
bool is_large(const Fp2& a);

struct Fp6 {
    Fp2 c0, c1, c2;

    static Fp6 one() { return {Fp2::one(), {}, {}}; }

    friend Fp6 operator+(const Fp6& a, const Fp6& b)
    {
        return {a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2};
    }
    friend Fp6 operator-(const Fp6& a, const Fp6& b)
    {
        return {a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2};
    }
    friend Fp6 operator*(const Fp6& a, const Fp6& b);

    Fp6 operator-() const { return {-c0, -c1, -c2}; }
    Fp6& operator+=(const Fp6& b)
    {
        c0 += b.c0;
        c1 += b.c1;
        c2 += b.c2;
        return *this;
    }
    [[nodiscard]] Fp6 doubled() const { return *this + *this; }
    Fp6& operator*=(const Fp6& b) { return *this = *this * b; }

    [[nodiscard]] Fp6 squared() const;
    [[nodiscard]] Fp6 times_v() const { return {c2.times_xi(), c0, c1}; }
    [[nodiscard]] Fp6 inverse() const;

    friend bool operator==(const Fp6& a, const Fp6& b)
    {
        return a.c0 == b.c0 && a.c1 == b.c1 && a.c2 == b.c2;
    }
};

struct Fp12 {
    Fp6 c0, c1;

    static Fp12 one() { return {Fp6::one(), {}}; }

    friend Fp12 operator*(const Fp12& a, const Fp12& b);
    Fp12& operator*=(const Fp12& b) { return *this = *this * b; }

    [[nodiscard]] Fp12 squared() const;
    [[nodiscard]] Fp12 conjugate() const { return {c0, -c1}; } ///< the p^6-th power
    [[nodiscard]] Fp12 inverse() const;

    /// The p-th power.
    [[nodiscard]] Fp12 frobenius() const;

    /// Times b0 + b1 v + b4 v w, which is what lines are.
    [[nodiscard]] Fp12 times_line(const Fp2& b0, const Fp2& b1, const Fp2& b4) const;

    /// The square of an element of the cyclotomic subgroup (Granger and Scott, 2010).
    [[nodiscard]] Fp12 cyclotomic_squared() const;

    /// The z-th power of an element of that subgroup.
    [[nodiscard]] Fp12 cyclotomic_power_z() const;

    friend bool operator==(const Fp12& a, const Fp12& b) { return a.c0 == b.c0 && a.c1 == b.c1; }
};

} // namespace cairn::detail
