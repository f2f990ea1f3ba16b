#include "format/manifest.hpp"

#include "base/error.hpp"
#include "base/testing.hpp"
#include "codec/cbor.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t MiB = 1024 * 1024;

/// Of "abc" in one segment, 1+1. Made with python3-cbor2 and b3sum.
constexpr std::string_view golden = "880101"
                                    "01011a000100000358206437b3ac38465133ffb63b75273a8db548c558465d"
                                    "79db03fd359c6cd5bd9d85815840edf447f5d5d74ca1c3b879b0872541b49e"
                                    "0fe6f4e01ac3a92a8a81ba47487087edf447f5d5d74ca1c3b879b0872541b4"
                                    "9e0fe6f4e01ac3a92a8a81ba47487087";
constexpr std::string_view golden_id =
    "5b7e956761cb20b5fcf02e0110d224125894cc26f5ad9ca0798d6cb3b6c5bc95";

ManifestHead head_of(const Profile& profile, std::uint64_t total_size)
{
    ManifestHead head;
    head.profile = profile;
    head.total_size = total_size;
    head.content = blake3(as_bytes("content"));
    return head;
}

/// With roots that are all different.
Manifest manifest_of(const Profile& profile, std::uint64_t total_size)
{
    Manifest manifest;
    manifest.head = head_of(profile, total_size);
    for (std::uint64_t i = 0; i < manifest.head.segments() * profile.shards(); ++i)
        manifest.roots.push_back(blake3(as_bytes(std::to_string(i))));
    return manifest;
}

bool is_refused(const Bytes& bytes)
{
    return exit_of([&] { (void)parse_manifest(bytes); }) == Exit::data;
}

bool is_allowed(const Profile& profile)
{
    return exit_of([&] { check_profile(profile); }) == Exit::ok;
}

/// The fields of a manifest's head, any of them wrong, and no segments.
struct Fields {
    std::uint64_t count = 8;
    std::uint64_t kind = 1;
    std::uint64_t version = 1;
    std::uint64_t k = 4;
    std::uint64_t m = 2;
    std::uint64_t segment_size = segment_size_usual;
    std::uint64_t total_size = 0;
    std::size_t content_size = 32;
    std::uint64_t segments = 0;

    [[nodiscard]] Bytes bytes() const
    {
        Bytes bytes;
        CborWriter writer{bytes};
        writer.array(count);
        for (const std::uint64_t number : {kind, version, k, m, segment_size, total_size})
            writer.number(number);
        writer.bytes(Bytes(content_size));
        writer.array(segments);
        return bytes;
    }
};

bool is_refused(const Fields& fields)
{
    return is_refused(fields.bytes());
}

} // namespace

TEST_CASE("the golden manifest is written and read")
{
    Manifest manifest;
    manifest.head = head_of({1, 1, 65536}, 3);
    manifest.head.content = blake3(as_bytes("abc"));
    Bytes shard(64);
    std::ranges::copy(as_bytes("abc"), shard.begin());
    manifest.roots = {blake3(shard), blake3(shard)};

    CHECK(to_bytes(manifest) == hex_bytes(golden));
    CHECK(to_hex_text(blake3(hex_bytes(golden)).bytes) == golden_id);
    const Manifest read = parse_manifest(hex_bytes(golden));
    CHECK(read.head == manifest.head);
    CHECK(read.roots == manifest.roots);
}

TEST_CASE("manifests of all profiles and sizes read as they were written")
{
    for (const Profile& profile :
         {Profile{}, Profile{1, 0, 65536}, Profile{1, 254, 65536}, Profile{255, 0, 65536},
          Profile{23, 0, 131072}, Profile{24, 8, 65536}, Profile{200, 55, segment_size_max}})
        for (const std::uint64_t total_size :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{profile.segment_size} - 1,
              std::uint64_t{profile.segment_size}, std::uint64_t{profile.segment_size} + 1,
              std::uint64_t{profile.segment_size} * 24, std::uint64_t{profile.segment_size} * 257})
            for (const ManifestKind kind : {ManifestKind::object, ManifestKind::manifest}) {
                Manifest manifest = manifest_of(profile, total_size);
                manifest.head.kind = kind;
                const Bytes bytes = to_bytes(manifest);
                CHECK(bytes.size() == manifest.head.manifest_size());
                CHECK_NOTHROW(check_cbor(bytes));
                const Manifest read = parse_manifest(bytes);
                CHECK(read.head == manifest.head);
                CHECK(read.roots == manifest.roots);
                CHECK(parse_manifest_head(ByteView{bytes}.first(
                          std::min(bytes.size(), manifest_head_size_max))) == manifest.head);
                if (!manifest.roots.empty()) {
                    const std::uint64_t at =
                        manifest.head.roots_offset(manifest.head.segments() - 1);
                    const std::size_t size = std::size_t{profile.shards()} * 32;
                    CHECK(at + size == bytes.size());
                    CHECK(std::ranges::equal(
                        ByteView{bytes}.subspan(at, 32),
                        manifest.roots[manifest.roots.size() - profile.shards()].bytes));
                }
            }
}

TEST_CASE("a manifest with any bit changed is refused or another one")
{
    const Bytes good = to_bytes(manifest_of({2, 1, 65536}, 65536 * 2 + 1));
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        if (!is_refused(bytes)) CHECK_MESSAGE(to_bytes(parse_manifest(bytes)) == bytes, i);
    }
}

TEST_CASE("a manifest cut short or continued is refused")
{
    const Bytes good = to_bytes(manifest_of({2, 1, 65536}, 65537));
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_MESSAGE(is_refused(Bytes(good.begin(), good.begin() + std::ptrdiff_t(size))), size);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(is_refused(longer));
    longer.insert(longer.end(), good.begin(), good.end());
    CHECK(is_refused(longer));
}

TEST_CASE("near misses of a manifest are refused")
{
    CHECK_FALSE(is_refused(Fields{}));
    CHECK_FALSE(is_refused(Fields{.kind = 2}));
    CHECK(is_refused(Fields{.count = 7}));
    CHECK(is_refused(Fields{.count = 9}));
    CHECK(is_refused(Fields{.kind = 0}));
    CHECK(is_refused(Fields{.kind = 3}));
    CHECK(is_refused(Fields{.version = 0}));
    CHECK(is_refused(Fields{.version = 2}));
    CHECK(is_refused(Fields{.k = 0}));
    CHECK(is_refused(Fields{.k = 254}));
    CHECK_FALSE(is_refused(Fields{.k = 253}));
    CHECK(is_refused(Fields{.m = 252}));
    CHECK_FALSE(is_refused(Fields{.m = 0}));
    CHECK(is_refused(Fields{.segment_size = 32768}));
    CHECK(is_refused(Fields{.segment_size = 65535}));
    CHECK(is_refused(Fields{.segment_size = 3 * 65536}));
    CHECK(is_refused(Fields{.segment_size = 128 * MiB}));
    CHECK(is_refused(Fields{.content_size = 31}));
    CHECK(is_refused(Fields{.content_size = 33}));
    CHECK(is_refused(Fields{.segments = 1}));
    CHECK(is_refused(Fields{.total_size = 1}));
    CHECK(is_refused(hex_bytes("80")));
    CHECK(is_refused(hex_bytes("a0")));
    CHECK(is_refused(Bytes{}));
}

TEST_CASE("the same values in other CBOR are refused")
{
    const std::string good = "88010104021a0100000000" + ("5820" + std::string(64, '0')) + "80";
    CHECK_FALSE(is_refused(hex_bytes(good)));
    CHECK(is_refused(hex_bytes("9801" + good.substr(2))));      // a long head
    CHECK(is_refused(hex_bytes("9f" + good.substr(2) + "ff"))); // indefinite
    CHECK(is_refused(hex_bytes("881801" + good.substr(4))));    // 1 in two bytes
    CHECK(is_refused(hex_bytes("c1" + good)));                  // a tag
    CHECK(is_refused(hex_bytes("88f90000" + good.substr(4))));  // a float
    CHECK(is_refused(hex_bytes("8820" + good.substr(4))));      // negative
    CHECK(is_refused(hex_bytes(good.substr(0, good.size() - 2) + "40")));
    CHECK(is_refused(hex_bytes(good.substr(0, good.size() - 2) + "9fff")));
    CHECK(is_refused(hex_bytes(good.substr(0, good.size() - 2) + "f6")));
}

TEST_CASE("huge numbers in every field are refused before memory is asked for")
{
    for (const std::uint64_t huge :
         {std::uint64_t{1} << 16U, std::uint64_t{1} << 32U, (std::uint64_t{1} << 32U) + 4,
          (std::uint64_t{1} << 56U) + 1, std::uint64_t{1} << 63U, UINT64_MAX}) {
        CHECK(is_refused(Fields{.count = huge}));
        CHECK(is_refused(Fields{.kind = huge}));
        CHECK(is_refused(Fields{.version = huge}));
        CHECK(is_refused(Fields{.k = huge}));
        CHECK(is_refused(Fields{.m = huge}));
        if (huge != 65536) CHECK(is_refused(Fields{.segment_size = huge}));
        CHECK(is_refused(Fields{.total_size = huge}));
        CHECK(is_refused(Fields{.total_size = huge, .segments = huge / segment_size_usual}));
        CHECK(is_refused(Fields{.segments = huge}));
    }
    const std::uint64_t segments = object_size_max / segment_size_min;
    CHECK(is_refused(
        Fields{.segment_size = 65536, .total_size = object_size_max, .segments = segments}));
    // A byte string that says it has 2^64-1 bytes.
    CHECK(is_refused(hex_bytes("88010104021a01000000005bffffffffffffffff00")));
}

TEST_CASE("each segment's roots are one byte string of exactly their size")
{
    const Bytes good = to_bytes(manifest_of({1, 1, 65536}, 65536 * 2));
    const std::size_t at = good.size() - 2 * (64 + 2);
    REQUIRE(good[at] == std::byte{0x58});
    REQUIRE(good[at + 1] == std::byte{0x40});
    for (const auto& [offset, value] :
         {std::pair{0, 0x57}, std::pair{0, 0x59}, std::pair{0, 0x78}, std::pair{1, 0x3f},
          std::pair{1, 0x41}, std::pair{66, 0x40}, std::pair{67, 0x20}}) {
        Bytes bytes = good;
        bytes[at + static_cast<std::size_t>(offset)] = static_cast<std::byte>(value);
        CHECK_MESSAGE(is_refused(bytes), offset);
    }
}

TEST_CASE("the largest object has sizes without overflow")
{
    for (const Profile& profile : {Profile{1, 254, 65536}, Profile{255, 0, 65536},
                                   Profile{1, 0, segment_size_max}, Profile{}}) {
        const ManifestHead head = head_of(profile, object_size_max);
        CHECK(head.segments() == object_size_max / profile.segment_size);
        CHECK(head.segment_length(head.segments() - 1) == profile.segment_size);
        CHECK(head.shard_file_body_size() ==
              head.segments() * shard_size(profile, profile.segment_size));
        CHECK(head.shard_file_body_size() >= object_size_max / profile.k);
        CHECK(head.manifest_size() > head.segments() * profile.shards() * 32);
        CHECK(head.manifest_size() < head.segments() * (profile.shards() * 32 + 4));
        CHECK(parse_manifest_head(to_bytes(head)) == head);
        CHECK(to_bytes(head).size() <= manifest_head_size_max);
    }
}

TEST_CASE("shards of a segment are its k-th part in multiples of 64 bytes")
{
    CHECK(shard_size({4, 2, 65536}, 1) == 64);
    CHECK(shard_size({4, 2, 65536}, 256) == 64);
    CHECK(shard_size({4, 2, 65536}, 257) == 128);
    CHECK(shard_size({1, 2, 65536}, 65536) == 65536);
    CHECK(shard_size({3, 2, 65536}, 65536) == 21888);
    CHECK(shard_size({255, 0, 65536}, 65536) == 320);

    const ManifestHead head = head_of({3, 2, 65536}, 65536 * 2 + 1);
    CHECK(head.segments() == 3);
    CHECK(head.segment_length(0) == 65536);
    CHECK(head.segment_length(2) == 1);
    CHECK(head.shard_offset(2) == 2 * 21888);
    CHECK(head.shard_file_body_size() == 2 * 21888 + 64);
    CHECK(head_of({3, 2, 65536}, 0).shard_file_body_size() == 0);
}

TEST_CASE("profiles have names and limits")
{
    CHECK(find_profile("small") == Profile{4, 2, 16 * MiB});
    CHECK(find_profile("wide") == Profile{10, 6, 16 * MiB});
    CHECK(find_profile("archive") == Profile{16, 16, 16 * MiB});
    CHECK(find_profile("cess") == Profile{4, 8, 32 * MiB});
    CHECK(shard_size(*find_profile("cess"), 32 * MiB) == 8 * MiB);
    CHECK_FALSE(find_profile("Small"));
    CHECK_FALSE(find_profile(""));

    for (const std::uint32_t size : {65536U, 131072U, 1U << 24U, 1U << 26U})
        CHECK(is_allowed({4, 2, size}));
    for (const std::uint32_t size : {0U, 1U, 32768U, 65535U, 65537U, 98304U, 1U << 27U, 1U << 31U})
        CHECK_FALSE(is_allowed({4, 2, size}));
    CHECK(is_allowed({1, 0, 65536}));
    CHECK(is_allowed({255, 0, 65536}));
    CHECK(is_allowed({1, 254, 65536}));
    CHECK_FALSE(is_allowed({0, 2, 65536}));
    CHECK_FALSE(is_allowed({256, 0, 65536}));
    CHECK_FALSE(is_allowed({2, 254, 65536}));
    CHECK_FALSE(is_allowed({UINT32_MAX, 2, 65536})); // k + m overflows
    CHECK_FALSE(is_allowed({2, UINT32_MAX, 65536}));
}
