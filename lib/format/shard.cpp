#include "format/shard.hpp"

#include "base/cursor.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view shard_magic = "CAIRNSHD";
constexpr std::string_view stream_magic = "CAIRNSTR";
constexpr std::string_view end_magic = "CAIRNEND";
constexpr std::string_view frame_magic = "FRAM";
constexpr std::string_view tail_magic = "TAIL";
constexpr std::uint32_t version = 1;
constexpr std::size_t frame_check_size = 8; // bytes
constexpr const char* shard_what = "the shard file's header";
constexpr const char* stream_what = "the shard stream";

[[noreturn]] void refuse(const char* what, const char* why)
{
    throw Error{Exit::data, std::string{what} + ' ' + why};
}

/// The digest of all bytes written so far, or a part of it.
void put_check(Writer& writer, const Bytes& bytes, std::size_t size = Blake3Digest::size)
{
    const Blake3Digest check = blake3(bytes);
    writer.put(ByteView{check.bytes}.first(size));
}

Profile take_profile(Reader& reader)
{
    Profile profile;
    profile.k = reader.integer<std::uint16_t>();
    profile.m = reader.integer<std::uint16_t>();
    return profile;
}

/// A header that parsed is good if it is written again as it was.
void require_same(ByteView bytes, const Bytes& written, const char* what)
{
    if (!std::ranges::equal(bytes, written)) refuse(what, "is damaged");
}

void check_parsed(const Profile& profile, const char* what)
{
    try {
        check_profile(profile);
    } catch (const Error&) {
        refuse(what, "has a profile that is not allowed");
    }
}

} // namespace

bool is_shard_file(ByteView front)
{
    return as_text(front).starts_with(shard_magic);
}

Bytes to_bytes(const ShardHeader& header)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(shard_magic));
    writer.integer(version);
    writer.integer(static_cast<std::uint16_t>(header.profile.k));
    writer.integer(static_cast<std::uint16_t>(header.profile.m));
    writer.integer(static_cast<std::uint16_t>(header.index));
    writer.zeros(2);
    writer.integer(header.profile.segment_size);
    writer.put(header.id.bytes);
    put_check(writer, bytes);
    writer.zeros(shard_header_size - bytes.size());
    return bytes;
}

ShardHeader parse_shard_header(ByteView bytes)
{
    Reader reader{bytes, shard_what};
    if (as_text(reader.take(shard_magic.size())) != shard_magic) refuse(shard_what, "is not one");
    if (reader.integer<std::uint32_t>() != version) refuse(shard_what, "has an unknown version");
    ShardHeader header;
    header.profile = take_profile(reader);
    header.index = reader.integer<std::uint16_t>();
    reader.zeros(2);
    header.profile.segment_size = reader.integer<std::uint32_t>();
    header.id = reader.fixed<ObjectId>();
    require_same(bytes, to_bytes(header), shard_what);
    check_parsed(header.profile, shard_what);
    if (header.index >= header.profile.shards()) refuse(shard_what, "has an index out of range");
    return header;
}

Bytes to_bytes(const Trailer& trailer)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.integer(trailer.manifest_size);
    writer.put(trailer.id.bytes);
    writer.put(as_bytes(end_magic));
    return bytes;
}

Trailer parse_trailer(ByteView bytes)
{
    constexpr const char* what = "the trailer";
    Reader reader{bytes, what};
    Trailer trailer;
    trailer.manifest_size = reader.integer<std::uint64_t>();
    trailer.id = reader.fixed<ObjectId>();
    if (as_text(reader.take(end_magic.size())) != end_magic) refuse(what, "is damaged");
    reader.finish();
    return trailer;
}

bool is_shard_stream(ByteView front)
{
    return as_text(front).starts_with(stream_magic);
}

Bytes to_stream_header(const Profile& profile)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(stream_magic));
    writer.integer(version);
    writer.integer(static_cast<std::uint16_t>(profile.k));
    writer.integer(static_cast<std::uint16_t>(profile.m));
    writer.integer(profile.segment_size);
    writer.zeros(stream_header_size - Blake3Digest::size - bytes.size());
    put_check(writer, bytes);
    return bytes;
}

Profile parse_stream_header(ByteView bytes)
{
    Reader reader{bytes, stream_what};
    if (as_text(reader.take(stream_magic.size())) != stream_magic)
        refuse(stream_what, "does not begin as one");
    if (reader.integer<std::uint32_t>() != version) refuse(stream_what, "has an unknown version");
    Profile profile = take_profile(reader);
    profile.segment_size = reader.integer<std::uint32_t>();
    require_same(bytes, to_stream_header(profile), stream_what);
    check_parsed(profile, stream_what);
    return profile;
}

Bytes to_bytes(const ShardFrameHeader& header)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(frame_magic));
    writer.integer(static_cast<std::uint16_t>(header.index));
    writer.zeros(2);
    writer.integer(header.segment);
    writer.integer(header.segment_length);
    writer.zeros(4);
    writer.put(header.root.bytes);
    put_check(writer, bytes, frame_check_size);
    return bytes;
}

ShardFrameHeader parse_shard_frame_header(ByteView bytes)
{
    Reader reader{bytes, stream_what};
    if (as_text(reader.take(frame_magic.size())) != frame_magic)
        refuse(stream_what, "has no frame where one must be");
    ShardFrameHeader header;
    header.index = reader.integer<std::uint16_t>();
    reader.zeros(2);
    header.segment = reader.integer<std::uint64_t>();
    header.segment_length = reader.integer<std::uint32_t>();
    reader.zeros(4);
    header.root = reader.fixed<Blake3Digest>();
    require_same(bytes, to_bytes(header), "a frame of the shard stream");
    return header;
}

Bytes to_tail_header(std::uint64_t manifest_size)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(tail_magic));
    writer.zeros(4);
    writer.integer(manifest_size);
    return bytes;
}

std::optional<std::uint64_t> parse_tail_header(ByteView bytes)
{
    Reader reader{bytes, stream_what};
    if (as_text(reader.take(tail_magic.size())) != tail_magic) return std::nullopt;
    reader.zeros(4);
    return reader.integer<std::uint64_t>();
}

} // namespace cairn
