#include "hash/blake3.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

// The input of the published test vectors.
Bytes pattern(std::size_t size)
{
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(i % 251);
    return bytes;
}

Bytes extended(Blake3 hasher, Blake3Kernel kernel, ByteView data, std::size_t size)
{
    hasher.use(kernel);
    hasher.update(data);
    Bytes out(size);
    hasher.extend(out);
    return out;
}

Blake3Digest digest_on(Blake3Kernel kernel, ByteView data, unsigned threads = 1)
{
    Blake3 hasher;
    hasher.use(kernel);
    hasher.update(data, threads);
    return hasher.digest();
}

// Sizes where something begins or ends: blocks, chunks, lanes, groups, pieces.
std::vector<std::size_t> edges(std::size_t size_max)
{
    std::vector<std::size_t> sizes{0};
    for (std::size_t size = 1; size <= size_max; size *= 2)
        for (const std::size_t edge : {size - 1, size, size + 1, size + size / 2, size + 1023})
            if (edge <= size_max) sizes.push_back(edge);
    std::ranges::sort(sizes);
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    return sizes;
}

} // namespace

TEST_CASE("the hash of nothing is the published one")
{
    CHECK(blake3({}).bytes ==
          hex<32>("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"));
}

TEST_CASE("every kernel gives the outputs of b3sum in all three modes")
{
    const std::string key = "whats the Elvish word for friend";
    const Blake3 keyed = Blake3::keyed(as_bytes(key).first<32>());
    const Blake3 deriving = Blake3::derive_key("BLAKE3 2019-12-27 16:29:52 test vectors context");

    std::ifstream file{std::string{CAIRN_TEST_DATA} + "/blake3.txt"};
    std::size_t vectors = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        ++vectors;
        std::istringstream columns{line};
        std::size_t size = 0;
        std::string plain_digits;
        std::string keyed_digits;
        std::string derived_digits;
        columns >> size >> plain_digits >> keyed_digits >> derived_digits;
        REQUIRE_FALSE(columns.fail());
        CAPTURE(size);
        const Bytes data = pattern(size);
        for (const Blake3Kernel kernel : blake3_kernels()) {
            CAPTURE(int(kernel));
            CHECK(extended(Blake3{}, kernel, data, 131) == hex_bytes(plain_digits));
            CHECK(extended(keyed, kernel, data, 131) == hex_bytes(keyed_digits));
            CHECK(extended(deriving, kernel, data, 131) == hex_bytes(derived_digits));
        }
    }
    CHECK(vectors == 35);
}

TEST_CASE("all kernels agree at every edge of the tree")
{
    const Bytes data = noise(1200000);
    for (const std::size_t size : edges(data.size())) {
        CAPTURE(size);
        const ByteView part = ByteView{data}.first(size);
        const Blake3Digest expected = digest_on(Blake3Kernel::portable, part);
        for (const Blake3Kernel kernel : blake3_kernels()) {
            CAPTURE(int(kernel));
            CHECK(digest_on(kernel, part) == expected);
        }
    }
}

TEST_CASE("all kernels agree on any number of chunks at any alignment")
{
    const Bytes data = noise(std::size_t{70} * 1024);
    for (std::size_t chunks = 1; chunks < 69; ++chunks) {
        const ByteView part = ByteView{data}.subspan(chunks, chunks * 1024 + chunks);
        const Blake3Digest expected = digest_on(Blake3Kernel::portable, part);
        for (const Blake3Kernel kernel : blake3_kernels())
            CHECK(digest_on(kernel, part) == expected);
    }
}

TEST_CASE("the digest does not depend on how the input is cut")
{
    const Bytes data = noise(600000);
    std::mt19937_64 random{7};
    for (int round = 0; round < 40; ++round) {
        const std::size_t size = random() % data.size();
        const std::size_t step_max = std::size_t{1} << (random() % 18);
        const ByteView whole = ByteView{data}.first(size);
        CAPTURE(size);
        CAPTURE(step_max);
        Blake3 hasher;
        for (ByteView rest = whole; !rest.empty();) {
            const std::size_t step = std::min(rest.size(), random() % (step_max + 1));
            hasher.update(rest.first(step));
            rest = rest.subspan(step);
        }
        CHECK(hasher.size() == size);
        CHECK(hasher.digest() == blake3(whole));
    }
}

TEST_CASE("a digest may be taken on the way, and a copy goes on separately")
{
    const Bytes data = noise(5000);
    Blake3 hasher;
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(hasher.digest() == blake3(ByteView{data}.first(1000 * i)));
        hasher.update(ByteView{data}.subspan(1000 * i, 1000));
    }
    Blake3 copy = hasher;
    copy.update(data);
    CHECK(hasher.digest() == blake3(data));
    CHECK(copy.digest() != hasher.digest());
}

TEST_CASE("any window of the extended output is the same output")
{
    Blake3 hasher;
    hasher.update(pattern(3000));
    Bytes out(1000);
    hasher.extend(out);
    CHECK(std::ranges::equal(ByteView{out}.first(32), hasher.digest().bytes));
    for (const std::size_t offset : {0U, 1U, 31U, 63U, 64U, 65U, 128U, 500U}) {
        Bytes window(300);
        hasher.extend(window, offset);
        CHECK(std::ranges::equal(window, ByteView{out}.subspan(offset, 300)));
    }
}

TEST_CASE("threads do not change the digest")
{
    const Bytes data = noise(std::size_t{9} << 20U);
    for (const std::size_t size :
         {std::size_t{2} << 20U, (std::size_t{4} << 20U) + 1, data.size() - 1025, data.size()}) {
        const ByteView part = ByteView{data}.first(size);
        const Blake3Digest expected = blake3(part);
        for (unsigned threads = 0; threads < 4; ++threads) CHECK(blake3(part, threads) == expected);
        Blake3 shifted;
        shifted.update(part.first(70000));
        shifted.update(part.subspan(70000), 2);
        CHECK(shifted.digest() == expected);
    }
}

TEST_CASE("subtrees join to the hash of the stream, whatever the size of the last")
{
    const Bytes data = noise(5 * 65536 + 1);
    for (const std::size_t part_size : {std::size_t{65536}, std::size_t{131072}}) {
        for (const std::size_t tail : edges(part_size)) {
            for (std::size_t parts = 0; parts < 5 && parts * part_size + tail <= data.size();
                 ++parts) {
                const std::size_t size = parts * part_size + tail;
                CAPTURE(size);
                const ByteView whole = ByteView{data}.first(size);
                Blake3 hasher;
                for (std::size_t offset = 0; offset < size; offset += part_size)
                    hasher.append(blake3_subtree(
                        whole.subspan(offset, std::min(part_size, size - offset)), offset));
                CHECK(hasher.digest() == blake3(whole));
            }
        }
    }
}

TEST_CASE("updates and subtrees may be mixed")
{
    const Bytes data = noise(400000);
    const ByteView whole{data};
    Blake3 hasher;
    hasher.update(whole.first(65535));
    hasher.update(whole.subspan(65535, 1));
    hasher.append(blake3_subtree(whole.subspan(65536, 65536), 65536));
    hasher.append(blake3_subtree(whole.subspan(131072, 131072), 131072));
    CHECK(hasher.digest() == blake3(whole.first(262144)));
    hasher.update(whole.subspan(262144));
    CHECK(hasher.digest() == blake3(whole));
}

TEST_CASE("a chaining value is never the digest of the same bytes")
{
    for (const std::size_t size : {1U, 1024U, 2048U, 65536U}) {
        const Bytes data = noise(size);
        CHECK(blake3_subtree(data, 0).chaining().bytes != blake3(data).bytes);
    }
}
