#include "format/manifest.hpp"

#include "base/error.hpp"
#include "codec/cbor.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace cairn {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t fields = 8;
constexpr std::uint64_t shard_alignment = 64; // bytes
constexpr const char* what = "the manifest";

struct NamedProfile {
    std::string_view name;
    Profile profile;
};
constexpr std::array named_profiles{
    NamedProfile{"small", {4, 2, segment_size_usual}},
    NamedProfile{"wide", {10, 6, segment_size_usual}},
    NamedProfile{"archive", {16, 16, segment_size_usual}},
    NamedProfile{"cess", {4, 8, 32 * 1024 * 1024}},
};

bool is_valid(const Profile& profile)
{
    return profile.k >= 1 && profile.k <= shard_count_max && profile.m <= shard_count_max &&
           profile.shards() <= shard_count_max && profile.segment_size >= segment_size_min &&
           profile.segment_size <= segment_size_max && std::has_single_bit(profile.segment_size);
}

std::size_t roots_size(const Profile& profile)
{
    return std::size_t{profile.shards()} * Blake3Digest::size;
}

} // namespace

void check_profile(const Profile& profile)
{
    if (!is_valid(profile))
        throw Error{Exit::usage,
                    "bad profile: k at least 1, k+m at most 255, segments of a power of two from "
                    "64 KiB to 64 MiB"};
}

std::optional<Profile> find_profile(std::string_view name)
{
    for (const NamedProfile& named : named_profiles)
        if (named.name == name) return named.profile;
    return std::nullopt;
}

std::uint64_t shard_size(const Profile& profile, std::uint64_t length)
{
    return divide_up(divide_up(length, profile.k), shard_alignment) * shard_alignment;
}

std::uint64_t ManifestHead::segments() const
{
    return divide_up(total_size, profile.segment_size);
}

std::uint64_t ManifestHead::segment_length(std::uint64_t index) const
{
    return std::min<std::uint64_t>(profile.segment_size, total_size - index * profile.segment_size);
}

std::uint64_t ManifestHead::shard_offset(std::uint64_t segment) const
{
    return segment * shard_size(profile, profile.segment_size);
}

std::uint64_t ManifestHead::shard_file_body_size() const
{
    if (segments() == 0) return 0;
    const std::uint64_t last = segments() - 1;
    return shard_offset(last) + shard_size(profile, segment_length(last));
}

std::uint64_t ManifestHead::roots_offset(std::uint64_t segment) const
{
    const std::size_t prefix = cbor_head_size(roots_size(profile));
    return to_bytes(*this).size() + segment * (prefix + roots_size(profile)) + prefix;
}

std::uint64_t ManifestHead::manifest_size() const
{
    return roots_offset(segments()) - cbor_head_size(roots_size(profile));
}

Bytes to_bytes(const ManifestHead& head)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(fields);
    writer.number(static_cast<std::uint64_t>(head.kind));
    writer.number(version);
    writer.number(head.profile.k);
    writer.number(head.profile.m);
    writer.number(head.profile.segment_size);
    writer.number(head.total_size);
    writer.bytes(head.content.bytes);
    writer.array(head.segments());
    return bytes;
}

Bytes roots_prefix(const Profile& profile)
{
    Bytes bytes;
    CborWriter{bytes}.bytes(Bytes(roots_size(profile)));
    bytes.resize(cbor_head_size(roots_size(profile)));
    return bytes;
}

ManifestHead parse_manifest_head(ByteView front)
{
    CborReader reader{front, what};
    reader.array(fields);
    ManifestHead head;
    const std::uint64_t kind = reader.number();
    if (kind != 1 && kind != 2) reader.refuse("its kind is unknown");
    head.kind = static_cast<ManifestKind>(kind);
    if (reader.number() != version) reader.refuse("its version is unknown");
    head.profile.k = static_cast<unsigned>(reader.number(shard_count_max));
    head.profile.m = static_cast<unsigned>(reader.number(shard_count_max));
    head.profile.segment_size = static_cast<std::uint32_t>(reader.number(segment_size_max));
    if (!is_valid(head.profile)) reader.refuse("its profile is not allowed");
    head.total_size = reader.number(object_size_max);
    head.content = reader.fixed<Blake3Digest>();

    const Bytes expected = to_bytes(head);
    if (front.size() < expected.size() ||
        !std::ranges::equal(front.first(expected.size()), expected))
        reader.refuse("it does not list its segments");
    return head;
}

Bytes to_bytes(const Manifest& manifest)
{
    Bytes bytes = to_bytes(manifest.head);
    const Bytes prefix = roots_prefix(manifest.head.profile);
    const std::size_t shards = manifest.head.profile.shards();
    for (std::size_t i = 0; i < manifest.roots.size(); ++i) {
        if (i % shards == 0) bytes.insert(bytes.end(), prefix.begin(), prefix.end());
        const auto& root = manifest.roots[i].bytes;
        bytes.insert(bytes.end(), root.begin(), root.end());
    }
    return bytes;
}

Manifest parse_manifest(ByteView bytes)
{
    Manifest manifest;
    manifest.head =
        parse_manifest_head(bytes.first(std::min(bytes.size(), manifest_head_size_max)));
    const ManifestHead& head = manifest.head;
    if (head.manifest_size() != bytes.size())
        throw Error{Exit::data, "the manifest has a wrong length"};
    const Bytes prefix = roots_prefix(head.profile);
    for (std::uint64_t segment = 0; segment < head.segments(); ++segment) {
        const std::uint64_t at = head.roots_offset(segment);
        if (!std::ranges::equal(bytes.subspan(at - prefix.size(), prefix.size()), prefix))
            throw Error{Exit::data, "the manifest is malformed"};
        for (unsigned shard = 0; shard < head.profile.shards(); ++shard) {
            Blake3Digest root;
            std::ranges::copy(bytes.subspan(at + shard * Blake3Digest::size, Blake3Digest::size),
                              root.bytes.begin());
            manifest.roots.push_back(root);
        }
    }
    return manifest;
}

} // namespace cairn
