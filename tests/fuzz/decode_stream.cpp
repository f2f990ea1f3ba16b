#include "format/shard.hpp"
#include "fuzz.hpp"
#include "stream/decode.hpp"

#include <algorithm>

// A whole shard stream from memory. Random bytes would never get past its checksums, so every
// input is also tried with all of them mended.

namespace cairn {
namespace {

constexpr std::size_t frame_check_at = 56;  // bytes
constexpr std::size_t header_check_at = 32; // bytes
constexpr std::size_t root_at = 24;         // bytes

void put_digest(MutableByteView place, ByteView data)
{
    const Blake3Digest digest = blake3(data);
    std::copy_n(digest.bytes.begin(), std::min(place.size(), digest.bytes.size()), place.begin());
}

std::uint64_t number_at(ByteView bytes, std::size_t at, std::size_t size)
{
    std::uint64_t number = 0;
    for (std::size_t i = size; i-- > 0;)
        number = number << 8U | std::to_integer<std::uint64_t>(bytes[at + i]);
    return number;
}

/// Makes the checksums of the tail right: manifest_size bytes and the trailer.
void mend_tail(MutableByteView rest)
{
    if (rest.size() < tail_header_size + trailer_size) return;
    const std::size_t size = rest.size() - tail_header_size - trailer_size;
    const Bytes head = to_tail_header(size);
    std::ranges::copy(head, rest.begin());
    const MutableByteView manifest = rest.subspan(tail_header_size, size);
    const Bytes trailer = to_bytes(Trailer{size, {blake3(manifest).bytes}});
    std::ranges::copy(trailer, rest.last(trailer_size).begin());
}

Bytes mended(ByteView input)
{
    Bytes bytes{input.begin(), input.end()};
    MutableByteView rest{bytes};
    if (rest.size() < stream_header_size) return bytes;
    put_digest(rest.subspan(header_check_at, Blake3Digest::size), rest.first(header_check_at));
    const auto profile = accepted([&] { return parse_stream_header(front(rest, 64)); });
    if (!profile) return bytes;
    rest = rest.subspan(stream_header_size);
    while (rest.size() >= shard_frame_header_size && as_text(front(rest, 4)) == "FRAM") {
        const std::uint64_t size = shard_size(*profile, number_at(rest, 16, 4));
        if (size > rest.size() - shard_frame_header_size) break;
        put_digest(rest.subspan(root_at, Blake3Digest::size),
                   rest.subspan(shard_frame_header_size, size));
        put_digest(rest.subspan(frame_check_at, 8), rest.first(frame_check_at));
        rest = rest.subspan(shard_frame_header_size + size);
    }
    mend_tail(rest);
    return bytes;
}

void decode(ByteView input)
{
    ByteView rest = input;
    const Source source = [&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), rest.size());
        std::copy_n(rest.begin(), size, buffer.begin());
        rest = rest.subspan(size);
        return size;
    };
    std::size_t size = 0;
    Blake3 hash;
    const Sink sink = [&](ByteView bytes) {
        size += bytes.size();
        hash.update(bytes);
    };
    const auto faults = accepted([&] { return decode_stream(source, sink, {}); });
    require(size <= input.size(), "an object is not longer than its stream");
    if (!faults) return;

    // The manifest is what stands before the trailer, and tells what must have come out.
    const Trailer trailer = parse_trailer(input.last(trailer_size));
    const ByteView manifest =
        input.last(trailer_size + trailer.manifest_size).first(trailer.manifest_size);
    require(blake3(manifest).bytes == trailer.id.bytes, "the manifest has the object's id");
    const Manifest parsed = parse_manifest(manifest);
    require(parsed.head.total_size == size, "the object has the size that the manifest says");
    require(parsed.head.content == hash.digest(), "the object is what the manifest says");
}

} // namespace

void fuzz(ByteView input)
{
    decode(input);
    decode(mended(input));
}

} // namespace cairn
