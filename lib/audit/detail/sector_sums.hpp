#pragma once

#include "audit/key.hpp"

#include <span>

namespace cairn::detail {

/// The sum of blocks, sector by sector, each block times a factor.
class SectorSums {
public:
    explicit SectorSums(std::size_t sectors) : sums_(sectors) {}

    /// Adds a block, which may end early: the rest is zeros.
    void add(const Scalar& factor, ByteView block);
    void add(const SectorSums& other);

    [[nodiscard]] const std::vector<Scalar>& values() const noexcept { return sums_; }

private:
    std::vector<Scalar> sums_;
};

} // namespace cairn::detail
