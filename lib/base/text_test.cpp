#include "base/text.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("the shortest form of every scalar value is UTF-8")
{
    for (const char* text :
         {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
          "gr\xc3\xbc\xc3\x9f \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\xaa\xa8"})
        CHECK(is_utf8(text));
    CHECK(is_utf8({"\0", 1}));
}

TEST_CASE("stray, missing, overlong, surrogate and too large sequences are not UTF-8")
{
    for (const char* text : {"\x80",
                             "\xbf",
                             "a\x80",
                             "\xc3",
                             "\xc3(",
                             "\xe2\x82",
                             "\xe2\x28\xa1",
                             "\xe2\x82(",
                             "\xf0\x9f\xaa",
                             "\xf0\x28\x8c\xbc",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xe0\x80\x80",
                             "\xe0\x9f\xbf",
                             "\xf0\x80\x80\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80",
                             "\xed\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xf8\x88\x80\x80\x80",
                             "\xfe",
                             "\xff"})
        CHECK_FALSE(is_utf8(text));
}

TEST_CASE("printable text is not escaped")
{
    for (const char* text : {"", "plain name.txt", "~!@#$%^&*()\"", "gr\xc3\xbc\xc3\x9f",
                             "\xc2\xa0", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\xaa\xa8"})
        CHECK(escape(text) == text);
}

TEST_CASE("what could change the terminal or the line is escaped")
{
    struct Example {
        const char *text, *escaped;
    };
    constexpr std::array examples{
        Example{"two\nlines", "two\\nlines"},
        Example{"a\tb", "a\\tb"},
        Example{"it's", "it\\'s"},
        Example{"a\\n", "a\\\\n"},
        Example{"\r", "\\x0d"},
        Example{"\x1b[31m", "\\x1b[31m"},
        Example{"\x7f", "\\x7f"},
        Example{"\xc2\x80", "\\xc2\\x80"},
        Example{"\xc2\x9b"
                "0m",
                "\\xc2\\x9b0m"},
        Example{"\xd8\x9c", "\\xd8\\x9c"},
        Example{"\xe2\x80\x8f", "\\xe2\\x80\\x8f"},
        Example{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},
        Example{"\xe2\x80\xaa", "\\xe2\\x80\\xaa"},
        Example{"\xe2\x80\xae"
                "gpj",
                "\\xe2\\x80\\xaegpj"},
        Example{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
        Example{"\xe2\x81\xa9", "\\xe2\\x81\\xa9"},
        Example{"a\xff"
                "b",
                "a\\xffb"},
        Example{"\xc3", "\\xc3"},
        Example{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
    };
    for (const Example& example : examples) CHECK(escape(example.text) == example.escaped);
    CHECK(escape({"\0", 1}) == "\\x00");
}

TEST_CASE("the neighbours of the bidirectional controls are not escaped")
{
    for (const char* text : {"\xe2\x80\xaf", "\xe2\x80\xa7", "\xe2\x81\xa5", "\xe2\x81\xaa"})
        CHECK(escape(text) == text);
}

TEST_CASE("the edit distance counts insertions, removals and replacements")
{
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("encrypt", "encrypt") == 0);
    CHECK(edit_distance("encrpt", "encrypt") == 1);
    CHECK(edit_distance("decrypt", "encrypt") == 2);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("flaw", "lawn") == 2);
}
