#pragma once

#include "pairing/scalar.hpp"

// Products of scalars with numbers of at most 31 bytes, which what is stored is read as. Nothing
// depends on the scalars, in time or in addresses; all is wiped.

namespace cairn {

/// A scalar that short numbers are multiplied with.
class ShortFactor {
public:
    ShortFactor() = default; ///< 0
    explicit ShortFactor(const Scalar& scalar);
    ShortFactor(const ShortFactor&) = default;
    ShortFactor& operator=(const ShortFactor&) = default;
    ~ShortFactor();

private:
    friend class ProductSum;

    detail::Limbs<4> words_{}; // times 2^512 modulo r
};

/// A sum of such products, which is reduced in the end.
class ProductSum {
public:
    ProductSum() = default; ///< 0
    ProductSum(const ProductSum&) = default;
    ProductSum& operator=(const ProductSum&) = default;
    ~ProductSum();

    /// Adds factor * number. Numbers are little-endian, of at most 31 bytes.
    void add(const ShortFactor& factor, ByteView number);

    [[nodiscard]] Scalar total() const;

private:
    detail::WideLimbs<4> sum_{}; // below 2^257 r
    unsigned count_ = 0;         // added since it was below 2^256 r
};

} // namespace cairn
