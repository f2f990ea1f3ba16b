#include "erasure/segment.hpp"

#include "base/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Blake3Digest digest_of(const std::vector<Blake3Subtree>& parts)
{
    Blake3 hash;
    for (const Blake3Subtree& part : parts) hash.append(part);
    return hash.digest();
}

void put(SegmentEncoder& encoder, const Bytes& data)
{
    std::ranges::fill(encoder.input(), std::byte{0xa5}); // of the segment before
    std::ranges::copy(data, encoder.input().begin());
}

/// The product in GF(2^8) modulo 0x11d, by its definition.
unsigned times(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1U) {
        if (b & 1U) product ^= a;
        a = a << 1U ^ (a & 0x80U ? 0x11dU : 0U);
    }
    return product;
}

unsigned inverse(unsigned a)
{
    for (unsigned b = 1;; ++b)
        if (times(a, b) == 1) return b;
}

} // namespace

TEST_CASE("the shards of a segment are its bytes, then zeros, then parity, each with its root")
{
    for (const Profile& profile :
         {Profile{4, 2, 65536}, Profile{1, 2, 65536}, Profile{3, 0, 65536}, Profile{10, 6, 65536},
          Profile{255, 0, 65536}, Profile{7, 3, 262144}}) {
        const Code code{{profile.k, profile.m}};
        SegmentEncoder encoder{profile};
        REQUIRE(encoder.input().size() == profile.segment_size);
        for (const std::size_t length :
             {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65},
              std::size_t{profile.k} * 64, std::size_t{profile.k} * 64 + 1, std::size_t{65535},
              std::size_t{65536}, std::size_t{profile.segment_size}}) {
            const Bytes data = noise(length, length);
            put(encoder, data);
            encoder.encode(code, length, 0);
            CHECK(encoder.length() == length);
            REQUIRE(encoder.shards().size() == profile.shards());
            REQUIRE(encoder.roots().size() == profile.shards());
            CHECK(digest_of(encoder.content()) == blake3(data));

            Bytes joined;
            for (unsigned i = 0; i < profile.shards(); ++i) {
                const ByteView shard = encoder.shards()[i];
                CHECK(shard.size() == shard_size(profile, length));
                CHECK(encoder.roots()[i] == blake3(shard));
                if (i < profile.k) joined.insert(joined.end(), shard.begin(), shard.end());
            }
            CHECK(std::equal(data.begin(), data.end(), joined.begin()));
            CHECK(std::all_of(joined.begin() + std::ptrdiff_t(length), joined.end(),
                              [](std::byte byte) { return byte == std::byte{0}; }));
        }
    }
}

TEST_CASE("parity is the sum of the data shards times 1 / (i xor j)")
{
    const Profile profile{5, 3, 65536};
    SegmentEncoder encoder{profile};
    put(encoder, noise(1000));
    encoder.encode(Code{{5, 3}}, 1000, 0);
    for (unsigned i = 5; i < 8; ++i)
        for (std::size_t at = 0; at < encoder.shards()[0].size(); ++at) {
            unsigned sum = 0;
            for (unsigned j = 0; j < 5; ++j)
                sum ^= times(std::to_integer<unsigned>(encoder.shards()[j][at]), inverse(i ^ j));
            REQUIRE(std::to_integer<unsigned>(encoder.shards()[i][at]) == sum);
        }
}

TEST_CASE("with one data shard all shards are copies")
{
    SegmentEncoder encoder{{1, 3, 65536}};
    put(encoder, noise(100));
    encoder.encode(Code{{1, 3}}, 100, 0);
    for (const ByteView shard : encoder.shards())
        CHECK(std::ranges::equal(shard, encoder.shards()[0]));
    for (const Blake3Digest& root : encoder.roots()) CHECK(root == encoder.roots()[0]);
}

TEST_CASE("an encoder used again leaves nothing of the segment before")
{
    const Profile profile{4, 2, 65536};
    const Code code{{4, 2}};
    SegmentEncoder used{profile};
    put(used, noise(65536, 1));
    used.encode(code, 65536, 0);
    put(used, noise(300, 2));
    used.encode(code, 300, 65536);

    SegmentEncoder fresh{profile};
    put(fresh, noise(300, 2));
    fresh.encode(code, 300, 65536);
    CHECK(used.roots() == fresh.roots());
    CHECK(used.shards().size() == fresh.shards().size());
}

TEST_CASE("the parts of all segments make the hash of the object")
{
    const Profile profile{3, 2, 131072};
    const Code code{{3, 2}};
    const Bytes object = noise(131072 * 3 + 4097);
    SegmentEncoder encoder{profile};
    Blake3 hash;
    for (std::size_t at = 0; at < object.size(); at += profile.segment_size) {
        const std::size_t length = std::min<std::size_t>(profile.segment_size, object.size() - at);
        std::ranges::copy(ByteView{object}.subspan(at, length), encoder.input().begin());
        encoder.encode(code, length, at);
        for (const Blake3Subtree& part : encoder.content()) hash.append(part);
    }
    CHECK(hash.digest() == blake3(object));

    std::vector<Blake3Subtree> parts;
    append_content(parts, object, 0);
    CHECK(parts.size() == object.size() / content_part_size + 1);
    CHECK(digest_of(parts) == blake3(object));
    append_content(parts, {}, object.size());
    CHECK(digest_of(parts) == blake3(object));
}

TEST_CASE("any k of the shards of a segment restore it")
{
    const Profile profile{4, 2, 65536};
    const Code code{{4, 2}};
    SegmentEncoder encoder{profile};
    put(encoder, noise(1000));
    encoder.encode(code, 1000, 0);
    for (unsigned lost = 0; lost < 64; ++lost) {
        LossPattern pattern;
        std::vector<ByteView> present;
        for (unsigned i = 0; i < 6; ++i) {
            if (lost >> i & 1U) {
                pattern.wanted.push_back(i);
            } else {
                pattern.present.push_back(i);
                present.push_back(encoder.shards()[i]);
            }
        }
        if (pattern.present.size() != 4) continue;
        std::vector<Bytes> made(2, Bytes(encoder.shards()[0].size()));
        Rebuild{code, pattern}.apply(present, std::vector<MutableByteView>{made[0], made[1]});
        for (std::size_t i = 0; i < 2; ++i)
            CHECK(blake3(made[i]) == encoder.roots()[pattern.wanted[i]]);
    }
}
