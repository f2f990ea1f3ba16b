#include "base/testing.hpp"
#include "stream/decode.hpp"
#include "stream/encode.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr Profile small{4, 2, 65536};
constexpr std::size_t full_frame = shard_frame_header_size + 65536 / 4; // bytes

Source source_of(ByteView bytes)
{
    return [bytes](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), bytes.size());
        std::ranges::copy(bytes.first(size), buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

struct Stream {
    Bytes bytes;
    ObjectId id;
};

Stream encode(ByteView data, const Profile& profile = small, unsigned workers = 1)
{
    Stream stream;
    const Sink sink = [&](ByteView bytes) {
        stream.bytes.insert(stream.bytes.end(), bytes.begin(), bytes.end());
    };
    stream.id =
        encode_to_stream(source_of(data), sink, {.profile = profile, .workers = workers}).id;
    return stream;
}

struct Outcome {
    Exit code = Exit::ok;
    std::string message;
    Bytes bytes;
    std::vector<std::string> faults;
};

/// Read by ShardStreamReader, a few bytes at a time or all at once.
Outcome pull(ByteView stream, std::size_t step)
{
    Outcome outcome;
    try {
        ShardStreamReader reader{source_of(stream), "/tmp"};
        Bytes buffer(step);
        for (std::size_t size = 0; (size = reader.read(buffer)) > 0;)
            outcome.bytes.insert(outcome.bytes.end(), buffer.begin(),
                                 buffer.begin() + static_cast<std::ptrdiff_t>(size));
        for (const ShardFault& fault : reader.faults())
            outcome.faults.push_back(fault.path + ' ' + fault.what);
    } catch (const Error& error) {
        outcome.code = error.code();
        outcome.message = error.what();
    }
    return outcome;
}

Outcome decode(ByteView stream, const StreamDecodeOptions& options = {})
{
    Outcome outcome;
    try {
        const auto faults = decode_stream(
            source_of(stream),
            [&](ByteView bytes) {
                outcome.bytes.insert(outcome.bytes.end(), bytes.begin(), bytes.end());
            },
            options);
        for (const ShardFault& fault : faults)
            outcome.faults.push_back(fault.path + ' ' + fault.what);
    } catch (const Error& error) {
        outcome.code = error.code();
        outcome.message = error.what();
    }
    if (!options.range && !options.id) { // who asks for the bytes gets the same
        const Outcome pulled = pull(stream, 100'000);
        CHECK(pulled.code == outcome.code);
        CHECK(pulled.message == outcome.message);
        CHECK(pulled.faults == outcome.faults);
        if (outcome.code == Exit::ok) CHECK(pulled.bytes == outcome.bytes);
    }
    return outcome;
}

bool is_prefix(const Bytes& part, const Bytes& whole)
{
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

/// Where a frame of a segment begins, if all segments before it are full.
std::size_t frame_at(std::size_t segment, std::size_t index)
{
    return stream_header_size + (segment * 6 + index) * full_frame;
}

auto at(Bytes& bytes, std::size_t offset)
{
    return bytes.begin() + static_cast<std::ptrdiff_t>(offset);
}

void flip(Bytes& bytes, std::size_t offset)
{
    bytes[offset] ^= std::byte{1};
}

/// Writes another header, with a right check, in front of a shard.
void change_frame(Bytes& bytes, std::size_t offset, auto change)
{
    ShardFrameHeader header =
        parse_shard_frame_header(ByteView{bytes}.subspan(offset, shard_frame_header_size));
    change(header);
    std::ranges::copy(to_bytes(header), at(bytes, offset));
}

bool is_refused(const Bytes& stream)
{
    return decode(stream).code == Exit::data;
}

} // namespace

TEST_CASE("objects of all sizes come back from a stream")
{
    for (const Profile& profile : {small, Profile{1, 0, 65536}, Profile{1, 2, 65536},
                                   Profile{3, 0, 65536}, Profile{10, 6, 131072}})
        for (const std::size_t size :
             {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
              std::size_t{65535}, std::size_t{65536}, std::size_t{65537}, std::size_t{131071},
              std::size_t{131072}, std::size_t{131073}, std::size_t{300000}}) {
            const Bytes data = noise(size, size);
            const Stream stream = encode(data, profile);
            CHECK(encode(data, profile, 3).bytes == stream.bytes);
            for (const std::size_t step : {7UL, 65536UL, 1'000'000UL})
                CHECK(pull(stream.bytes, step).bytes == data);
            for (const unsigned workers : {1U, 3U}) {
                const Outcome outcome = decode(stream.bytes, {.workers = workers, .id = stream.id});
                CHECK(outcome.message == "");
                CHECK(outcome.bytes == data);
                CHECK(outcome.faults.empty());
            }
        }
}

TEST_CASE("a stream of one small segment with any byte changed decodes right or not at all")
{
    const Bytes data = noise(200);
    const Bytes good = encode(data).bytes;
    std::size_t decoded = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bytes = good;
        bytes[i] ^= static_cast<std::byte>(1U << i % 8);
        const Outcome outcome = decode(bytes);
        CHECK_MESSAGE(is_prefix(outcome.bytes, data), i);
        if (outcome.code == Exit::ok)
            CHECK_MESSAGE(outcome.bytes == data, i);
        else
            CHECK_MESSAGE(outcome.code == Exit::data, i);
        decoded += outcome.code == Exit::ok ? 1 : 0;
    }
    CHECK(decoded == 6 * 64); // the shards themselves
}

TEST_CASE("a stream that is cut anywhere is refused, and what it gave is a prefix")
{
    const Bytes data = noise(65536 + 500);
    const Bytes good = encode(data).bytes;
    for (std::size_t size = 0; size < good.size(); size += size < 200 ? 1 : 61) {
        const Outcome outcome = decode(ByteView{good}.first(size));
        CHECK_MESSAGE(outcome.code == Exit::data, size);
        CHECK_MESSAGE(is_prefix(outcome.bytes, data), size);
    }
    for (std::size_t cut = 1; cut < 400; ++cut)
        CHECK(decode(ByteView{good}.first(good.size() - cut)).code == Exit::data);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(is_refused(longer));
    longer.pop_back();
    longer.insert(longer.end(), good.begin(), good.end());
    CHECK(is_refused(longer));
}

TEST_CASE("two damaged shards in each segment are rebuilt and named")
{
    const Bytes data = noise(65536 * 2);
    const Bytes good = encode(data).bytes;
    for (std::size_t a = 0; a < 6; ++a)
        for (std::size_t b = 0; b < 6; ++b) {
            Bytes bytes = good;
            flip(bytes, frame_at(0, a) + shard_frame_header_size);
            flip(bytes, frame_at(1, b) + full_frame - 1);
            flip(bytes, frame_at(1, (b + 1) % 6) + full_frame - 1);
            const Outcome outcome = decode(bytes, {.workers = 2});
            CHECK(outcome.bytes == data);
            CHECK(outcome.faults.empty() == (a >= 4 && b == 4)); // parity that nobody read
        }
    Bytes bytes = good;
    flip(bytes, frame_at(1, 2) + 100);
    CHECK(decode(bytes).faults == std::vector<std::string>{"shard 2 is damaged in the stream"});
}

TEST_CASE("three damaged shards of a segment end the object before it")
{
    const Bytes data = noise(65536 * 3);
    Bytes bytes = encode(data).bytes;
    for (const std::size_t index : {0U, 3U, 5U}) flip(bytes, frame_at(1, index) + 1000);
    for (const unsigned workers : {1U, 3U}) {
        const Outcome outcome = decode(bytes, {.workers = workers});
        CHECK(outcome.code == Exit::data);
        CHECK(outcome.bytes == Bytes(data.begin(), data.begin() + 65536));
    }
}

TEST_CASE("frames that were taken out are missing shards")
{
    const Bytes data = noise(65536);
    const Bytes good = encode(data).bytes;
    const auto without = [&](std::vector<std::size_t> frames) {
        Bytes bytes = good;
        std::ranges::sort(frames, std::greater{});
        for (const std::size_t frame : frames)
            bytes.erase(at(bytes, frame_at(0, frame)), at(bytes, frame_at(0, frame + 1)));
        return bytes;
    };
    const Outcome outcome = decode(without({0, 5}));
    CHECK(outcome.bytes == data);
    CHECK(outcome.faults == std::vector<std::string>{"shard 0 is missing in the stream",
                                                     "shard 5 is missing in the stream"});
    CHECK(is_refused(without({0, 1, 2})));
    CHECK(is_refused(without({0, 1, 2, 3, 4, 5})));
}

TEST_CASE("frames out of place are refused")
{
    const Bytes good = encode(noise(65536 * 2)).bytes;
    const auto refuse_changed = [&](std::size_t offset, auto change) {
        Bytes bytes = good;
        change_frame(bytes, offset, change);
        CHECK(is_refused(bytes));
    };
    refuse_changed(frame_at(0, 0), [](ShardFrameHeader& header) { header.index = 1; });
    refuse_changed(frame_at(0, 1), [](ShardFrameHeader& header) { header.index = 0; });
    refuse_changed(frame_at(0, 5), [](ShardFrameHeader& header) { header.index = 6; });
    refuse_changed(frame_at(0, 5), [](ShardFrameHeader& header) { header.index = 0xffff; });
    refuse_changed(frame_at(0, 0), [](ShardFrameHeader& header) { header.segment = 1; });
    refuse_changed(frame_at(1, 0), [](ShardFrameHeader& header) { header.segment = 0; });
    refuse_changed(frame_at(1, 0), [](ShardFrameHeader& header) { header.segment = UINT64_MAX; });
    refuse_changed(frame_at(0, 0), [](ShardFrameHeader& header) { header.segment_length = 0; });
    refuse_changed(frame_at(0, 0), [](ShardFrameHeader& header) { header.segment_length = 65537; });
    refuse_changed(frame_at(0, 0), [](ShardFrameHeader& h) { h.segment_length = UINT32_MAX; });
    refuse_changed(frame_at(0, 3), [](ShardFrameHeader& header) { header.segment_length = 65535; });

    Bytes bytes = good; // a segment after a short one
    for (std::size_t index = 0; index < 6; ++index)
        change_frame(bytes, frame_at(0, index),
                     [](ShardFrameHeader& h) { h.segment_length = 65535; });
    CHECK(is_refused(bytes));
    bytes = good; // a segment twice
    bytes.insert(at(bytes, frame_at(1, 0)), good.begin() + stream_header_size,
                 good.begin() + std::ptrdiff_t(frame_at(1, 0)));
    CHECK(is_refused(bytes));
    bytes = good; // none of the first
    bytes.erase(at(bytes, frame_at(0, 0)), at(bytes, frame_at(1, 0)));
    CHECK(is_refused(bytes));
    bytes = good; // the last one left out
    bytes.erase(at(bytes, frame_at(1, 0)), at(bytes, frame_at(2, 0)));
    CHECK(is_refused(bytes));
}

TEST_CASE("shards that agree with their frames but not with the manifest are refused")
{
    Bytes bytes = encode(noise(65536)).bytes;
    for (const std::size_t index : {0U, 5U}) { // a data shard in use, a parity shard in none
        Bytes forged = bytes;
        const std::size_t offset = frame_at(0, index);
        flip(forged, offset + shard_frame_header_size);
        const Blake3Digest root =
            blake3(ByteView{forged}.subspan(offset + shard_frame_header_size, 65536 / 4));
        change_frame(forged, offset, [&](ShardFrameHeader& header) { header.root = root; });
        CHECK(is_refused(forged));

        // Where it is needed to rebuild another, the other's root shows it before a byte is out.
        flip(forged, frame_at(0, 1) + shard_frame_header_size);
        flip(forged, frame_at(0, 4) + shard_frame_header_size);
        const Outcome outcome = decode(forged);
        CHECK(outcome.code == Exit::data);
        CHECK(outcome.bytes.empty());
    }
}

TEST_CASE("the manifest and trailer of another object are refused")
{
    const Bytes one = encode(noise(65536, 1)).bytes;
    const Bytes two = encode(noise(65536, 2)).bytes;
    REQUIRE(one.size() == two.size());
    Bytes mixed = one;
    std::copy(two.begin() + std::ptrdiff_t(frame_at(1, 0)), two.end(), at(mixed, frame_at(1, 0)));
    CHECK(is_refused(mixed));

    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX, std::uint64_t{1} << 40U}) {
        Bytes bytes = one;
        std::ranges::copy(to_tail_header(size), at(bytes, frame_at(1, 0)));
        CHECK(is_refused(bytes));
    }
    Bytes other_profile = one;
    std::ranges::copy(to_stream_header({4, 3, 65536}), other_profile.begin());
    CHECK(is_refused(other_profile));
    std::ranges::copy(to_stream_header({4, 2, 131072}), other_profile.begin());
    CHECK(is_refused(other_profile));
}

TEST_CASE("an id picks the object")
{
    const Stream stream = encode(noise(100));
    CHECK(decode(stream.bytes, {.id = stream.id}).code == Exit::ok);
    CHECK(decode(stream.bytes, {.id = ObjectId{}}).code == Exit::data);
}

TEST_CASE("a range is a part of the object")
{
    const Bytes data = noise(65536 * 3 + 77);
    const Bytes stream = encode(data).bytes;
    for (const auto& [first, last] : {std::pair<std::uint64_t, std::uint64_t>{0, 0},
                                      {0, UINT64_MAX},
                                      {1, 65535},
                                      {65535, 65536},
                                      {65536, 131071},
                                      {100, 200'000},
                                      {196'684, 196'684},
                                      {196'685, 196'700},
                                      {1U << 30U, UINT64_MAX}}) {
        const std::size_t begin = std::min<std::uint64_t>(first, data.size());
        const std::size_t end =
            std::max<std::uint64_t>(begin, last >= data.size() ? data.size() : last + 1);
        const Outcome outcome = decode(stream, {.workers = 2, .range = ByteRange{first, last}});
        CHECK(outcome.code == Exit::ok);
        CHECK(outcome.bytes ==
              Bytes(data.begin() + std::ptrdiff_t(begin), data.begin() + std::ptrdiff_t(end)));
    }
}

TEST_CASE("ranges are two decimal numbers, the second not before the first")
{
    CHECK(parse_byte_range("0-0").last == 0);
    CHECK(parse_byte_range("5-18446744073709551615").first == 5);
    CHECK(parse_byte_range("7-").last == UINT64_MAX);
    for (const char* text :
         {"", "-", "5", "-5", "6-5", "a-b", "1-2-3", " 1-2", "1 -2", "1-2 ", "01-2", "1-02",
          "0x1-2", "+1-2", "1--2", "1-18446744073709551616", "1KiB-2KiB"})
        CHECK_MESSAGE(exit_of([&] { (void)parse_byte_range(text); }) == Exit::usage, text);
}
