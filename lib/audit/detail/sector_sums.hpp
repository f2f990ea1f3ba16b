#pragma once

#include "audit/key.hpp"
#include "pairing/short_products.hpp"

namespace cairn::detail {

/// The sum of blocks, sector by sector, each block times a factor.
class SectorSums {
public:
    explicit SectorSums(std::size_t sectors) : sums_(sectors), others_(sectors) {}

    /// Adds a block, which may end early: the rest is zeros.
    void add(const Scalar& factor, ByteView block);
    void add(const SectorSums& other);

    [[nodiscard]] std::vector<Scalar> values() const;

private:
    std::vector<ProductSum> sums_;
    std::vector<Scalar> others_; // what other sums have added
};

} // namespace cairn::detail
