#include "format/shard.hpp"
#include "fuzz.hpp"

#include <algorithm>

// The headers in a shard stream: as they are, and with the checksum that belongs to them.

namespace cairn {
namespace {

constexpr std::size_t header_checked_size = 32; // bytes before the checksum
constexpr std::size_t frame_checked_size = 56;  // bytes before the checksum

void read_header(ByteView bytes)
{
    const auto profile = accepted([&] { return parse_stream_header(bytes); });
    if (!profile) return;
    require(is_same(to_stream_header(*profile), bytes), "a header is written as it was read");
    require(is_shard_stream(bytes), "a stream begins as one");
}

void read_frame(ByteView bytes)
{
    const auto frame = accepted([&] { return parse_shard_frame_header(bytes); });
    if (frame) require(is_same(to_bytes(*frame), bytes), "a frame is written as it was read");
}

Bytes mended(ByteView input, std::size_t checked_size)
{
    Bytes bytes(64);
    std::ranges::copy(front(input, checked_size), bytes.begin());
    const Blake3Digest check = blake3(ByteView{bytes}.first(checked_size));
    std::copy_n(check.bytes.begin(), bytes.size() - checked_size,
                bytes.begin() + static_cast<std::ptrdiff_t>(checked_size));
    return bytes;
}

} // namespace

void fuzz(ByteView input)
{
    read_header(input);
    read_header(mended(input, header_checked_size));
    read_frame(input);
    read_frame(mended(input, frame_checked_size));

    const auto size = accepted([&] { return parse_tail_header(input); });
    if (size && *size)
        require(is_same(to_tail_header(**size), input.first(tail_header_size)),
                "a tail is written as it was read");
}

} // namespace cairn
