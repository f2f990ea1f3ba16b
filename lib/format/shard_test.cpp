#include "format/shard.hpp"

#include "base/error.hpp"
#include "base/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

// Made with python3's struct module and b3sum.
constexpr std::string_view golden_header =
    "434149524e53484401000000040002000500000000000001"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "d01503324ccf9cc7c95141e231edc228d4ce9c3624a4f7ed1dae54e8455713f4";
constexpr std::string_view golden_stream_header =
    "434149524e5354520100000004000200000000010000000000000000000000005304ee776aae222d4e60c968436c"
    "20a467c05903bcb2b216ead989eddfafaaf4";
constexpr std::string_view golden_frame =
    "4652414d050000000807060504030201ffff000000000000"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fcc79a5cc2c15ac05";
constexpr std::string_view golden_tail = "5441494c000000000807060504030201";
constexpr std::string_view golden_trailer =
    "0807060504030201"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f434149524e454e44";
constexpr std::uint64_t counting = 0x0102030405060708;

template <class FixedBytes>
FixedBytes ascending()
{
    FixedBytes fixed;
    for (std::size_t i = 0; i < fixed.size; ++i) fixed.bytes[i] = static_cast<std::byte>(i);
    return fixed;
}

ShardHeader header()
{
    return {.profile = {}, .index = 5, .id = ascending<ObjectId>()};
}

ShardFrameHeader frame()
{
    return {.index = 5,
            .segment = counting,
            .segment_length = 65535,
            .root = ascending<Blake3Digest>()};
}

auto is_refused(auto parse, const Bytes& bytes) -> bool
{
    return exit_of([&] { (void)parse(bytes); }) == Exit::data;
}

/// Every bit changed, every length but its own.
void check_every_change(auto parse, const Bytes& good)
{
    CHECK_FALSE(is_refused(parse, good));
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        CHECK_MESSAGE(is_refused(parse, bytes), i);
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_MESSAGE(is_refused(parse, Bytes(good.begin(), good.begin() + std::ptrdiff_t(size))),
                      size);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(is_refused(parse, longer));
}

/// A header with two bytes at `offset` set to `value` and a right digest behind its first `size`.
Bytes forged(Bytes bytes, std::size_t size, std::size_t offset, unsigned value,
             std::size_t check_size = 32)
{
    bytes[offset] = static_cast<std::byte>(value & 0xffU);
    bytes[offset + 1] = static_cast<std::byte>(value >> 8U);
    const Blake3Digest check = blake3(ByteView{bytes}.first(size));
    std::copy_n(check.bytes.begin(), check_size, bytes.begin() + std::ptrdiff_t(size));
    return bytes;
}

} // namespace

TEST_CASE("the golden headers are written and read")
{
    const Bytes shard = to_bytes(header());
    REQUIRE(shard.size() == shard_header_size);
    CHECK(Bytes(shard.begin(), shard.begin() + 88) == hex_bytes(golden_header));
    CHECK(std::all_of(shard.begin() + 88, shard.end(),
                      [](std::byte byte) { return byte == std::byte{0}; }));
    CHECK(parse_shard_header(shard) == header());

    CHECK(to_stream_header(Profile{}) == hex_bytes(golden_stream_header));
    CHECK(parse_stream_header(hex_bytes(golden_stream_header)) == Profile{});
    CHECK(to_bytes(frame()) == hex_bytes(golden_frame));
    CHECK(parse_shard_frame_header(hex_bytes(golden_frame)) == frame());
    CHECK(to_tail_header(counting) == hex_bytes(golden_tail));
    CHECK(parse_tail_header(hex_bytes(golden_tail)) == counting);

    const Trailer trailer{.manifest_size = counting, .id = ascending<ObjectId>()};
    CHECK(to_bytes(trailer) == hex_bytes(golden_trailer));
    CHECK(parse_trailer(hex_bytes(golden_trailer)) == trailer);
}

TEST_CASE("a shard header with any bit changed, cut or continued is refused")
{
    check_every_change([](ByteView bytes) { return parse_shard_header(bytes); },
                       to_bytes(header()));
}

TEST_CASE("a stream header or a frame with any bit changed, cut or continued is refused")
{
    check_every_change([](ByteView bytes) { return parse_stream_header(bytes); },
                       to_stream_header({200, 55, segment_size_max}));
    check_every_change([](ByteView bytes) { return parse_shard_frame_header(bytes); },
                       to_bytes(frame()));
}

TEST_CASE("a trailer with any bit changed is refused or another one")
{
    const Bytes good = hex_bytes(golden_trailer);
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        if (i < 40 * 8)
            CHECK_MESSAGE(to_bytes(parse_trailer(bytes)) == bytes, i);
        else
            CHECK_MESSAGE(is_refused([](ByteView b) { return parse_trailer(b); }, bytes), i);
    }
    for (std::size_t size = 0; size < good.size() + 2; ++size) {
        Bytes bytes = good;
        bytes.resize(size);
        CHECK_MESSAGE(is_refused([](ByteView b) { return parse_trailer(b); }, bytes) ==
                          (size != good.size()),
                      size);
    }
}

TEST_CASE("a tail is told from a frame by its first four bytes")
{
    const Bytes good = hex_bytes(golden_tail);
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        if (i < 32)
            CHECK_FALSE(parse_tail_header(bytes));
        else if (i < 64)
            CHECK(is_refused([](ByteView b) { return parse_tail_header(b); }, bytes));
        else
            CHECK(parse_tail_header(bytes) != counting);
    }
    CHECK_FALSE(parse_tail_header(hex_bytes(golden_frame)));
    CHECK(is_refused([](ByteView b) { return parse_tail_header(b); }, hex_bytes("5441494c00")));
    CHECK(is_refused([](ByteView b) { return parse_shard_frame_header(b); }, Bytes(64)));
    CHECK(parse_tail_header(to_tail_header(0)) == 0U);
    CHECK(parse_tail_header(to_tail_header(UINT64_MAX)) == UINT64_MAX);
}

TEST_CASE("headers with a right digest and wrong numbers are refused")
{
    const auto shard = [](ByteView bytes) { return parse_shard_header(bytes); };
    const Bytes good = to_bytes(header());
    CHECK_FALSE(is_refused(shard, forged(good, 56, 16, 0))); // index
    CHECK(is_refused(shard, forged(good, 56, 14, 1)));       // m: index 5 is out of range
    CHECK(is_refused(shard, forged(good, 56, 16, 6)));
    CHECK(is_refused(shard, forged(good, 56, 16, 0xffff)));
    CHECK(is_refused(shard, forged(good, 56, 8, 0))); // version
    CHECK(is_refused(shard, forged(good, 56, 8, 2)));
    CHECK(is_refused(shard, forged(good, 56, 10, 1)));
    CHECK(is_refused(shard, forged(good, 56, 12, 0))); // k
    CHECK(is_refused(shard, forged(good, 56, 12, 254)));
    CHECK(is_refused(shard, forged(good, 56, 12, 0xffff)));
    CHECK(is_refused(shard, forged(good, 56, 14, 252))); // m
    CHECK(is_refused(shard, forged(good, 56, 14, 0xffff)));
    CHECK(is_refused(shard, forged(good, 56, 18, 1))); // reserved
    CHECK(is_refused(shard, forged(good, 56, 20, 1))); // segment size
    CHECK(is_refused(shard, forged(good, 56, 22, 0)));
    CHECK(is_refused(shard, forged(good, 56, 22, 0x0200 + 0x0100)));
    CHECK(is_refused(shard, forged(good, 56, 22, 0x0800)));

    const auto stream = [](ByteView bytes) { return parse_stream_header(bytes); };
    const Bytes front = to_stream_header(Profile{});
    CHECK_FALSE(is_refused(stream, forged(front, 32, 12, 253)));
    CHECK(is_refused(stream, forged(front, 32, 8, 2)));
    CHECK(is_refused(stream, forged(front, 32, 12, 0)));
    CHECK(is_refused(stream, forged(front, 32, 12, 254)));
    CHECK(is_refused(stream, forged(front, 32, 14, 0xffff)));
    CHECK(is_refused(stream, forged(front, 32, 16, 1)));
    CHECK(is_refused(stream, forged(front, 32, 18, 0)));
    CHECK(is_refused(stream, forged(front, 32, 18, 0xffff)));
    CHECK(is_refused(stream, forged(front, 32, 20, 1)));
    CHECK(is_refused(stream, forged(front, 32, 30, 1)));

    const auto parse = [](ByteView bytes) { return parse_shard_frame_header(bytes); };
    CHECK_FALSE(is_refused(parse, forged(to_bytes(frame()), 56, 4, 254, 8)));
    CHECK(is_refused(parse, forged(to_bytes(frame()), 56, 6, 1, 8)));
    CHECK(is_refused(parse, forged(to_bytes(frame()), 56, 20, 1, 8)));
    CHECK(is_refused(parse, forged(to_bytes(frame()), 56, 22, 1, 8)));
}

TEST_CASE("headers with the largest and smallest numbers read as they were written")
{
    for (const Profile& profile : {Profile{1, 0, segment_size_min}, Profile{255, 0, 65536},
                                   Profile{1, 254, segment_size_max}}) {
        for (const unsigned index : {0U, profile.shards() - 1}) {
            const ShardHeader written{.profile = profile, .index = index, .id = {}};
            CHECK(parse_shard_header(to_bytes(written)) == written);
        }
        CHECK(parse_stream_header(to_stream_header(profile)) == profile);
    }
    const ShardFrameHeader most{
        .index = 0xffff, .segment = UINT64_MAX, .segment_length = UINT32_MAX, .root = {}};
    CHECK(parse_shard_frame_header(to_bytes(most)) == most);
}

TEST_CASE("files of either kind are known by their first eight bytes")
{
    CHECK(is_shard_file(to_bytes(header())));
    CHECK_FALSE(is_shard_stream(to_bytes(header())));
    CHECK(is_shard_stream(to_stream_header(Profile{})));
    CHECK_FALSE(is_shard_file(to_stream_header(Profile{})));
    CHECK(is_shard_file(as_bytes("CAIRNSHD")));
    for (const std::string_view text : {"", "CAIRNSH", "cairnshd", " CAIRNSHD", "CAIRNSHE"}) {
        CHECK_FALSE(is_shard_file(as_bytes(text)));
        CHECK_FALSE(is_shard_stream(as_bytes(text)));
    }
    CHECK(is_refused([](ByteView bytes) { return parse_shard_header(bytes); },
                     to_stream_header(Profile{})));
}
