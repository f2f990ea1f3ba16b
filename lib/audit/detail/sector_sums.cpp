#include "audit/detail/sector_sums.hpp"

#include <cassert>

namespace cairn::detail {

void SectorSums::add(const Scalar& factor, ByteView block)
{
    assert(block.size() <= sums_.size() * sector_size);
    for (std::size_t i = 0; i * sector_size < block.size(); ++i) {
        const std::size_t begin = i * sector_size;
        const ByteView sector = block.subspan(begin, std::min(sector_size, block.size() - begin));
        sums_[i] += factor * sector_value(sector);
    }
}

void SectorSums::add(const SectorSums& other)
{
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
}

} // namespace cairn::detail
