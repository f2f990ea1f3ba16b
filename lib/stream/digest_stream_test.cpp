#include "stream/digest_stream.hpp"

#include "base/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Source source_of(ByteView bytes)
{
    return [bytes](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), bytes.size());
        std::ranges::copy(bytes.first(size), buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

constexpr std::size_t sizes[] = {0, 1, 262'143, 262'144, 262'145, 524'288, 700'000};

} // namespace

TEST_CASE("the digest of a stream is that of its bytes, all of which are told")
{
    for (const std::size_t size : sizes) {
        const Bytes data = noise(size);
        Blake2b hash;
        hash.update(data);
        std::uint64_t done = 0;
        CHECK(blake2b_of(source_of(data), [&](std::uint64_t bytes) { done += bytes; }) ==
              hash.finish());
        CHECK(done == size);
    }
}

TEST_CASE("a stream is read whole up to its limit")
{
    for (const std::size_t size : sizes) {
        const Bytes data = noise(size);
        CHECK(read_all(source_of(data), size) == data);
        CHECK(read_all(source_of(data), 1'000'000) == data);
        if (size > 0) CHECK(exit_of([&] { read_all(source_of(data), size - 1); }) == Exit::data);
    }
}
