#include "erasure/segment.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

SegmentEncoder::SegmentEncoder(const Profile& profile)
    : profile_{profile},
      data_{profile.k * shard_size(profile, profile.segment_size)},
      parity_{profile.m * shard_size(profile, profile.segment_size)}
{
}

MutableByteView SegmentEncoder::input() noexcept
{
    return data_.bytes().first(profile_.segment_size);
}

void append_content(std::vector<Blake3Subtree>& parts, ByteView bytes, std::uint64_t offset)
{
    for (std::size_t at = 0; at < bytes.size(); at += content_part_size)
        parts.push_back(blake3_subtree(
            bytes.subspan(at, std::min(content_part_size, bytes.size() - at)), offset + at));
}

/// Hashes the input part by part for the object and, while a part is in the cache, for its shards.
void SegmentEncoder::hash_data(std::uint64_t offset, std::size_t size)
{
    constexpr std::size_t step = 4 * content_part_size;
    const ByteView data = data_.bytes().first(profile_.k * size);
    content_.clear();
    std::size_t shard = 0;
    Blake3 hash;
    for (std::size_t at = 0; at < data.size(); at += step) {
        const std::size_t end = std::min(at + step, data.size());
        if (at < length_)
            append_content(content_, data.subspan(at, std::min(end, length_) - at), offset + at);
        for (std::size_t from = at; from < end;) {
            const std::size_t shard_end = (shard + 1) * size;
            const std::size_t to = std::min(end, shard_end);
            hash.update(data.subspan(from, to - from));
            if (to == shard_end) {
                roots_[shard++] = hash.digest();
                hash = Blake3{};
            }
            from = to;
        }
    }
}

void SegmentEncoder::encode(const Code& code, std::size_t length, std::uint64_t offset)
{
    assert(length > 0 && length <= profile_.segment_size);
    length_ = length;
    const std::size_t size = shard_size(profile_, length);
    const MutableByteView data = data_.bytes().first(profile_.k * size);
    std::ranges::fill(data.subspan(length), std::byte{0});

    shards_.clear();
    for (std::size_t i = 0; i < profile_.k; ++i) shards_.push_back(data.subspan(i * size, size));
    std::vector<MutableByteView> parity;
    for (std::size_t i = 0; i < profile_.m; ++i)
        parity.push_back(parity_.bytes().subspan(i * size, size));

    roots_.resize(profile_.shards());
    hash_data(offset, size);
    code.encode(shards_, parity);
    for (std::size_t i = 0; i < profile_.m; ++i) {
        shards_.push_back(parity[i]);
        roots_[profile_.k + i] = blake3(parity[i]);
    }
}

} // namespace cairn
