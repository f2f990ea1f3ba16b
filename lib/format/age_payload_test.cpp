#include "format/age_payload.hpp"

#include "crypto/testing.hpp"
#include "format/age_header.hpp"

#include <algorithm>
#include <map>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("the sizes of payload and plaintext are each other's inverse, and other sizes have none")
{
    for (const std::uint64_t base :
         {std::uint64_t{0}, std::uint64_t{chunk_size}, std::uint64_t{2 * chunk_size},
          std::uint64_t{1000 * chunk_size}, std::uint64_t{chunk_size} << 40U}) {
        std::map<std::uint64_t, std::uint64_t> plain_of; // by sealed size, around the edge
        for (std::uint64_t plain = base < 100 ? 0 : base - 100; plain < base + 100; ++plain)
            plain_of[sealed_payload_size(plain)] = plain;
        for (auto sealed = plain_of.begin()->first; sealed <= plain_of.rbegin()->first; ++sealed) {
            CAPTURE(sealed);
            const auto found = plain_of.find(sealed);
            if (found == plain_of.end())
                CHECK_FALSE(plain_payload_size(sealed));
            else
                CHECK(plain_payload_size(sealed) == found->second);
        }
    }
    CHECK(sealed_payload_size(0) == 32);
    CHECK(sealed_payload_size(chunk_size) == 16 + sealed_chunk_size);
    CHECK(sealed_payload_size(chunk_size + 1) == 16 + sealed_chunk_size + 17);
    for (std::uint64_t size = 0; size < 32; ++size) CHECK_FALSE(plain_payload_size(size));
}

TEST_CASE("a chunk is opened in its own place, with its own key and nonce, and nowhere else")
{
    const Secret key = Secret::copy(noise(file_key_size));
    const Bytes nonce = noise(payload_nonce_size, 2);
    const Bytes plain = noise(100, 3);
    ChunkCipher cipher{key, nonce};
    const std::uint64_t indices[] = {0, 1, 255, 256, 0xff00, 1ULL << 32U, ~0ULL};
    for (const std::uint64_t index : indices)
        for (const bool is_last : {false, true}) {
            Bytes sealed(plain.size() + Aead::tag_size);
            cipher.seal({index, is_last}, plain, sealed);
            Bytes back(plain.size());
            for (const std::uint64_t other : indices)
                for (const bool other_last : {false, true}) {
                    const bool is_same = index == other && is_last == other_last;
                    CHECK(cipher.open({other, other_last}, sealed, back) == is_same);
                    CHECK((back == plain) == is_same);
                }
            ChunkCipher other_nonce{key, noise(payload_nonce_size, 4)};
            ChunkCipher other_key{Secret{file_key_size}, nonce};
            CHECK_FALSE(other_nonce.open({index, is_last}, sealed, back));
            CHECK_FALSE(other_key.open({index, is_last}, sealed, back));
        }
}
