#include "crypto/keys.hpp"

#include "crypto/testing.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;
using nlohmann::json;

namespace {

json load(const char* name)
{
    return json::parse(test_data(std::string{"ed25519-x25519/"} + name));
}

template <class FixedBytes>
FixedBytes fixed(const std::string& digits)
{
    FixedBytes value;
    if (!from_hex(as_bytes(digits), value.bytes)) std::abort();
    return value;
}

Ed25519KeyPair pair_of(ByteView seed)
{
    return Ed25519KeyPair{Secret::copy(seed)};
}

} // namespace

TEST_CASE("Ed25519 agrees with RFC 8032, 7.1")
{
    struct Sample {
        const char* seed;
        const char* key;
        const char* message;
        const char* signature;
    };
    for (const Sample& sample : {
             Sample{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
             Sample{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
             Sample{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
         }) {
        const Ed25519KeyPair pair = pair_of(hex_bytes(sample.seed));
        const Bytes message = hex_bytes(sample.message);
        CHECK(pair.public_key() == fixed<Ed25519PublicKey>(sample.key));
        CHECK(pair.sign(message) == fixed<Ed25519Signature>(sample.signature));
        CHECK(pair.clone().sign(message) == pair.sign(message));
        CHECK(verify(pair.public_key(), message, pair.sign(message)));
    }
}

TEST_CASE("Ed25519 verdicts agree with Wycheproof")
{
    int valid = 0;
    int invalid = 0;
    int other_size = 0; // no signature of ours can have it
    const json file = load("ed25519_test.json");
    for (const json& group : file["testGroups"]) {
        const auto key = fixed<Ed25519PublicKey>(group["publicKey"]["pk"].get<std::string>());
        for (const json& test : group["tests"]) {
            const auto signature = test["sig"].get<std::string>();
            const bool is_valid = test["result"] == "valid";
            if (signature.size() != 2 * Ed25519Signature::size) {
                CHECK_FALSE(is_valid);
                ++other_size;
                continue;
            }
            CAPTURE(test["tcId"].get<int>());
            const Bytes message = hex_bytes(test["msg"].get<std::string>());
            CHECK(verify(key, message, fixed<Ed25519Signature>(signature)) == is_valid);
            ++(is_valid ? valid : invalid);
        }
    }
    CHECK(valid == 58);
    CHECK(invalid == 35);
    CHECK(other_size == 8);
}

// What libraries disagree about. The ledger depends on this table: it never changes.
TEST_CASE("of the edge cases of Ed25519 those without small orders or residue are accepted")
{
    int accepted = 0;
    int refused = 0;
    for (const json& test : load("cctv_ed25519_edge.json")) {
        std::set<std::string> flags;
        if (!test["flags"].is_null()) flags = test["flags"].get<std::set<std::string>>();
        const bool expected = !flags.contains("low_order_A") && !flags.contains("low_order_R") &&
                              !flags.contains("low_order_residue");
        CAPTURE(test["number"].get<int>());
        CHECK(verify(fixed<Ed25519PublicKey>(test["key"].get<std::string>()),
                     as_bytes(test["msg"].get<std::string>()),
                     fixed<Ed25519Signature>(test["sig"].get<std::string>())) == expected);
        if (expected) {
            CHECK_FALSE(flags.contains("non_canonical_A"));
            CHECK_FALSE(flags.contains("non_canonical_R"));
            CHECK_FALSE(flags.contains("reencoded_k"));
        }
        ++(expected ? accepted : refused);
    }
    CHECK(accepted == 26);
    CHECK(refused == 584);
}

TEST_CASE("a change of any bit of key, message or signature is noticed")
{
    const Ed25519KeyPair pair = pair_of(noise(32));
    const Bytes message = noise(20, 2);
    const Ed25519Signature signature = pair.sign(message);
    for (std::size_t bit = 0; bit < 8 * signature.bytes.size(); ++bit) {
        Ed25519Signature changed = signature;
        changed.bytes[bit / 8] ^= std::byte(1U << bit % 8);
        CHECK_FALSE(verify(pair.public_key(), message, changed));
    }
    for (std::size_t bit = 0; bit < 8 * Ed25519PublicKey::size; ++bit) {
        Ed25519PublicKey changed = pair.public_key();
        changed.bytes[bit / 8] ^= std::byte(1U << bit % 8);
        CHECK_FALSE(verify(changed, message, signature));
    }
    for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
        Bytes changed = message;
        changed[bit / 8] ^= std::byte(1U << bit % 8);
        CHECK_FALSE(verify(pair.public_key(), changed, signature));
    }
    CHECK_FALSE(verify(pair.public_key(), ByteView{message}.first(19), signature));
    CHECK(verify(pair.public_key(), message, signature));
}

TEST_CASE("X25519 agrees with Wycheproof, and a shared secret of zeros is none")
{
    int shared_ones = 0;
    int zeros = 0;
    const json file = load("x25519_test.json");
    for (const json& group : file["testGroups"])
        for (const json& test : group["tests"]) {
            CAPTURE(test["tcId"].get<int>());
            const auto shared = x25519(hex_bytes(test["private"].get<std::string>()),
                                       fixed<X25519PublicKey>(test["public"].get<std::string>()));
            const Bytes expected = hex_bytes(test["shared"].get<std::string>());
            if (expected == Bytes(32)) {
                CHECK_FALSE(shared);
                ++zeros;
            } else {
                REQUIRE(shared);
                CHECK(std::ranges::equal(shared->bytes(), expected));
                ++shared_ones;
            }
        }
    CHECK(shared_ones == 326);
    CHECK(zeros == 20);
}

TEST_CASE("the X25519 keys of an Ed25519 pair belong together, and two of them agree")
{
    constexpr int rounds = 50;
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
        CAPTURE(seed);
        const Ed25519KeyPair ours = pair_of(noise(32, seed));
        const Ed25519KeyPair theirs = pair_of(noise(32, seed + rounds));
        const Secret secret = ours.x25519_secret();
        const Secret other = theirs.x25519_secret();
        const auto image = x25519_image(ours.public_key());
        REQUIRE(image);
        CHECK(x25519_public(secret.bytes()) == *image);
        const auto one = x25519(secret.bytes(), x25519_public(other.bytes()));
        const auto two = x25519(other.bytes(), *image);
        REQUIRE((one && two));
        CHECK(constant_time_equal(one->bytes(), two->bytes()));
    }
}

TEST_CASE("a key that is not a point of the main subgroup has no X25519 image")
{
    std::set<std::string> keys;
    for (const json& test : load("cctv_ed25519_edge.json")) {
        if (test["flags"].is_null()) continue;
        const auto flags = test["flags"].get<std::set<std::string>>();
        if (flags.contains("low_order_component_A") || flags.contains("low_order_A"))
            keys.insert(test["key"].get<std::string>());
    }
    CHECK(keys.size() > 10);
    for (const std::string& key : keys) {
        CAPTURE(key);
        CHECK_FALSE(x25519_image(fixed<Ed25519PublicKey>(key)));
    }
    CHECK_FALSE(x25519_image({}));
    Ed25519PublicKey two; // y = 2 is on no point
    two.bytes[0] = std::byte{2};
    CHECK_FALSE(x25519_image(two));
}

TEST_CASE("random secrets are what the source gives")
{
    FixedEntropy entropy{5};
    const Secret first = random_secret(entropy, 32);
    const Secret second = random_secret(entropy, 16);
    CHECK(std::ranges::equal(first.bytes(), noise(32, 5)));
    CHECK(std::ranges::equal(second.bytes(), noise(16, 6)));
}
