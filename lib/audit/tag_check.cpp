#include "audit/tag_check.hpp"

#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t pending_max = 1024; // blocks that are folded into the sums at once

} // namespace

TagCheck::TagCheck(const ProverKey& key, const AuditFileId& file)
    : key_{&key},
      file_{file},
      sums_{key.powers().size()}
{
}

void TagCheck::add(std::uint64_t index, ByteView block, const G1& tag, ByteView factor)
{
    assert(factor.size() == 16);
    factors_.push_back(Scalar::reduce(factor));
    blocks_.push_back({0, index, factors_.back()});
    tags_.push_back(tag);
    sums_.add(factors_.back(), block);
    if (factors_.size() == pending_max) fold();
}

void TagCheck::fold()
{
    index_sum_ += sum_of_index_points(std::array{AuditedFile{file_, 0}}, blocks_);
    tag_sum_ += multi_scalar_product(factors_, std::span<const G1>{tags_});
    factors_.clear();
    blocks_.clear();
    tags_.clear();
}

void TagCheck::add(TagCheck other)
{
    other.fold();
    index_sum_ += other.index_sum_;
    tag_sum_ += other.tag_sum_;
    sums_.add(other.sums_);
}

bool TagCheck::is_right(const AuditKey& key)
{
    fold();
    const G1 content = multi_scalar_product(sums_.values(), std::span<const G1>{key_->powers()});
    return product_of_pairings(std::array{PairingTerm{tag_sum_, &minus_g2()},
                                          PairingTerm{index_sum_ + content, &key.x()}})
        .is_one();
}

} // namespace cairn
