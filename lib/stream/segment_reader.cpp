#include "stream/segment_reader.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

DamageLog::DamageLog(const ShardSet& set) : first_{set.files().data()}, damaged_(set.files().size())
{
}

void DamageLog::add(const ShardFile& file) noexcept
{
    damaged_[static_cast<std::size_t>(&file - first_)] = true;
}

bool DamageLog::has(const ShardFile& file) const noexcept
{
    return damaged_[static_cast<std::size_t>(&file - first_)];
}

SegmentReader::SegmentReader(const ShardSet& set, DamageLog& damage, RebuildCache& rebuilds)
    : set_{&set},
      damage_{&damage},
      rebuilds_{&rebuilds},
      shard_size_max_{
          shard_size(set.head().profile, std::min<std::uint64_t>(set.head().profile.segment_size,
                                                                 set.head().total_size))},
      data_{set.head().profile.k * shard_size_max_}
{
}

bool SegmentReader::read_shard(unsigned index, MutableByteView shard)
{
    for (const ShardFile* file : set_->holders(index)) {
        if (file->read_body(set_->head().shard_offset(segment_), shard) &&
            blake3(shard) == roots_[index])
            return true;
        damage_->add(*file);
    }
    return false;
}

void SegmentReader::read(std::uint64_t segment)
{
    const ManifestHead& head = set_->head();
    const Profile& profile = head.profile;
    segment_ = segment;
    shard_size_ = shard_size(profile, head.segment_length(segment));
    roots_ = set_->manifest().roots(segment);
    present_.clear();
    present_shards_.clear();
    std::size_t parity_used = 0;
    for (unsigned index = 0; index < profile.shards() && present_.size() < profile.k; ++index) {
        MutableByteView place;
        if (index < profile.k) {
            place = data_.bytes().subspan(index * shard_size_, shard_size_);
        } else {
            if (parity_used == parity_.size())
                parity_.push_back(std::make_unique<Buffer>(shard_size_max_));
            place = parity_[parity_used]->bytes().first(shard_size_);
        }
        if (!read_shard(index, place)) continue;
        if (index >= profile.k) ++parity_used;
        present_.push_back(index);
        present_shards_.push_back(place);
    }
    if (present_.size() < profile.k)
        throw Error{Exit::data, "segment " + std::to_string(segment) + " has " +
                                    std::to_string(present_.size()) + " good shards of the " +
                                    std::to_string(profile.k) + " that are needed"};
}

ByteView SegmentReader::data()
{
    const Profile& profile = set_->head().profile;
    std::vector<unsigned> wanted;
    std::vector<MutableByteView> places;
    for (unsigned index = 0; index < profile.k; ++index) {
        if (std::ranges::binary_search(present_, index)) continue;
        wanted.push_back(index);
        places.push_back(data_.bytes().subspan(index * shard_size_, shard_size_));
    }
    if (!wanted.empty()) rebuilds_->find({present_, wanted})->apply(present_shards_, places);
    for (std::size_t i = 0; i < wanted.size(); ++i) check_rebuilt(wanted[i], places[i]);
    return data_.bytes().first(set_->head().segment_length(segment_));
}

void SegmentReader::rebuild(const std::vector<unsigned>& wanted,
                            std::span<const MutableByteView> shards)
{
    assert(wanted.size() == shards.size());
    std::vector<unsigned> absent;
    std::vector<MutableByteView> places;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto found = std::ranges::lower_bound(present_, wanted[i]);
        if (found != present_.end() && *found == wanted[i]) {
            const auto at = static_cast<std::size_t>(found - present_.begin());
            std::ranges::copy(present_shards_[at], shards[i].begin());
        } else {
            absent.push_back(wanted[i]);
            places.push_back(shards[i]);
        }
    }
    if (!absent.empty()) rebuilds_->find({present_, absent})->apply(present_shards_, places);
    for (std::size_t i = 0; i < wanted.size(); ++i) check_rebuilt(wanted[i], shards[i]);
}

void SegmentReader::check_rebuilt(unsigned index, ByteView shard) const
{
    if (blake3(shard) != roots_[index])
        throw Error{Exit::data, "the manifest contradicts itself: shard " + std::to_string(index) +
                                    " of segment " + std::to_string(segment_) +
                                    " cannot have its root"};
}

} // namespace cairn
