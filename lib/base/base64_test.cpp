#include "base/base64.hpp"

#include "base/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr auto padded = Padding::padded;
constexpr auto unpadded = Padding::unpadded;

bool is_accepted(std::string_view text, Padding padding)
{
    return from_base64(text, padding).has_value();
}

} // namespace

TEST_CASE("the vectors of RFC 4648 are written and read, with padding and without")
{
    struct Vector {
        std::string_view bytes, padded, unpadded;
    };
    constexpr std::array vectors{
        Vector{"", "", ""},
        Vector{"f", "Zg==", "Zg"},
        Vector{"fo", "Zm8=", "Zm8"},
        Vector{"foo", "Zm9v", "Zm9v"},
        Vector{"foob", "Zm9vYg==", "Zm9vYg"},
        Vector{"fooba", "Zm9vYmE=", "Zm9vYmE"},
        Vector{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    };
    for (const Vector& vector : vectors) {
        const Bytes bytes{as_bytes(vector.bytes).begin(), as_bytes(vector.bytes).end()};
        CHECK(to_base64(bytes, padded) == vector.padded);
        CHECK(to_base64(bytes, unpadded) == vector.unpadded);
        CHECK(from_base64(vector.padded, padded) == bytes);
        CHECK(from_base64(vector.unpadded, unpadded) == bytes);
    }
}

TEST_CASE("base64 round-trips at every length")
{
    for (std::size_t size = 0; size < 100; ++size) {
        const Bytes bytes = noise(size, size);
        for (const Padding padding : {padded, unpadded}) {
            const std::string text = to_base64(bytes, padding);
            CHECK(text.size() == base64_size(size, padding));
            CHECK(from_base64(text, padding) == bytes);
        }
    }
}

TEST_CASE("each six bits have one symbol, and no other character is accepted")
{
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int c = 0; c < 256; ++c) {
        const std::string text{'A', 'A', 'A', char(c)};
        const std::size_t value = alphabet.find(char(c));
        CHECK(is_accepted(text, unpadded) == (value != alphabet.npos));
        if (value == alphabet.npos) continue;
        const Bytes bytes{std::byte{0}, std::byte{0}, std::byte(value)};
        CHECK(from_base64(text, unpadded) == bytes);
        CHECK(to_base64(bytes, unpadded) == text);
    }
}

TEST_CASE("padding is wanted exactly as asked")
{
    for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=",
                             "==", "Zg==Zg==", "Zm9v====", "Z=g=", "=Zg=", "Zm9vZ"})
        CHECK_FALSE(is_accepted(text, padded));
    for (const char* text : {"Zg==", "Zg=", "Zm8=", "=", "Z", "Zm9vZ"})
        CHECK_FALSE(is_accepted(text, unpadded));
}

TEST_CASE("unused bits that are not zero are refused")
{
    for (const char* text : {"Zh==", "Zv==", "Zm9=", "Zm+="})
        CHECK_FALSE(is_accepted(text, padded));
    for (const char* text : {"Zh", "Zv", "Zm9", "Zm+"}) CHECK_FALSE(is_accepted(text, unpadded));
}

TEST_CASE("white space and the URL alphabet are refused")
{
    for (const char* text : {" Zg==", "Zg==\n", "Zm9v\nZg==", "Zm 8", "Zm-_", "Zm9v "})
        CHECK_FALSE(is_accepted(text, padded));
    for (const char* text : {"Zg\n", "Zm 8", "Zm-_", "Zm9v\r\n"})
        CHECK_FALSE(is_accepted(text, unpadded));
}

TEST_CASE("the URL alphabet is unpadded and another one")
{
    const Bytes bytes = hex_bytes("fbefbefffffe");
    CHECK(to_base64url(bytes) == "----___-");
    CHECK(from_base64url("----___-") == bytes);
    CHECK(from_base64url("") == Bytes{});
    CHECK(to_base64url(hex_bytes("ff")) == "_w");
    CHECK(from_base64url("_w") == hex_bytes("ff"));
    for (const char* const text : {"_w==", "/w", "+A", "_x", "_", "_w ", "_w\n", "=", "_-*A"})
        CHECK_FALSE(from_base64url(text));
}
