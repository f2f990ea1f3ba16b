#include "format/shard.hpp"
#include "fuzz.hpp"

#include <algorithm>

// A header as it is, and with the checksum that belongs to its first bytes.

namespace cairn {
namespace {

constexpr std::size_t checked_size = 56; // bytes before the checksum

void read(ByteView bytes)
{
    const auto header = accepted([&] { return parse_shard_header(bytes); });
    if (!header) return;
    require(is_same(to_bytes(*header), bytes), "a header is written as it was read");
    require(is_shard_file(bytes), "a shard file begins as one");
    require(header->index < header->profile.shards(), "a shard is one of its set");
}

} // namespace

void fuzz(ByteView input)
{
    read(input);
    Bytes bytes(shard_header_size);
    std::ranges::copy(front(input, checked_size), bytes.begin());
    const Blake3Digest check = blake3(ByteView{bytes}.first(checked_size));
    std::ranges::copy(check.bytes, bytes.begin() + checked_size);
    read(bytes);
}

} // namespace cairn
