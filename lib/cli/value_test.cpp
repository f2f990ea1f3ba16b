#include "cli/detail/value.hpp"

#include "base/testing.hpp"
#include "cli/suggest.hpp"

#include <doctest/doctest.h>

using namespace cairn;
using detail::Unit;

namespace {

std::string message_of(const char* text, Range range, Unit unit)
{
    try {
        return std::to_string(detail::to_number("--n", text, range, unit));
    } catch (const Error& error) {
        CHECK(error.code() == Exit::usage);
        return error.what();
    }
}

} // namespace

TEST_CASE("numbers are decimal and in range")
{
    CHECK(message_of("1", {1, 64}, Unit::none) == "1");
    CHECK(message_of("64", {1, 64}, Unit::none) == "64");
    const std::string start = "option '--n' takes a number from 1 to 64, not ";
    for (const std::string text : {"0", "65", "-1", "010", "0x10", "1.0", "", " 1", "1 ", "+1",
                                   "99999999999999999999", "18446744073709551617"})
        CHECK(message_of(text.c_str(), {1, 64}, Unit::none) == start + "'" + text + "'");
    CHECK(message_of("18446744073709551616", {}, Unit::none) ==
          "option '--n' takes a number from 0 to 18446744073709551615, not "
          "'18446744073709551616'");
}

TEST_CASE("sizes and durations show their range as people write it")
{
    CHECK(message_of("1.5KiB", {0, 4096}, Unit::bytes) == "1536");
    CHECK(message_of("20EB", {4096, 3ULL << 29U}, Unit::bytes) ==
          "option '--n' takes a size such as 4096, 64KiB or 1.5GiB, from 4KiB to 1536MiB, not "
          "'20EB'");
    CHECK(message_of("90s", {0, 90'000}, Unit::milliseconds) == "90000");
    CHECK(message_of("5", {100, 86'400'000}, Unit::milliseconds) ==
          "option '--n' takes a duration such as 500ms, 90s or 15m, from 100ms to 1d, not '5'");
}

TEST_CASE("a suggestion is near the word or begins with it")
{
    const std::vector<std::string> names{"--force", "--files-from", "--output"};
    CHECK(suggest("--forse", names) == "did you mean '--force'?");
    CHECK(suggest("--ofrce", names) == "did you mean '--force'?");
    CHECK(suggest("--o", names) == "did you mean '--output'?");
    CHECK(suggest("--files", names) == "did you mean '--files-from'?");
    CHECK(suggest("--zebra", names).empty());
    CHECK(suggest("--", names).empty());
    CHECK(suggest("", names).empty());
    CHECK(suggest(std::string(100'000, 'x'), names).empty());
}
