#include "crypto/secret.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <utility>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("a secret starts as zeros, of any size")
{
    for (const std::size_t size : {0, 1, 32, 4095, 4096, 4097, 70'000}) {
        const Secret secret{size};
        CHECK(secret.size() == size);
        CHECK(std::ranges::count(secret.bytes(), std::byte{0}) == std::ptrdiff_t(size));
    }
}

TEST_CASE("a copy has bytes of its own")
{
    Bytes bytes = noise(40);
    Secret secret = Secret::copy(bytes);
    bytes[0] = ~bytes[0];
    CHECK(secret.bytes()[0] != bytes[0]);
    secret.bytes()[1] = ~bytes[1];
    CHECK(bytes[1] == noise(40)[1]);
}

TEST_CASE("a secret moves with its bytes")
{
    Secret first = Secret::copy(noise(40));
    const std::byte* const place = first.bytes().data();
    Secret second{std::move(first)};
    Secret third{7};
    third = std::move(second);
    CHECK(third.bytes().data() == place);
    CHECK(std::ranges::equal(third.bytes(), noise(40)));
}

TEST_CASE("shrinking keeps the front and wipes the rest")
{
    Secret secret = Secret::copy(noise(40));
    const MutableByteView whole = secret.bytes();
    secret.shrink(40);
    secret.shrink(16);
    CHECK(secret.size() == 16);
    const Bytes expected = noise(40);
    CHECK(std::ranges::equal(secret.bytes(), ByteView{expected}.first(16)));
    CHECK(std::ranges::count(whole.subspan(16), std::byte{0}) == 24);
    secret.shrink(0);
    CHECK(secret.bytes().empty());
}

TEST_CASE("two secrets are equal when all their bytes are")
{
    const Bytes bytes = noise(33);
    CHECK(constant_time_equal({}, {}));
    CHECK(constant_time_equal(bytes, noise(33)));
    CHECK_FALSE(constant_time_equal(bytes, ByteView{bytes}.first(32)));
    CHECK_FALSE(constant_time_equal({}, bytes));
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        Bytes other = bytes;
        other[bit / 8] ^= std::byte(1U << bit % 8);
        CHECK_FALSE(constant_time_equal(bytes, other));
    }
}

TEST_CASE("wiped bytes are zeros")
{
    Bytes bytes = noise(33);
    wipe(MutableByteView{bytes}.subspan(1, 31));
    CHECK(std::ranges::count(bytes, std::byte{0}) >= 31);
    CHECK(bytes.front() == noise(33).front());
    CHECK(bytes.back() == noise(33).back());
    wipe({});
}
