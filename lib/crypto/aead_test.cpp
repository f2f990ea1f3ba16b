#include "crypto/aead.hpp"

#include "crypto/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;
using nlohmann::json;

namespace {

struct Counts {
    int valid = 0;
    int invalid = 0;
    int other_nonce = 0; // of a size that Aead does not take

    friend bool operator==(const Counts&, const Counts&) = default;
};

Bytes field(const json& test, const char* name)
{
    return hex_bytes(test[name].get<std::string>());
}

bool is_zero(ByteView bytes)
{
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

/// Runs the vectors of a file of Wycheproof.
Counts run_vectors(Cipher cipher, const char* name)
{
    Counts counts;
    const json file = json::parse(test_data(name));
    for (const json& group : file["testGroups"])
        for (const json& test : group["tests"]) {
            CAPTURE(test["tcId"].get<int>());
            Aead aead{cipher, field(test, "key")};
            const Bytes nonce = field(test, "iv");
            if (nonce.size() != aead.nonce_size()) {
                ++counts.other_nonce;
                continue;
            }
            const Bytes context = field(test, "aad");
            const Bytes message = field(test, "msg");
            Bytes sealed = field(test, "ct");
            const Bytes tag = field(test, "tag");
            sealed.insert(sealed.end(), tag.begin(), tag.end());

            Bytes plain(message.size(), std::byte{0x55});
            const bool is_open = aead.open(nonce, context, sealed, plain);
            if (test["result"] == "valid") {
                ++counts.valid;
                CHECK(is_open);
                CHECK(plain == message);
                Bytes ours(sealed.size());
                aead.seal(nonce, context, message, ours);
                CHECK(ours == sealed);
            } else {
                ++counts.invalid;
                CHECK_FALSE(is_open);
                CHECK(is_zero(plain));
            }
        }
    return counts;
}

struct Sample {
    Cipher cipher;
    std::size_t key_size;
    std::size_t nonce_size;
};

constexpr std::array samples{
    Sample{Cipher::chacha20_poly1305, 32, 12}, Sample{Cipher::xchacha20_poly1305, 32, 24},
    Sample{Cipher::aes_gcm, 16, 12},           Sample{Cipher::aes_gcm, 24, 12},
    Sample{Cipher::aes_gcm, 32, 12},
};

} // namespace

TEST_CASE("ChaCha20-Poly1305 agrees with Wycheproof")
{
    CHECK(run_vectors(Cipher::chacha20_poly1305, "aead-kdf-mac/chacha20_poly1305_test.json") ==
          Counts{.valid = 171, .invalid = 40, .other_nonce = 6});
}

TEST_CASE("XChaCha20-Poly1305 agrees with Wycheproof")
{
    CHECK(run_vectors(Cipher::xchacha20_poly1305, "aead-kdf-mac/xchacha20_poly1305_test.json") ==
          Counts{.valid = 164, .invalid = 40, .other_nonce = 6});
}

TEST_CASE("AES-GCM agrees with Wycheproof on nonces of 96 bits")
{
    const Counts counts = run_vectors(Cipher::aes_gcm, "aead-kdf-mac/aes_gcm_test.json");
    CHECK(counts.valid + counts.invalid == 132);
    CHECK(counts == Counts{.valid = 78, .invalid = 54, .other_nonce = 79});
}

TEST_CASE("a message of any size is opened as it was sealed, in its own place too")
{
    for (const Sample& sample : samples) {
        Aead aead{sample.cipher, noise(sample.key_size)};
        CHECK(aead.nonce_size() == sample.nonce_size);
        const Bytes nonce = noise(sample.nonce_size, 2);
        for (const std::size_t size : {0, 1, 15, 16, 17, 63, 64, 65, 1000, 65'536}) {
            CAPTURE(size);
            const Bytes message = noise(size, 3);
            Bytes sealed(size + Aead::tag_size);
            aead.seal(nonce, as_bytes("context"), message, sealed);

            Bytes place = message;
            place.resize(sealed.size());
            aead.seal(nonce, as_bytes("context"), ByteView{place}.first(size), place);
            CHECK(place == sealed);
            CHECK(aead.open(nonce, as_bytes("context"), place, MutableByteView{place}.first(size)));
            place.resize(size);
            CHECK(place == message);
        }
    }
}

TEST_CASE("a change of any bit of message, tag, nonce, context or key is noticed")
{
    for (const Sample& sample : samples) {
        const Bytes key = noise(sample.key_size);
        const Bytes nonce = noise(sample.nonce_size, 2);
        const Bytes context = noise(5, 3);
        Bytes sealed(20 + Aead::tag_size);
        Aead{sample.cipher, key}.seal(nonce, context, noise(20, 4), sealed);

        Bytes all = key;
        for (const Bytes& part : {nonce, context, sealed})
            all.insert(all.end(), part.begin(), part.end());
        for (std::size_t bit = 0; bit <= 8 * all.size(); ++bit) {
            Bytes changed = all;
            if (bit < 8 * all.size()) changed[bit / 8] ^= std::byte(1U << bit % 8);
            ByteView rest{changed};
            const auto take = [&rest](std::size_t size) {
                const ByteView head = rest.first(size);
                rest = rest.subspan(size);
                return head;
            };
            Aead aead{sample.cipher, take(key.size())};
            const ByteView changed_nonce = take(nonce.size());
            const ByteView changed_context = take(context.size());
            Bytes plain(20, std::byte{0x55});
            CAPTURE(bit);
            const bool is_open = aead.open(changed_nonce, changed_context, rest, plain);
            CHECK(is_open == (bit == 8 * all.size()));
            CHECK((is_open ? plain == noise(20, 4) : is_zero(plain)));
        }
    }
}

TEST_CASE("one key opens and seals many messages, after failures and moves too")
{
    for (const Sample& sample : samples) {
        Aead first{sample.cipher, noise(sample.key_size)};
        Aead aead{std::move(first)};
        for (std::uint64_t round = 0; round < 20; ++round) {
            const Bytes nonce = noise(sample.nonce_size, round);
            const Bytes message = noise(round, 7);
            const Bytes context = noise(round % 3, 8);
            Bytes sealed(message.size() + Aead::tag_size);
            Bytes plain(message.size());
            aead.seal(nonce, context, message, sealed);
            sealed.back() ^= std::byte{1};
            CHECK_FALSE(aead.open(nonce, context, sealed, plain));
            sealed.back() ^= std::byte{1};
            CHECK(aead.open(nonce, context, sealed, plain));
            CHECK(plain == message);

            Aead fresh{sample.cipher, noise(sample.key_size)};
            Bytes again(sealed.size());
            fresh.seal(nonce, context, message, again);
            CHECK(again == sealed);
            if (round == 10) aead = std::move(fresh);
        }
    }
}
