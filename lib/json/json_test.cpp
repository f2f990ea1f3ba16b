#include "json/json.hpp"

#include "base/testing.hpp"

#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("members keep their order and values their kind")
{
    const Json json = Json::object()
                          .set("z", "text")
                          .set("a", std::string{"more"})
                          .set("yes", true)
                          .set("none", Json{})
                          .set("small", std::uint8_t{7})
                          .set("minus", -5)
                          .set("half", 0.5)
                          .set("list", Json::array().push(1).push("two").push(Json::object()));
    CHECK(json.dump() == R"({"z":"text","a":"more","yes":true,"none":null,"small":7,"minus":-5,)"
                         R"("half":0.5,"list":[1,"two",{}]})");
}

TEST_CASE("numbers that a double cannot hold are text")
{
    const auto limit = std::uint64_t{1} << 53U;
    CHECK(Json{limit - 1}.dump() == "9007199254740991");
    CHECK(Json{limit}.dump() == R"("9007199254740992")");
    CHECK(Json{std::numeric_limits<std::uint64_t>::max()}.dump() == R"("18446744073709551615")");
    CHECK(Json{std::numeric_limits<std::int64_t>::min()}.dump() == R"("-9223372036854775808")");
    CHECK(Json{-static_cast<std::int64_t>(limit) + 1}.dump() == "-9007199254740991");
    CHECK(Json{std::numeric_limits<double>::infinity()}.dump() == "null");
    CHECK(Json::decimal(7).dump() == R"("7")");
}

TEST_CASE("any bytes make a string")
{
    CHECK(Json{"\xff"}.dump() == "\"\xef\xbf\xbd\"");
    CHECK(Json{"half \xe2\x82"}.dump() == "\"half \xef\xbf\xbd\"");
    CHECK(Json{"line\n\x1b[2J\"\\"}.dump() == R"("line\n\u001b[2J\"\\")");
    CHECK(Json{std::string_view{"\0", 1}}.dump() == R"("\u0000")");
    CHECK(Json::object().set("\xff", 1).dump() == "{\"\xef\xbf\xbd\":1}");
}

TEST_CASE("set replaces, merge sets many, copies are apart")
{
    Json json = Json::object().set("a", 1).set("b", 2);
    const Json before = json;
    json.merge(Json::object().set("a", 3).set("c", 4)).set("b", 5);
    CHECK(json.dump() == R"({"a":3,"b":5,"c":4})");
    CHECK(before.dump() == R"({"a":1,"b":2})");
    CHECK(Json::object().set("a", 1).dump(2) == "{\n  \"a\": 1\n}");
}

TEST_CASE("what was written is read again")
{
    const Json json = Json::object()
                          .set("a", 1U)
                          .set("b", Json::array().push("x").push(true).push(Json{}))
                          .set("c", Json::object().set("d", UINT64_MAX));
    const Json again = Json::parse(json.dump(), "it");
    CHECK(again.dump() == json.dump());
    CHECK(again.names() == std::vector<std::string>{"a", "b", "c"});
    CHECK(again.member("a").number() == 1U);
    CHECK(again.member("b").size() == 3);
    CHECK(again.member("b").item(0).text() == "x");
    CHECK(again.member("b").item(1).boolean() == true);
    CHECK(again.member("b").item(2).is_null());
    CHECK(again.member("c").member("d").number() == UINT64_MAX);
    CHECK(again.member("nothing").is_null());
}

TEST_CASE("values of another type are none")
{
    const Json json = Json::parse(R"({"n":-1,"f":1.5,"t":"01","s":"x","o":{}})", "it");
    for (const char* name : {"n", "f", "t", "s", "o"}) {
        CAPTURE(name);
        CHECK(!json.member(name).number());
        CHECK(!json.member(name).boolean());
        CHECK(json.member(name).size() == 0);
    }
    CHECK(!json.member("n").text());
    CHECK(json.member("n").member("x").is_null());
    CHECK(json.member("n").names().empty());
}

TEST_CASE("what is no JSON, or nests too deeply, is refused")
{
    for (const char* text : {"", "{", "{}x", "[1,]", "nul", "{'a':1}", "\"\xff\""}) {
        CAPTURE(text);
        CHECK(exit_of([&] { Json::parse(text, "it"); }) == Exit::data);
    }
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(exit_of([&] { Json::parse(nested(json_depth_max), "it"); }) == Exit::ok);
    CHECK(exit_of([&] { Json::parse(nested(json_depth_max + 1), "it"); }) == Exit::data);
    CHECK(exit_of([&] { Json::parse(nested(1'000'000), "it"); }) == Exit::data);
    CHECK(Json::parse(R"(["[[[[","]"])", "it").size() == 2);
}
