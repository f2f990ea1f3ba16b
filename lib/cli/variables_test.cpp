#include "cli/detail/variables.hpp"

#include "base/testing.hpp"

#include <map>

#include <doctest/doctest.h>

using namespace cairn;
using detail::Command;
using detail::Option;

namespace {

using Words = std::vector<std::string>;

/// A tool with one option of each kind, and what was stored.
struct Tool {
    Command command;
    std::map<std::string, Words> stored;

    Tool()
    {
        command.name = "cairn-try";
        add("force", "", false);
        add("verbose", "", true);
        add("wait-time", "DURATION", false);
        add("peer", "ADDRESS", true);
        add("help", "", false);
        command.options.back().is_question = true;
    }

    void add(const char* name, const char* value_name, bool is_repeatable)
    {
        Option option;
        option.long_name = name;
        option.value_name = value_name;
        option.is_repeatable = is_repeatable;
        option.store = [this, name](const std::string& text) {
            if (text == "bad") throw Error{Exit::usage, "that is bad", "be good"};
            stored[name].push_back(text);
        };
        command.options.push_back(option);
    }

    void run(const Words& arguments, const std::map<std::string, std::string>& environment)
    {
        const detail::Given given = parse(command, arguments);
        store(given);
        store_variables(given, [&](const std::string& name) -> const char* {
            const auto found = environment.find(name);
            return found == environment.end() ? nullptr : found->second.c_str();
        });
    }
};

std::string message_of(const std::string& name, const std::string& value)
{
    try {
        Tool{}.run({}, {{name, value}});
    } catch (const Error& error) {
        CHECK(error.code() == Exit::config);
        return error.what();
    }
    return "fine";
}

} // namespace

TEST_CASE("each long option has a variable")
{
    Tool tool;
    tool.run({}, {{"CAIRN_FORCE", "1"},
                  {"CAIRN_VERBOSE", "2"},
                  {"CAIRN_WAIT_TIME", "a b"},
                  {"CAIRN_PEER", " one\ttwo\n three "}});
    CHECK(tool.stored["force"] == Words{""});
    CHECK(tool.stored["verbose"] == Words{"", ""});
    CHECK(tool.stored["wait-time"] == Words{"a b"});
    CHECK(tool.stored["peer"] == Words{"one", "two", "three"});
}

TEST_CASE("the command line beats the environment")
{
    Tool tool;
    tool.run({"--wait-time", "1", "--peer=x"}, {{"CAIRN_WAIT_TIME", "bad"}, {"CAIRN_PEER", "y"}});
    CHECK(tool.stored["wait-time"] == Words{"1"});
    CHECK(tool.stored["peer"] == Words{"x"});
}

TEST_CASE("empty and other variables change nothing")
{
    Tool tool;
    tool.run({}, {{"CAIRN_FORCE", "0"},
                  {"CAIRN_WAIT_TIME", ""},
                  {"CAIRN_PEER", "  "},
                  {"CAIRN_HELP", "1"},
                  {"CAIRN_WAIT-TIME", "x"},
                  {"CAIRN_HOME", "/x"},
                  {"WAIT_TIME", "x"}});
    CHECK(tool.stored.empty());
}

TEST_CASE("a wrong value is the environment's fault, and the message names the variable")
{
    CHECK(message_of("CAIRN_WAIT_TIME", "bad") ==
          "environment variable CAIRN_WAIT_TIME: that is bad");
    CHECK(message_of("CAIRN_PEER", "good bad") == "environment variable CAIRN_PEER: that is bad");
    for (const char* const text : {"2", "yes", "-1", "11", " 1"})
        CHECK(
            message_of("CAIRN_FORCE", text) ==
            std::string{"environment variable CAIRN_FORCE: it takes a number from 0 to 1, not '"} +
                text + "'");
    CHECK(message_of("CAIRN_VERBOSE", "10") ==
          "environment variable CAIRN_VERBOSE: it takes a number from 0 to 9, not '10'");
    CHECK(message_of("CAIRN_VERBOSE", "9") == "fine");
}

TEST_CASE("an option of a verb has a variable where the verb is given")
{
    Tool tool;
    Tool verb;
    verb.command.verb = "go";
    verb.command.name = "cairn-try go";
    verb.command.options.erase(verb.command.options.begin(), verb.command.options.begin() + 4);
    verb.command.options.front().is_question = false;
    verb.command.options.front().long_name = "far";
    verb.command.tool = &tool.command;
    tool.command.verbs.push_back(&verb.command);
    tool.run({"go"}, {{"CAIRN_FAR", "1"}, {"CAIRN_FORCE", "1"}});
    CHECK(verb.stored["help"] == Words{""}); // as it was called before
    CHECK(tool.stored["force"] == Words{""});
    verb.stored.clear();
    tool.run({}, {{"CAIRN_FAR", "1"}});
    CHECK(verb.stored.empty());
}
