#include "base/lines.hpp"

#include "base/testing.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// A text in pieces of so many bytes.
std::function<std::size_t(MutableByteView)> pieces_of(std::string text, std::size_t piece)
{
    return [text = std::move(text), piece](MutableByteView buffer) mutable {
        const std::size_t size = std::min({piece, buffer.size(), text.size()});
        std::ranges::copy(as_bytes(text).first(size), buffer.begin());
        text.erase(0, size);
        return size;
    };
}

std::vector<std::string> lines_of(const std::string& text, std::size_t piece)
{
    Lines lines{pieces_of(text, piece), 1000};
    std::vector<std::string> found;
    while (const auto line = lines.next()) found.emplace_back(*line);
    CHECK(lines.number() == found.size());
    CHECK(lines.has_end() == (text.empty() || text.ends_with('\n')));
    return found;
}

} // namespace

TEST_CASE("lines come apart however the text comes")
{
    const std::string long_line(1000, 'x');
    const std::vector<std::string> expected{"a", "", long_line, "b c", long_line, "end"};
    std::string text;
    for (int i = 0; i < 100; ++i)
        for (const std::string& line : expected) text += line + '\n';
    for (const std::size_t piece : {1U, 7U, 999U, 1000U, 1001U, 100'000U}) {
        const auto found = lines_of(text, piece);
        REQUIRE(found.size() == 600);
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i % 6]);
    }
    CHECK(lines_of("", 1).empty());
    CHECK(lines_of("\n", 1) == std::vector<std::string>{""});
    CHECK(lines_of("a\nb", 1) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a line that is too long is refused when that is known")
{
    std::size_t given = 0;
    Lines lines{[&](MutableByteView buffer) {
                    std::ranges::fill(buffer.first(1), std::byte{'x'});
                    ++given;
                    return std::size_t{1};
                },
                1000};
    CHECK(exit_of([&] { std::ignore = lines.next(); }) == Exit::data);
    CHECK(given == 1001);
}

TEST_CASE("a line is seen as soon as it has come")
{
    int asked = 0;
    Lines lines{[&](MutableByteView buffer) {
                    ++asked;
                    std::ranges::copy(as_bytes(std::string_view{"one\ntwo\n"}), buffer.begin());
                    return std::size_t{8};
                },
                100};
    CHECK_FALSE(lines.has_whole());
    CHECK(lines.next() == "one");
    CHECK(lines.has_whole());
    CHECK(lines.next() == "two");
    CHECK(asked == 1);
}
