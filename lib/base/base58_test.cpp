#include "base/base58.hpp"

#include "base/testing.hpp"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;

TEST_CASE("the examples of the base58 draft and of Bitcoin are written and read")
{
    const auto check = [](const Bytes& bytes, std::string_view text) {
        CHECK(to_base58(bytes) == text);
        CHECK(from_base58(text) == bytes);
    };
    check({}, "");
    check(hex_bytes("48656c6c6f20576f726c6421"), "2NEpo7TZRRrLZSi2U");
    check(hex_bytes("0000287fb4cd"), "11233QC4");
    check(hex_bytes("61"), "2g");
    check(hex_bytes("516b6fcd0f"), "ABnLTmg");
    check(hex_bytes("572e4794"), "3EFU7m");
    check(hex_bytes("00eb15231dfceb60925886b67d065299925915aeb172c06647"),
          "1NS17iag9jJgTHD1VXjvLCEnZuQ3rJDE9L");
    check(hex_bytes("00000000000000000000"), "1111111111");
}

TEST_CASE("the keys of did:key are read as a type of two bytes and 32 more")
{
    const auto vectors =
        nlohmann::json::parse(std::ifstream{CAIRN_TEST_DATA "/identities/did_key.json"});
    for (const auto& vector : vectors) {
        const std::string did = vector["did"];
        constexpr std::string_view prefix = "did:key:z";
        REQUIRE(did.starts_with(prefix));
        const auto key = from_base58(std::string_view{did}.substr(prefix.size()));
        REQUIRE(key);
        CHECK(key->size() == 34);
        CHECK((*key)[0] == std::byte{0xed});
        CHECK((*key)[1] == std::byte{0x01});
        CHECK(to_base58(*key) == did.substr(prefix.size()));
    }
}

TEST_CASE("base58 round-trips at every length")
{
    for (std::size_t size = 0; size <= base58_size_max; ++size) {
        for (const Bytes& bytes : {noise(size, size), Bytes(size), Bytes(size, std::byte{0xff})}) {
            const std::string text = to_base58(bytes);
            CHECK(from_base58(text) == bytes);
        }
    }
}

TEST_CASE("characters outside the alphabet are refused")
{
    constexpr std::string_view alphabet =
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    for (int c = 0; c < 256; ++c) {
        const std::string text{'2', char(c), 'g'};
        CHECK(from_base58(text).has_value() == (alphabet.find(char(c)) != alphabet.npos));
    }
    for (const char* text : {"0", "O", "I", "l", "2g ", " 2g", "2g\n", "2g="})
        CHECK_FALSE(from_base58(text));
}

TEST_CASE("a text of more than 128 bytes is refused")
{
    const std::string most = to_base58(Bytes(base58_size_max, std::byte{0xff}));
    CHECK(from_base58(most));
    CHECK_FALSE(from_base58("1" + most));
    CHECK_FALSE(from_base58(most + "1"));
    CHECK(from_base58(std::string(128, '1')));
    CHECK_FALSE(from_base58(std::string(129, '1')));
    CHECK_FALSE(from_base58(std::string(1000000, 'z')));
}
