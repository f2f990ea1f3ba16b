#include "format/age_header.hpp"

#include "crypto/testing.hpp"

#include <random>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Secret sample_key()
{
    return Secret::copy(noise(file_key_size));
}

/// A header of three stanzas: with arguments alone, a body, and a body that fills its last line.
std::string sample()
{
    return to_text({{{"type"}, {}}, {{"a", "b!~"}, noise(50)}, {{"-"}, noise(48)}}, sample_key());
}

Exit exit_of_parse(std::string_view header)
{
    return exit_of([&] { parse_age_header(as_bytes(header)); });
}

} // namespace

TEST_CASE("a header is written as the specification says")
{
    const Bytes zeros(60);
    const std::string text = to_text({{{"X", "y"}, zeros}, {{"grease"}, {}}}, Secret{16});
    CHECK(text.starts_with("age-encryption.org/v1\n"
                           "-> X y\n"
                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                           "AAAAAAAAAAAAAAAA\n"
                           "-> grease\n"
                           "\n"
                           "--- "));
    CHECK(text.size() - text.find("--- ") == 4 + 43 + 1);
}

TEST_CASE("any header that is written is read back, byte for byte, and is authentic")
{
    constexpr std::uint64_t seed = 7;
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const Secret key = sample_key();
    for (int round = 0; round < 200; ++round) {
        CAPTURE(round);
        std::vector<Stanza> stanzas(1 + random() % 4);
        for (Stanza& stanza : stanzas) {
            for (auto left = 1 + random() % 3; left > 0; --left) {
                std::string argument(1 + random() % 20, '!');
                for (char& c : argument) c = static_cast<char>('!' + random() % 94);
                stanza.arguments.push_back(argument);
            }
            stanza.body = noise(random() % 150, random());
        }
        const std::string text = to_text(stanzas, key);
        const AgeHeader header = parse_age_header(as_bytes(text));
        REQUIRE(header.stanzas.size() == stanzas.size());
        for (std::size_t i = 0; i < stanzas.size(); ++i) {
            CHECK(header.stanzas[i].arguments == stanzas[i].arguments);
            CHECK(header.stanzas[i].body == stanzas[i].body);
        }
        CHECK(to_text(header.stanzas, key) == text);
        CHECK(is_authentic(header, as_bytes(text), key));
        CHECK_FALSE(is_authentic(header, as_bytes(text), Secret{file_key_size}));
        CHECK(find_age_header_size(as_bytes(text + "payload\n---\n")) == text.size());
    }
}

TEST_CASE("every byte of a header counts")
{
    const std::string text = sample();
    const Secret key = sample_key();
    for (std::size_t at = 0; at < text.size(); ++at)
        for (const char c : {'A', '=', ' ', '\n', '\r', '\0', '\x80', '-'}) {
            std::string changed = text;
            if (changed[at] == c) continue;
            changed[at] = c;
            CAPTURE(at);
            bool is_good = false;
            const Exit code = exit_of([&] {
                const auto size = find_age_header_size(as_bytes(changed));
                if (size != changed.size()) throw Error{Exit::data, "cut"};
                is_good = is_authentic(parse_age_header(as_bytes(changed)), as_bytes(changed), key);
            });
            CHECK((code == Exit::data || code == Exit::ok));
            CHECK_FALSE(is_good);
        }
}

TEST_CASE("a header that is cut anywhere needs more bytes, and is refused as it is")
{
    const std::string text = sample();
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::string cut = text.substr(0, size);
        CAPTURE(size);
        CHECK_FALSE(find_age_header_size(as_bytes(cut)));
        CHECK(exit_of_parse(cut) == Exit::data);
    }
    CHECK(find_age_header_size(as_bytes(text)) == text.size());
}

TEST_CASE("headers that are nearly valid are refused")
{
    const std::string mac = "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    const std::string version = "age-encryption.org/v1\n";
    const std::string stanza = "-> X25519 a\nAAAA\n";
    REQUIRE(exit_of_parse(version + stanza + mac) == Exit::ok);
    const std::string near_misses[] = {
        version + mac,
        version + stanza + "-> scrypt a\n\n" + mac,
        version + "-> scrypt a\n\n" + stanza + mac,
        version + "-> scrypt a\n\n-> scrypt a\n\n" + mac,
        version + stanza,
        stanza + mac,
        version + "\n" + stanza + mac,
        version + stanza + "\n" + mac,
        version + stanza + mac + "\n",
        version + stanza + mac + mac,
        "age-encryption.org/v2\n" + stanza + mac,
        "age-encryption.org/v1\r\n" + stanza + mac,
        " " + version + stanza + mac,
        version + "->  X25519 a\nAAAA\n" + mac,
        version + "-> X25519 \nAAAA\n" + mac,
        version + "-> \nAAAA\n" + mac,
        version + "->X25519 a\nAAAA\n" + mac,
        version + "-> X25519 \t\nAAAA\n" + mac,
        version + "-> X25519 \xc3\xa9\nAAAA\n" + mac,
        version + "-> X25519 a\x7f\nAAAA\n" + mac,
        version + "-> X25519 a\nAAAA=\n" + mac,
        version + "-> X25519 a\nAAA=\n" + mac,
        version + "-> X25519 a\nAAB\n" + mac,
        version + "-> X25519 a\nA\n" + mac,
        version + "-> X25519 a\nAA\nAA\n" + mac,
        version + "-> X25519 a\n" + std::string(64, 'A') + "\n" + mac,
        version + "-> X25519 a\n" + std::string(68, 'A') + "\n" + mac,
        version + "-> X25519 a\n" + mac,
        version + stanza + "---  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        version + stanza + "---AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        version + stanza + "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n",
        version + stanza + "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        version + stanza + "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n",
        version + stanza + "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        version + stanza + "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        version + stanza + "---\n",
        version + stanza + "--- \n",
    };
    for (const std::string& text : near_misses) {
        CAPTURE(text);
        CHECK(exit_of_parse(text) == Exit::data);
    }
}

TEST_CASE("an age file of another version is told from what is no age file")
{
    CHECK(is_age(as_bytes("age-encryption.org/v1\n")));
    CHECK(is_age(as_bytes("age-encryption.org/v9\n")));
    CHECK_FALSE(is_age(as_bytes("age-encryption.org")));
    CHECK_FALSE(is_age(as_bytes("")));
    CHECK_THROWS_WITH(find_age_header_size(as_bytes("age-encryption.org/v2\n")),
                      "not a valid age file: its version is not v1");
    CHECK_THROWS_WITH(find_age_header_size(as_bytes("hello")), "not an age file");
}

TEST_CASE("what a header may hold is limited, exactly")
{
    const std::string unfinished = "age-encryption.org/v1\n-> a\n";
    std::string text = unfinished;
    text.resize(age_header_size_max - 1, 'A');
    CHECK_FALSE(find_age_header_size(as_bytes(text)));
    text += 'A';
    CHECK(exit_of([&] { find_age_header_size(as_bytes(text)); }) == Exit::data);

    // The same answer when the end is in sight.
    const std::string end = "\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    text.resize(age_header_size_max - end.size());
    CHECK(find_age_header_size(as_bytes(text + end)) == age_header_size_max);
    CHECK(exit_of([&] { find_age_header_size(as_bytes(text + 'A' + end)); }) == Exit::data);

    const Secret key = sample_key();
    std::vector<Stanza> stanzas(age_stanzas_max, {{"a"}, {}});
    CHECK(exit_of_parse(to_text(stanzas, key)) == Exit::ok);
    stanzas.push_back(stanzas.front());
    CHECK(exit_of_parse(to_text(stanzas, key)) == Exit::data);
}
