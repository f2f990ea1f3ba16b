#include "format/address.hpp"

#include "base/base58.hpp"
#include "base/bech32.hpp"
#include "crypto/testing.hpp"

#include <algorithm>
#include <cctype>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;
using nlohmann::json;

namespace {

Ed25519PublicKey key_of(ByteView bytes)
{
    Ed25519PublicKey key;
    std::ranges::copy(bytes, key.bytes.begin());
    return key;
}

std::string in_capitals(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char c) { return char(std::toupper(c)); });
    return text;
}

/// A type byte and a key as an address has them.
Bytes payload(std::uint8_t type, std::size_t key_size)
{
    Bytes bytes = noise(key_size + 1);
    bytes[0] = std::byte{type};
    return bytes;
}

} // namespace

TEST_CASE("did:key and X25519 forms are those of the did:key method's vectors")
{
    const json samples = json::parse(test_data("identities/did_key.json"));
    CHECK(samples.size() == 7);
    for (const json& sample : samples) {
        const Ed25519KeyPair pair{
            Secret::copy(hex_bytes(sample["ed25519_seed"].get<std::string>()))};
        const auto did = sample["did"].get<std::string>();
        CHECK(to_did(pair.public_key()) == did);
        CHECK(parse_did(did) == pair.public_key());

        Bytes multicodec{std::byte{0xec}, std::byte{0x01}};
        const auto image = x25519_image(pair.public_key());
        REQUIRE(image);
        multicodec.insert(multicodec.end(), image->bytes.begin(), image->bytes.end());
        const auto multibase = sample["x25519_multibase"].get<std::string>();
        CHECK('z' + to_base58(multicodec) == multibase);
        CHECK_FALSE(parse_did("did:key:" + multibase)); // not a key that signs
    }
}

TEST_CASE("bech32 and bech32m of cairn and age are those of the vectors")
{
    const json samples = json::parse(test_data("identities/bech32m.json"));
    int addresses = 0;
    for (const json& sample : samples["encode"]) {
        const auto hrp = sample["hrp"].get<std::string>();
        const Bytes bytes = hex_bytes(sample["payload_hex"].get<std::string>());
        const auto bech32 = sample["bech32"].get<std::string>();
        const auto bech32m = sample["bech32m"].get<std::string>();
        CHECK(to_bech32(hrp, bytes, Checksum::bech32m) == bech32m);
        // Right checksums, but none has a type byte and a key behind.
        CHECK_FALSE(parse_address(bech32m));
        CHECK_FALSE(parse_address(bech32));
        if (hrp == "age") {
            X25519PublicKey key;
            std::ranges::copy(bytes, key.bytes.begin());
            CHECK(to_age_recipient(key) == bech32);
            CHECK(parse_age_recipient(bech32) == key);
            CHECK_FALSE(parse_age_recipient(bech32m));
        }
        ++addresses;
    }
    CHECK(addresses == 4);
    for (const char* const list : {"bip350_valid", "bip350_invalid"})
        for (const json& text : samples[list]) CHECK_FALSE(parse_address(text.get<std::string>()));
}

TEST_CASE("an address of any key has 65 characters, says its network and is read back")
{
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const Ed25519PublicKey key = key_of(noise(32, seed));
        for (const Network network : {Network::main, Network::test}) {
            const std::string text = to_address(key, network);
            CHECK(text.starts_with(network == Network::main ? "cairn1" : "tcairn1"));
            CHECK(text.size() == (network == Network::main ? 65 : 66));
            for (const std::string& form : {text, in_capitals(text)}) {
                const auto address = parse_address(form);
                REQUIRE(address);
                CHECK(address->key == key);
                CHECK(address->network == network);
            }
        }
    }
}

TEST_CASE("addresses that are nearly valid are refused")
{
    const std::string text = to_address(key_of(noise(32)));
    for (std::size_t at = 0; at < text.size(); ++at)
        for (const char c : {'q', 'p', '1', 'C', 'b', ' ', '\0'}) {
            std::string changed = text;
            changed[at] = c;
            if (changed != text) CHECK_FALSE(parse_address(changed));
        }
    for (const std::string& near :
         {std::string{}, text + "q", text.substr(0, 64), " " + text, text + "\n", "t" + text,
          to_bech32("cairn", payload(0, 32), Checksum::bech32),
          to_bech32("cairn", payload(1, 32), Checksum::bech32m),
          to_bech32("cairn", payload(0, 31), Checksum::bech32m),
          to_bech32("cairn", payload(0, 33), Checksum::bech32m),
          to_bech32("cairns", payload(0, 32), Checksum::bech32m),
          to_bech32("age", payload(0, 32), Checksum::bech32m)}) {
        CAPTURE(near);
        CHECK_FALSE(parse_address(near));
    }
    CHECK(parse_address(to_bech32("cairn", payload(0, 32), Checksum::bech32m)));
}

TEST_CASE("texts that are nearly did:keys are refused")
{
    const std::string text = to_did(key_of(noise(32)));
    CHECK(text.starts_with("did:key:z6Mk"));
    CHECK(text.size() == 56);
    Bytes other_codec = noise(34);
    other_codec[0] = std::byte{0xed};
    other_codec[1] = std::byte{0x02};
    for (const std::string& near :
         {std::string{}, std::string{"did:key:z"}, text + "1", text.substr(0, 55), " " + text,
          text + "#fragment", "DID" + text.substr(3), text.substr(8), "did:web:" + text.substr(8),
          "did:key:z1" + text.substr(9), "did:key:m" + text.substr(9),
          "did:key:z" + to_base58(other_codec), "did:key:z" + std::string(100'000, '2')}) {
        CAPTURE(near.substr(0, 100));
        CHECK_FALSE(parse_did(near));
    }
}

TEST_CASE("texts that are nearly age recipients are refused")
{
    X25519PublicKey key;
    std::ranges::copy(noise(32), key.bytes.begin());
    const std::string text = to_age_recipient(key);
    CHECK(parse_age_recipient(text) == key);
    CHECK(parse_age_recipient(in_capitals(text)) == key);
    for (const std::string& near :
         {std::string{}, text + "q", text.substr(0, text.size() - 1), " " + text, text + "\n",
          "A" + text.substr(1), to_bech32("age", noise(31), Checksum::bech32),
          to_bech32("age", noise(33), Checksum::bech32),
          to_bech32("age", noise(32), Checksum::bech32m),
          to_bech32("age-secret-key-", noise(32), Checksum::bech32)}) {
        CAPTURE(near);
        CHECK_FALSE(parse_age_recipient(near));
    }
}

TEST_CASE("secrets are known wherever they stand in a text")
{
    for (const char* const text :
         {"AGE-SECRET-KEY-1QQ", "age-secret-key-1qq", "Age-Secret-Key-1", "AGE-SECRET-KEY-PQ-1QQ",
          " AGE-SECRET-KEY-1QQ", "\"AGE-SECRET-KEY-1QQ", "key=AGE-SECRET-KEY-1QQ", "CAIRN-SEED-1QQ",
          "# cairn-seed: x", "-----BEGIN OPENSSH PRIVATE KEY-----", "RWQAAEIyAAAAAAAA",
          "RWRTY0IyAAAAAAAA", "RWRCSwAAAAAAAAAA"}) {
        CAPTURE(text);
        CHECK(looks_secret(text));
    }
    for (const char* const text : {"", "age1qq", "cairn1qq", "did:key:z6Mk", "ssh-ed25519 AAAA",
                                   "me.key", "RWR2K07JOgDlfX"}) {
        CAPTURE(text);
        CHECK_FALSE(looks_secret(text));
    }
}
