#include "format/words.hpp"

#include "crypto/testing.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cairn;
using nlohmann::json;

namespace {

std::string words_of(ByteView entropy)
{
    return std::string{as_text(to_words(entropy).bytes())};
}

bool stands_for(std::string_view sentence, ByteView entropy)
{
    const auto parsed = parse_words(as_bytes(sentence));
    return parsed && std::ranges::equal(parsed->bytes(), entropy);
}

std::vector<std::string> split(const std::string& text)
{
    std::istringstream stream{text};
    return {std::istream_iterator<std::string>{stream}, {}};
}

std::string join(const std::vector<std::string>& words, const std::string& between = " ")
{
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
    return text;
}

} // namespace

TEST_CASE("words and seeds are those of BIP 39's vectors")
{
    const json samples = json::parse(test_data("identities/bip39_english.json"));
    CHECK(samples.size() == 16);
    for (const json& sample : samples) {
        const Bytes entropy = hex_bytes(sample["entropy"].get<std::string>());
        const auto sentence = sample["mnemonic"].get<std::string>();
        CAPTURE(sentence);
        CHECK(words_of(entropy) == sentence);
        CHECK(stands_for(sentence, entropy));
        const Secret seed = to_seed(as_bytes(sentence), sample["passphrase"].get<std::string>());
        CHECK(std::ranges::equal(seed.bytes(), hex_bytes(sample["seed"].get<std::string>())));
        CHECK_FALSE(std::ranges::equal(to_seed(as_bytes(sentence)).bytes(), seed.bytes()));
    }
}

TEST_CASE("each of the 2048 words is written and read at its place in the published list")
{
    const std::vector<std::string> list = split(test_data("identities/bip39_wordlist_english.txt"));
    REQUIRE(list.size() == 2048);
    for (unsigned index = 0; index < 2048; ++index) {
        Bytes entropy(16); // its first 11 bits are the first word's number
        entropy[0] = std::byte(index >> 3U);
        entropy[1] = std::byte((index & 7U) << 5U);
        const std::string sentence = words_of(entropy);
        CHECK(split(sentence).front() == list[index]);
        CHECK(stands_for(sentence, entropy));
    }
}

TEST_CASE("entropy of any allowed size becomes words and comes back")
{
    for (const std::size_t size : {16, 20, 24, 28, 32})
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            CAPTURE(seed);
            const Bytes entropy = noise(size, seed);
            const std::string sentence = words_of(entropy);
            CHECK(split(sentence).size() == size / 4 * 3);
            CHECK(sentence.size() <= words_size_max);
            CHECK(stands_for(sentence, entropy));
        }
}

TEST_CASE("words may be in capitals and apart by any white space")
{
    const Bytes entropy = noise(32);
    const std::string sentence = words_of(entropy);
    std::string capitals = sentence;
    std::ranges::transform(capitals, capitals.begin(),
                           [](char c) { return char(std::toupper(c)); });
    CHECK(stands_for(capitals, entropy));
    CHECK(stands_for("\n " + join(split(sentence), "\r\n\t  ") + "\n\n", entropy));
}

TEST_CASE("sentences that are nearly valid are refused")
{
    const std::string sentence = words_of(Bytes(32)); // abandon ... art
    std::vector<std::string> words = split(sentence);
    REQUIRE(words.back() == "art");
    const auto with_last = [&](const std::string& last) {
        std::vector<std::string> changed = words;
        changed.back() = last;
        return join(changed);
    };
    CHECK(stands_for(with_last("art"), Bytes(32)));
    const std::string near_misses[] = {
        "",
        " ",
        "art",
        with_last("arts"),
        with_last("ar"),
        with_last("artt"),
        with_last("abandon"),
        with_last("artistartist"),
        with_last("artefacts"),
        with_last("\xc3\xa4rt"),
        with_last(std::string{"art\0", 4}),
        with_last(std::string{"art\0\0\0\0\0", 8}),
        with_last(std::string{"\0art", 4}),
        with_last("art,"),
        with_last("art\v"),
        with_last("a-rt"),
        sentence + " art",
        sentence + " abandon abandon abandon",
        join({words.begin(), words.end() - 1}),
        join({words.begin(), words.begin() + 12}),
        join(words, ""),
        join(words, ","),
        join(words, "\xc2\xa0"),
    };
    for (const std::string& near : near_misses) {
        CAPTURE(near);
        CHECK_FALSE(parse_words(as_bytes(near)));
    }
}

TEST_CASE("a wrong word is found by the checksum in all but one of 256 cases")
{
    const std::vector<std::string> list = split(test_data("identities/bip39_wordlist_english.txt"));
    std::vector<std::string> words = split(words_of(noise(32)));
    int accepted = 0;
    for (const std::string& word : list) {
        words[5] = word;
        accepted += parse_words(as_bytes(join(words))).has_value() ? 1 : 0;
    }
    CHECK(accepted >= 1); // the right one
    CHECK(accepted <= 30);
}
