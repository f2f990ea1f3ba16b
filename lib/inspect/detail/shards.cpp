#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/shard.hpp"
#include "inspect/detail/objects.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t roots_shown_max = 4096;

Json to_json(const Profile& profile)
{
    return Json::object()
        .set("k", profile.k)
        .set("m", profile.m)
        .set("segment_bytes", profile.segment_size);
}

void add_head(Json& json, const ManifestHead& head)
{
    json.merge(to_json(head.profile))
        .set("total_bytes", head.total_size)
        .set("segments", head.segments())
        .set("content", to_hex_text(head.content.bytes));
}

Json inspect_shard_file(const Peeked& peeked)
{
    const ByteView front =
        ByteView{peeked.front}.first(std::min(peeked.front.size(), shard_header_size));
    const ShardHeader header = parse_shard_header(front);
    Json json = Json::object().set("kind", "shard-file").set("version", 1);
    json.set("index", header.index).set("id", to_hex_text(header.id.bytes));
    const auto size = peeked.input->size();
    if (!size) return json.merge(to_json(header.profile));

    if (*size < shard_header_size + trailer_size)
        throw Error{Exit::data, "the shard file is truncated"};
    Bytes bytes(trailer_size);
    (void)peeked.input->read_at(*size - trailer_size, bytes);
    const Trailer trailer = parse_trailer(bytes);
    if (trailer.id != header.id || trailer.manifest_size > *size - trailer_size)
        throw Error{Exit::data, "the shard file's two ends disagree"};
    bytes.resize(std::min<std::uint64_t>(trailer.manifest_size, manifest_head_size_max));
    (void)peeked.input->read_at(*size - trailer_size - trailer.manifest_size, bytes);
    const ManifestHead head = parse_manifest_head(bytes);
    if (trailer.manifest_size != head.manifest_size() ||
        *size !=
            shard_header_size + head.shard_file_body_size() + head.manifest_size() + trailer_size)
        throw Error{Exit::data, "the shard file has not the length that its manifest makes it"};
    add_head(json, head);
    return json.set("manifest_bytes", trailer.manifest_size).set("size_bytes", *size);
}

void read_exactly(const Source& source, MutableByteView buffer)
{
    if (source(buffer) != buffer.size()) throw Error{Exit::data, "the shard stream is truncated"};
}

/// Reads what is not shown.
void skip(const Source& source, std::uint64_t size, Blake3* hash = nullptr)
{
    Bytes buffer(64 * 1024);
    while (size > 0) {
        const auto part =
            MutableByteView{buffer}.first(std::min<std::uint64_t>(size, buffer.size()));
        read_exactly(source, part);
        if (hash != nullptr) hash->update(part);
        size -= part.size();
    }
}

/// The manifest of a stream and what is behind it.
Json inspect_tail(const Source& source, std::uint64_t manifest_size)
{
    Bytes bytes(std::min<std::uint64_t>(manifest_size, manifest_head_size_max));
    read_exactly(source, bytes);
    const ManifestHead head = parse_manifest_head(bytes);
    Blake3 hash;
    hash.update(bytes);
    skip(source, manifest_size - bytes.size(), &hash);
    bytes.resize(trailer_size);
    read_exactly(source, bytes);
    const Trailer trailer = parse_trailer(bytes);
    if (trailer.manifest_size != manifest_size || head.manifest_size() != manifest_size ||
        trailer.id.bytes != hash.digest().bytes)
        throw Error{Exit::data, "the shard stream's manifest and trailer disagree"};
    if (source(MutableByteView{bytes}.first(1)) != 0)
        throw Error{Exit::data, "there is something behind the end of the shard stream"};

    Json json = Json::object().set("kind", "shard-stream").set("version", 1);
    add_head(json, head);
    json.set("manifest_bytes", manifest_size);
    return json.set("id", to_hex_text(trailer.id.bytes));
}

Json inspect_stream(const Source& source)
{
    Bytes bytes(stream_header_size);
    read_exactly(source, bytes);
    const Profile profile = parse_stream_header(bytes);
    std::uint64_t frames = 0;
    for (bytes.resize(shard_frame_header_size);; ++frames) {
        read_exactly(source, MutableByteView{bytes}.first(tail_header_size));
        const auto manifest_size = parse_tail_header(bytes);
        if (manifest_size) return inspect_tail(source, *manifest_size).set("frames", frames);
        read_exactly(source, MutableByteView{bytes}.subspan(tail_header_size));
        const ShardFrameHeader header = parse_shard_frame_header(bytes);
        skip(source, shard_size(profile, header.segment_length));
    }
}

std::optional<Json> inspect_manifest(const Peeked& peeked)
{
    // An array of eight whose first two numbers are a kind and the version.
    const ByteView front = peeked.front;
    if (front.size() < 3 || front[0] != std::byte{0x88} || front[2] != std::byte{1} ||
        (front[1] != std::byte{1} && front[1] != std::byte{2}))
        return std::nullopt;
    const ManifestHead head = parse_manifest_head(front);
    Json json = Json::object().set("kind", "manifest").set("version", 1);
    json.set("describes", head.kind == ManifestKind::object ? "object" : "manifest");
    add_head(json, head);
    if (!peeked.is_whole) return json.set("manifest_bytes", head.manifest_size());
    const Manifest manifest = parse_manifest(front);
    json.set("id", to_hex_text(blake3(front).bytes));
    if (manifest.roots.size() > roots_shown_max) return json;
    Json roots = Json::array();
    for (const Blake3Digest& root : manifest.roots) roots.push(to_hex_text(root.bytes));
    return json.set("roots", roots);
}

} // namespace

std::optional<Json> inspect_shards(const Peeked& peeked)
{
    if (is_shard_file(peeked.front)) return inspect_shard_file(peeked);
    if (is_shard_stream(peeked.front)) return inspect_stream(peeked.source);
    return inspect_manifest(peeked);
}

} // namespace cairn::detail
