#include "format/frame.hpp"

#include "format/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t size_max = 1000; // bytes

/// What is read of a stream, and what stopped it if anything did.
struct Read {
    std::vector<Bytes> all;
    std::string fault;
};

Read read_all(ByteView stream)
{
    const ReadBytes read = [&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), stream.size());
        std::ranges::copy(stream.first(size), buffer.begin());
        stream = stream.subspan(size);
        return size;
    };
    Read result;
    try {
        while (auto bytes = read_framed(read, size_max, "thing"))
            result.all.push_back(std::move(*bytes));
    } catch (const Error& error) {
        result.fault = error.what();
    }
    return result;
}

} // namespace

TEST_CASE("a frame is of its content alone")
{
    const Bytes content = noise(100);
    const Bytes head = frame_head(content);
    CHECK(head.size() == frame_head_size);
    CHECK(framed_size(head, size_max, "thing") == content.size());
    CHECK(is_framed(head, content));
    for (std::size_t bit = 0; bit < 8 * content.size(); ++bit)
        CHECK_FALSE(is_framed(head, with_bit_changed(content, bit)));
    for (std::size_t bit = 0; bit < 8 * head.size(); ++bit)
        CHECK_FALSE(is_framed(with_bit_changed(head, bit), content));
    CHECK_FALSE(is_framed(head, ByteView{content}.first(99)));
    const auto size_of = [](std::uint32_t size) {
        Bytes other(frame_head_size);
        for (unsigned i = 0; i < 4; ++i) other[i] = static_cast<std::byte>(size >> (24 - 8 * i));
        return exit_of([&] { (void)framed_size(other, size_max, "thing"); });
    };
    CHECK((size_of(0) == Exit::data));
    CHECK((size_of(1) == Exit::ok));
    CHECK((size_of(size_max) == Exit::ok));
    CHECK((size_of(size_max + 1) == Exit::data));
    CHECK((size_of(UINT32_MAX) == Exit::data));
}

TEST_CASE("a stream is read as it was written, and cut off or changed it is refused")
{
    const std::vector<Bytes> all{noise(1), noise(size_max), noise(30)};
    Bytes stream;
    std::vector<std::size_t> ends{0};
    for (const Bytes& bytes : all) {
        const Bytes head = frame_head(bytes);
        stream.insert(stream.end(), head.begin(), head.end());
        stream.insert(stream.end(), bytes.begin(), bytes.end());
        ends.push_back(stream.size());
    }
    CHECK(read_all(stream).all == all);
    CHECK(read_all(stream).fault == "");
    for (std::size_t size = 0; size < stream.size(); ++size) {
        const Read read = read_all(ByteView{stream}.first(size));
        const bool is_end = std::ranges::find(ends, size) != ends.end();
        CHECK(read.fault == (is_end ? "" : "the stream ends within a thing"));
    }
    for (std::size_t bit = 0; bit < 8 * stream.size(); ++bit)
        CHECK(read_all(with_bit_changed(stream, bit)).fault != "");
    CHECK(read_all(Bytes(frame_head_size)).fault == "a frame of 0 bytes holds no thing");
}
