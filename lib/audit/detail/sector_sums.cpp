#include "audit/detail/sector_sums.hpp"

#include <algorithm>
#include <cassert>

namespace cairn::detail {

void SectorSums::add(const Scalar& factor, ByteView block)
{
    assert(block.size() <= sums_.size() * sector_size);
    const ShortFactor short_factor{factor};
    for (std::size_t i = 0; i * sector_size < block.size(); ++i) {
        const std::size_t begin = i * sector_size;
        sums_[i].add(short_factor,
                     block.subspan(begin, std::min(sector_size, block.size() - begin)));
    }
}

void SectorSums::add(const SectorSums& other)
{
    const std::vector<Scalar> values = other.values();
    for (std::size_t i = 0; i < others_.size(); ++i) others_[i] += values[i];
}

std::vector<Scalar> SectorSums::values() const
{
    std::vector<Scalar> values = others_;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += sums_[i].total();
    return values;
}

} // namespace cairn::detail
