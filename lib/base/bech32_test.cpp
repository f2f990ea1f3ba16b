#include "base/bech32.hpp"

#include "base/testing.hpp"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;

namespace {

constexpr auto bech32 = Checksum::bech32;
constexpr auto bech32m = Checksum::bech32m;

nlohmann::json vectors(const char* part)
{
    return nlohmann::json::parse(std::ifstream{CAIRN_TEST_DATA "/identities/bech32m.json"})[part];
}

bool is_accepted(std::string_view text, Checksum checksum)
{
    return parse_bech32(text, checksum).has_value();
}

std::string raised(std::string text)
{
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

} // namespace

TEST_CASE("the valid texts of BIP 350 are accepted where they hold whole bytes")
{
    for (const std::string text : vectors("bip350_valid")) {
        CAPTURE(text);
        const bool is_whole = !text.starts_with("11lll"); // 410 bits, the last two of them set
        CHECK(is_accepted(text, bech32m) == is_whole);
        CHECK_FALSE(is_accepted(text, bech32));
    }
    CHECK(is_accepted("?1v759aa", bech32m));
    CHECK(is_accepted("split1checkupstagehandshakeupstreamerranterredcaperredlc445v", bech32m));
    const auto parsed = parse_bech32("A1LQFN3A", bech32m);
    REQUIRE(parsed);
    CHECK(parsed->hrp == "a");
    CHECK(parsed->payload.empty());
    CHECK(parsed->letters == LetterCase::upper);
}

TEST_CASE("the invalid texts of BIP 350 are refused")
{
    for (const std::string text : vectors("bip350_invalid"))
        CHECK_FALSE(is_accepted(text, bech32m));
    // The checksum of M1VUXWEZ is right for an upper-case human-readable part.
    for (const char* text : {"\x20"
                             "1xj0phk",
                             "\x7f"
                             "1g6xzxy",
                             "\x80"
                             "1vctc34",
                             "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "mm1crxm3i", "au1s5cgom", "M1VUXWEZ"})
        CHECK_FALSE(is_accepted(text, bech32m));
    CHECK_FALSE(
        is_accepted("an84characterslonghumanreadablepartthatcontainsthetheexcludedcharacters"
                    "bioandnumber11d6pts4",
                    bech32m));
}

TEST_CASE("payloads are written as two implementations agree, and read again")
{
    for (const auto& vector : vectors("encode")) {
        const std::string hrp = vector["hrp"];
        const Bytes payload = hex_bytes(vector["payload_hex"].get<std::string>());
        for (const Checksum checksum : {bech32, bech32m}) {
            const std::string text = vector[checksum == bech32 ? "bech32" : "bech32m"];
            CHECK(to_bech32(hrp, payload, checksum) == text);
            CHECK(bech32_size(hrp.size(), payload.size()) == text.size());
            for (const std::string& written : {text, raised(text)}) {
                const auto parsed = parse_bech32(written, checksum);
                REQUIRE(parsed);
                CHECK(parsed->hrp == hrp);
                CHECK(parsed->payload == payload);
                CHECK((parsed->letters == LetterCase::lower) == (written == text));
                CHECK_FALSE(is_accepted(written, checksum == bech32 ? bech32m : bech32));
            }
        }
    }
}

TEST_CASE("bech32 round-trips at every length, in both cases")
{
    for (std::size_t size = 0; size < 50; ++size) {
        const Bytes payload = noise(size, size);
        for (const LetterCase letters : {LetterCase::lower, LetterCase::upper}) {
            std::string text(bech32_size(3, size), '\0');
            to_bech32_text("a-1", payload, bech32, std::as_writable_bytes(std::span{text}),
                           letters);
            Bytes back(size);
            CHECK(parse_bech32_into(text, "a-1", bech32, back, letters));
            CHECK(back == payload);
            const auto parsed = parse_bech32(text, bech32);
            REQUIRE(parsed);
            CHECK(parsed->payload == payload);
        }
    }
}

TEST_CASE("an identity of age is read into the caller's memory")
{
    constexpr std::string_view hrp = "age-secret-key-";
    const Bytes key = noise(32);
    std::string text(bech32_size(hrp.size(), key.size()), '\0');
    to_bech32_text(hrp, key, bech32, std::as_writable_bytes(std::span{text}), LetterCase::upper);
    CHECK(text.starts_with("AGE-SECRET-KEY-1"));
    CHECK(text.size() == 74);

    Bytes back(32);
    const auto upper = LetterCase::upper;
    CHECK(parse_bech32_into(text, hrp, bech32, back, upper));
    CHECK(back == key);

    Bytes shorter(31);
    Bytes longer(33);
    CHECK_FALSE(parse_bech32_into(text, hrp, bech32, shorter, upper));
    CHECK_FALSE(parse_bech32_into(text, hrp, bech32, longer, upper));
    CHECK_FALSE(parse_bech32_into(text, hrp, bech32, back, LetterCase::lower));
    CHECK_FALSE(parse_bech32_into(text, hrp, bech32m, back, upper));
    CHECK_FALSE(parse_bech32_into(text, "age-secret-keys", bech32, back, upper));
    CHECK_FALSE(parse_bech32_into(text + "Q", hrp, bech32, back, upper));
    text[2] = 'e';
    CHECK_FALSE(parse_bech32_into(text, hrp, bech32, back, upper));
}

TEST_CASE("a change of any one character is refused")
{
    const std::string text = to_bech32("cairn", noise(33), bech32m);
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string changed = text;
            changed[at] = static_cast<char>(c);
            CHECK(is_accepted(changed, bech32m) == (changed == text));
        }
    }
}

TEST_CASE("mixed case, filled bits and an extra group are refused")
{
    CHECK(is_accepted("cairn1cycslg05", bech32m));
    CHECK_FALSE(is_accepted("Cairn1cycslg05", bech32m));
    CHECK_FALSE(is_accepted("cairn1cYcslg05", bech32m));
    CHECK_FALSE(is_accepted("CAIRN1cycslg05", bech32m));
    // Right checksums, computed with the reference code of BIP 350.
    CHECK(is_accepted("a1lusyc9lx", bech32m)); // the byte ff
    CHECK_FALSE(is_accepted("a1ladjvsz5", bech32m));
    CHECK_FALSE(is_accepted("a1l7rpexvt", bech32m));
    CHECK_FALSE(is_accepted("a1luqlg09jt", bech32m));
    CHECK_FALSE(is_accepted("a1qy52hkn", bech32m));
    CHECK_FALSE(is_accepted("", bech32m));
    CHECK_FALSE(is_accepted("1", bech32m));
    CHECK_FALSE(is_accepted("cairn1", bech32m));
}

TEST_CASE("a text is at most 4096 characters long")
{
    constexpr std::size_t size = 2551;
    static_assert(bech32_size(7, size) == bech32_text_max);
    const std::string text = to_bech32("age1pqx", noise(size), bech32);
    CHECK(is_accepted(text, bech32));
    CHECK_FALSE(is_accepted("q" + text, bech32));
}
