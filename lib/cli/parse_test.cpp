#include "base/testing.hpp"
#include "cli/detail/command.hpp"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace cairn;
using detail::Command;
using detail::Option;

namespace {

using Words = std::vector<std::string>;

/// A tool with a flag, options, any number of operands, and what was stored of a command line.
struct Tool {
    Command command;
    Words flags, outputs, checks, recipients, operands;

    Tool()
    {
        command.name = "cairn-try";
        command.options.push_back(make("force", 'f', "", flags));
        command.options.push_back(make("output", 'o', "FILE", outputs));
        command.options.push_back(make("check", '\0', "", checks));
        command.options.back().word = "full";
        command.options.push_back(make("recipient", 'r', "KEY", recipients));
        command.options.back().is_repeatable = true;
        command.operands.push_back(
            {.name = "FILE",
             .help = {},
             .most = detail::Operand::unlimited,
             .store = [this](const auto& text) { operands.push_back(text); }});
    }

    static Option make(const char* name, char short_name, const char* value_name, Words& target)
    {
        Option option;
        option.long_name = name;
        option.short_name = short_name;
        option.value_name = value_name;
        option.store = [&target](const std::string& text) { target.push_back(text); };
        return option;
    }

    void run(const Words& arguments) const { store(parse(command, arguments)); }
};

std::string message_of(const Words& arguments)
{
    try {
        Tool{}.run(arguments);
    } catch (const Error& error) {
        CHECK(error.code() == Exit::usage);
        return std::string{error.what()} + '|' + error.hint();
    }
    return {};
}

const Words strange{"[a,b]", "[",   "{}",        "-",     "",   "++",   "%%", "a=b", "/x", "a b",
                    "a,b",   "a;b", "new\nline", "\"q\"", "\\", "\xff", ":0", "@f",  "~",  "#"};

} // namespace

TEST_CASE("operands arrive as they are")
{
    Tool tool;
    tool.run(strange);
    CHECK(tool.operands == strange);
}

TEST_CASE("after -- everything is an operand")
{
    const Words dashed{"-5", "--force", "--", "-", "-f", "--output=x", "[a,b]"};
    Words arguments{"--"};
    arguments.insert(arguments.end(), dashed.begin(), dashed.end());
    Tool tool;
    tool.run(arguments);
    CHECK(tool.operands == dashed);
    CHECK(tool.flags.empty());
}

TEST_CASE("values arrive as they are in all four forms")
{
    Words values = strange;
    for (const char* dashed : {"-5", "--force", "--", "-f", "--no-such", "=x"})
        values.push_back(dashed);
    for (const std::string& value : values) {
        CAPTURE(value);
        for (const Words& form : {Words{"-o", value}, Words{"--output", value},
                                  Words{"--output=" + value}, Words{"-fo", value}}) {
            Tool tool;
            tool.run(form);
            CHECK(tool.outputs == Words{value});
            CHECK(tool.operands.empty());
        }
        if (value.empty()) continue;
        Tool tool;
        tool.run({"-fo" + value});
        CHECK(tool.outputs == Words{value});
    }
}

TEST_CASE("options and operands mix, repeatable options take one value each")
{
    Tool tool;
    tool.run({"a", "-r", "1", "b", "-fr2", "--recipient=3", "c", "-f", "--", "-d"});
    CHECK(tool.recipients == Words{"1", "2", "3"});
    CHECK(tool.operands == Words{"a", "b", "c", "-d"});
    CHECK(tool.flags.size() == 2);
}

TEST_CASE("wrong command lines are told apart")
{
    const std::string help = "|try 'cairn-try --help'";
    CHECK(message_of({"--forse"}) == "unknown option '--forse'|did you mean '--force'?");
    CHECK(message_of({"--out", "x"}) == "unknown option '--out'|did you mean '--output'?");
    CHECK(message_of({"-output", "x"}) == "unknown option '-output'|did you mean '--output'?");
    CHECK(message_of({"--zzz"}) == "unknown option '--zzz'" + help);
    CHECK(message_of({"-5"}) == "unknown option '-5'" + help);
    CHECK(message_of({"-fx"}) == "unknown option '-x'" + help);
    CHECK(message_of({"--=x"}) == "unknown option '--'" + help);
    CHECK(message_of({"--\x1b\n"}) == "unknown option '--\\x1b\\n'" + help);
    CHECK(message_of({"--force=no"}) == "option '--force' takes no value" + help);
    CHECK(message_of({"a", "-o"}) == "option '--output' needs a value: FILE" + help);
    CHECK(message_of({"-o", "a", "-o", "b"}) == "option '--output' is given twice|");
}

TEST_CASE("operands are counted")
{
    Tool tool;
    tool.command.operands.front().least = 2;
    CHECK(exit_of([&] { tool.run({"a"}); }) == Exit::usage);
    CHECK(exit_of([&] { tool.run({"a", "b", "c"}); }) == Exit::ok);
    tool.command.operands.front().most = 2;
    CHECK(exit_of([&] { tool.run({"a", "b"}); }) == Exit::ok);
    CHECK(exit_of([&] { tool.run({"a", "b", "c"}); }) == Exit::usage);
}

TEST_CASE("a verb has its own options and its tool's")
{
    Tool verify;
    verify.command.operands.clear();
    Tool link;
    link.command.name = "cairn-try link";
    link.command.verb = "link";
    link.command.tool = &verify.command;
    link.command.options = {Tool::make("deep", 'd', "", link.flags)};
    verify.command.verbs.push_back(&link.command);

    verify.run({"-f", "link", "--deep", "-o", "link", "link", "-r", "[x]"});
    CHECK(verify.flags.size() == 1);
    CHECK(verify.outputs == Words{"link"});
    CHECK(verify.recipients == Words{"[x]"});
    CHECK(link.flags.size() == 1);
    CHECK(link.operands == Words{"link"});

    CHECK(parse(verify.command, {"link"}).command == &link.command);
    CHECK(parse(verify.command, {"-f"}).command == &verify.command);
    CHECK(exit_of([&] { verify.run({"--deep", "link"}); }) == Exit::usage);
    CHECK(exit_of([&] { verify.run({"lnk"}); }) == Exit::usage);
    CHECK(exit_of([&] { verify.run({"--", "link"}); }) == Exit::usage);
    CHECK(exit_of([&] { verify.run({""}); }) == Exit::usage);
}

TEST_CASE("a flag that may say more takes its word after '=' only")
{
    const auto checks_of = [](const Words& arguments) {
        Tool tool;
        tool.run(arguments);
        return tool.checks;
    };
    CHECK(checks_of({"--check"}) == Words{""});
    CHECK(checks_of({"--check=full"}) == Words{"full"});
    CHECK(checks_of({"--check=true"}) == Words{"true"}); // who stores it knows which there are
    CHECK(checks_of({"--check="}) == Words{""});
    CHECK(checks_of({"--check", "full"}) == Words{""});
}
