#include "client/segment_shards.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t scratch_size_max = 8 * 1024 * 1024; // bytes of shards rebuilt in one go

} // namespace

std::uint64_t SegmentShards::memory() const
{
    std::uint64_t sum = 0;
    for (const Part& part : parts) sum += part.data.bytes().size();
    return sum;
}

void SegmentShards::rebuild(const std::vector<unsigned>& wanted, RebuildCache& rebuilds,
                            std::span<const MutableByteView> shards) const
{
    assert(!is_partial && parts.size() == profile.k && wanted.size() == shards.size());
    LossPattern pattern;
    std::vector<ByteView> present;
    std::vector<MutableByteView> places;
    for (const Part& part : parts) {
        pattern.present.push_back(part.index);
        present.push_back(part.bytes());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto part = std::ranges::find(parts, wanted[i], &Part::index);
        if (part != parts.end()) {
            std::ranges::copy(part->bytes(), shards[i].begin());
            continue;
        }
        pattern.wanted.push_back(wanted[i]);
        places.push_back(shards[i]);
    }
    if (places.empty()) return;
    rebuilds.find(pattern)->apply(present, places);
    for (std::size_t i = 0; i < places.size(); ++i)
        if (blake3(places[i]) != roots[pattern.wanted[i]])
            throw Error{Exit::data, "the manifest contradicts itself: shard " +
                                        std::to_string(pattern.wanted[i]) + " of segment " +
                                        std::to_string(segment) + " cannot have its root"};
}

void SegmentShards::write(std::uint64_t first, std::uint64_t last, RebuildCache& rebuilds,
                          const Sink& sink) const
{
    const std::uint64_t size = shard_size(profile, length);
    last = std::min(last, length - 1);
    Buffer scratch{0};
    std::vector<unsigned> rebuilt; // what is in scratch
    for (std::uint64_t at = first; at <= last;) {
        const auto index = static_cast<unsigned>(at / size);
        const std::uint64_t end = std::min((index + 1) * size, last + 1);
        // With k = 1 every shard is the segment.
        const auto part =
            profile.k == 1 ? parts.begin() : std::ranges::find(parts, index, &Part::index);
        if (part != parts.end()) {
            sink(part->bytes().subspan(at - index * size - part->offset, end - at));
            at = end;
            continue;
        }
        if (std::ranges::find(rebuilt, index) == rebuilt.end()) {
            rebuilt.clear();
            for (unsigned i = index; i <= last / size; ++i)
                if (std::ranges::find(parts, i, &Part::index) == parts.end() &&
                    (rebuilt.empty() || (rebuilt.size() + 1) * size <= scratch_size_max))
                    rebuilt.push_back(i);
            if (scratch.bytes().size() < rebuilt.size() * size)
                scratch = Buffer{rebuilt.size() * size};
            std::vector<MutableByteView> places;
            for (std::size_t i = 0; i < rebuilt.size(); ++i)
                places.push_back(scratch.bytes().subspan(i * size, size));
            rebuild(rebuilt, rebuilds, places);
        }
        const auto place =
            static_cast<std::size_t>(std::ranges::find(rebuilt, index) - rebuilt.begin());
        sink(ByteView{scratch.bytes()}.subspan(place * size + at - index * size, end - at));
        at = end;
    }
}

} // namespace cairn
