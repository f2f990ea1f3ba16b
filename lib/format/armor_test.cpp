#include "format/armor.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::string_view begin = "-----BEGIN AGE ENCRYPTED FILE-----\n";
constexpr std::string_view end = "-----END AGE ENCRYPTED FILE-----\n";

std::string armor(ByteView bytes, const std::vector<std::size_t>& cuts = {})
{
    std::string text;
    ArmorWriter writer{[&](ByteView part) { text += as_text(part); }};
    for (const std::size_t cut : cuts) {
        writer.write(bytes.first(cut));
        bytes = bytes.subspan(cut);
    }
    writer.write(bytes);
    writer.finish();
    return text;
}

/// Reads armor in steps of a size.
Bytes unarmor(std::string_view text, std::size_t step = 1000)
{
    ArmorReader reader{[&](MutableByteView buffer) {
        const std::size_t size = std::min(buffer.size(), text.size());
        std::ranges::copy(as_bytes(text.substr(0, size)), buffer.begin());
        text.remove_prefix(size);
        return size;
    }};
    Bytes bytes;
    for (std::size_t size = step; size == step;) {
        bytes.resize(bytes.size() + step);
        size = reader.read(MutableByteView{bytes}.last(step));
        bytes.resize(bytes.size() - step + size);
    }
    return bytes;
}

std::string with_crlf(std::string_view text)
{
    std::string result;
    for (const char c : text) result += c == '\n' ? "\r\n" : std::string{c};
    return result;
}

std::string join(std::initializer_list<std::string_view> parts)
{
    std::string text;
    for (const std::string_view part : parts) text += part;
    return text;
}

const std::string full_line(64, 'A');

} // namespace

TEST_CASE("armor is strict PEM with lines of 64 columns")
{
    CHECK(armor({}) == join({begin, end}));
    CHECK(armor(as_bytes("abc")) == join({begin, "YWJj\n", end}));
    CHECK(armor(Bytes(48)) == join({begin, full_line, "\n", end}));
    CHECK(armor(Bytes(49)) == join({begin, full_line, "\nAA==\n", end}));
}

TEST_CASE("bytes of any number, written and read in any steps, come back")
{
    constexpr std::uint64_t seed = 11;
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    for (std::size_t size = 0; size < 300; ++size) {
        const Bytes bytes = noise(size, size);
        const std::string whole = armor(bytes);
        std::vector<std::size_t> cuts;
        for (std::size_t left = size; left > 0; left -= cuts.back())
            cuts.push_back(random() % (std::min<std::size_t>(left, 100) + 1));
        CAPTURE(size);
        CHECK(armor(bytes, cuts) == whole);
        CHECK(unarmor(whole, 1 + random() % 70) == bytes);
        CHECK(unarmor(with_crlf(whole)) == bytes);
        CHECK(is_armored(as_bytes(whole)));
    }
    const Bytes large = noise(200'000);
    CHECK(unarmor(armor(large, {1, 65'536, 100'000}), 65'537) == large);
}

TEST_CASE("white space may stand around armor, and the last line end may miss")
{
    const std::string text = armor(as_bytes("abc"));
    for (const char* const space : {"", "\n", " ", "\t\r\n \n", "\n\n\n"}) {
        CAPTURE(space);
        CHECK(is_armored(as_bytes(space + text)));
        CHECK(as_text(unarmor(space + text)) == "abc");
        CHECK(as_text(unarmor(text + space)) == "abc");
    }
    CHECK(as_text(unarmor(text.substr(0, text.size() - 1))) == "abc");
    CHECK(as_text(unarmor(with_crlf(text).substr(0, with_crlf(text).size() - 1))) == "abc");
}

TEST_CASE("armor that is nearly valid is refused")
{
    const std::string near_misses[] = {
        "",
        "\n",
        std::string{begin},
        std::string{end},
        join({begin, "YWJj\n"}),
        join({begin, "YWJj\n", "-----END AGE ENCRYPTED FILE----\n"}),
        join({begin, "YWJj\n", "----- END AGE ENCRYPTED FILE-----\n"}),
        join({begin, "YWJj\n", "-----END AGE ENCRYPTED FILE----- \n"}),
        join({begin, "YWJj\n", " ", end}),
        join({begin, "YWJj\n", "-----END PGP MESSAGE-----\n"}),
        join({"-----BEGIN AGE ENCRYPTED FILE----- \n", "YWJj\n", end}),
        join({"-----BEGIN AGE ENCRYPTED FILE----\n", "YWJj\n", end}),
        join({"-----begin age encrypted file-----\n", "YWJj\n", end}),
        join({"x\n", begin, "YWJj\n", end}),
        join({begin, begin, "YWJj\n", end}),
        join({begin, "Version: 1\n\n", "YWJj\n", end}),
        join({begin, "\n", "YWJj\n", end}),
        join({begin, "YWJj\n", "\n", end}),
        join({begin, "YWJj \n", end}),
        join({begin, " YWJj\n", end}),
        join({begin, "YW Jj\n", end}),
        join({begin, "YWJj\r\r\n", end}),
        join({begin, "YWI\n", end}),
        join({begin, "YWJ=\n", end}),
        join({begin, "YQ==YQ==\n", end}),
        join({begin, "YQ==\n", "YWJj\n", end}),
        join({begin, "YWJj\n", "YWJj\n", end}),
        join({begin, full_line, "AAAA\n", end}),
        join({begin, std::string(60, 'A'), "\n", full_line, "\n", end}),
        join({begin, "YWJj\n", end, "x"}),
        join({begin, "YWJj\n", end, end}),
        join({begin, "YWJj\n", end, begin, "YWJj\n", end}),
        join({begin, "YWJj\n", end, "\0"}) + '\0',
        join({begin, "YWJ-\n", end}),
    };
    for (const std::string& text : near_misses) {
        CAPTURE(text);
        CHECK(exit_of([&] { unarmor(text); }) == Exit::data);
        CHECK(exit_of([&] { unarmor(with_crlf(text)); }) == Exit::data);
    }
}

TEST_CASE("endless lines and endless white space before armor are refused")
{
    const std::string text = armor(as_bytes("abc"));
    CHECK(exit_of([&] { unarmor(std::string(100'000, '\n') + text); }) == Exit::data);
    CHECK(exit_of([&] { unarmor(std::string(100'000, ' ') + text); }) == Exit::data);
    CHECK(exit_of([&] { unarmor(std::string{begin} + std::string(100'000, 'A')); }) == Exit::data);
}

TEST_CASE("an input is taken for armor by its first line alone")
{
    CHECK(is_armored(as_bytes("-")));
    CHECK(is_armored(as_bytes(" \n-----BEGIN AGE EN")));
    CHECK_FALSE(is_armored({}));
    CHECK_FALSE(is_armored(as_bytes("  \n")));
    CHECK_FALSE(is_armored(as_bytes("-----BEGIN PGP MESSAGE-----")));
    CHECK_FALSE(is_armored(as_bytes("age-encryption.org/v1\n-----BEGIN AGE ENCRYPTED FILE-----")));
}
