// cairn: "cairn put" executes cairn-put. See cairn(1). Knows nothing about the tools, so that
// others can add theirs: what is called cairn-* and can be executed is one.

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/suggest.hpp"
#include "os/directory.hpp"
#include "os/process.hpp"
#include "os/program.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

using namespace cairn;

namespace {

constexpr std::string_view prefix = "cairn-";

constexpr std::string_view help_text =
    R"(Run a tool of the cairn toolkit.

Usage: cairn TOOL [ARGUMENT]...
   or: cairn help [TOOL]
   or: cairn --list | --help | --version

"cairn put" is cairn-put, looked up beside this program, in ../libexec/cairn
from there, and in $PATH.

  help [TOOL]             Open the manual page of TOOL, or of the toolkit
      --list              List the tools, one a line
  -h, --help              Show this help; "cairn TOOL --help" shows the tool's
  -V, --version           Show the release

Examples:
  cairn --list
      List the tools
  cairn keygen --help
      Show what cairn-keygen takes
)";

/// Where tools are looked up, each with a slash at its end; the first find wins.
std::vector<std::string> search_path()
{
    const std::string own = program_directory() + '/';
    std::vector<std::string> directories{own, own + "../libexec/cairn/"};
    const char* const path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe)
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t size = std::min(rest.find(':'), rest.size());
        if (size > 0) directories.emplace_back(rest.substr(0, size)) += '/';
        rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    return directories;
}

/// A name that neither leaves the directory nor spoils a list.
bool is_tool_name(std::string_view name)
{
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    return !name.empty() && name.find_first_not_of(allowed) == name.npos;
}

/// The names in a directory; none when it cannot be read, as with much of a $PATH.
std::vector<std::string> list_readable(const std::string& directory)
{
    try {
        return list_directory(directory);
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> list_tools()
{
    std::vector<std::string> tools;
    for (const std::string& directory : search_path())
        for (const std::string& file : list_readable(directory))
            if (file.starts_with(prefix) && is_tool_name(file.substr(prefix.size())) &&
                is_program(directory + file))
                tools.push_back(file.substr(prefix.size()));
    std::ranges::sort(tools);
    tools.erase(std::unique(tools.begin(), tools.end()), tools.end());
    return tools;
}

[[noreturn]] void fail_unknown(const std::string& name)
{
    const std::string hint = suggest(name, list_tools());
    throw Error{Exit::usage, "unknown tool '" + escape(name) + "'",
                hint.empty() ? "try 'cairn --list'" : hint};
}

[[noreturn]] void run_tool(const std::string& name, std::vector<std::string> arguments)
{
    const std::string file{std::string{prefix} + name};
    arguments.front() = file;
    if (is_tool_name(name))
        for (const std::string& directory : search_path())
            if (is_program(directory + file)) execute(directory + file, arguments);
    fail_unknown(name);
}

[[noreturn]] void open_manual(const std::vector<std::string>& arguments)
{
    if (arguments.empty()) execute("man", {"man", "7", "cairn"});
    const std::string& name = arguments.front();
    if (!is_tool_name(name)) fail_unknown(name);
    execute("man", {"man", std::string{prefix} + name});
}

void list(Console& console)
{
    std::string text;
    for (const std::string& tool : list_tools()) text += tool + '\n';
    console.print(text);
}

Exit run(const std::vector<std::string>& arguments, Console& console)
{
    const char* const hint = "try 'cairn --help'";
    if (arguments.empty()) throw Error{Exit::usage, "no tool is given", hint};
    const std::string& word = arguments.front();
    if (word == "help") open_manual({arguments.begin() + 1, arguments.end()});
    if (!word.starts_with('-')) run_tool(word, arguments);
    if (arguments.size() > 1) throw Error{Exit::usage, "unexpected operand after " + word, hint};

    if (word == "--list")
        list(console);
    else if (word == "--help" || word == "-h")
        console.print(help_text);
    else if (word == "--version" || word == "-V")
        console.print(std::string{"cairn "} + release() + '\n');
    else
        throw Error{Exit::usage, "unknown option '" + escape(word) + "'", hint};
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    prepare_process();
    Console console{"cairn", {}};
    try {
        return static_cast<int>(run({argv + std::min(argc, 1), argv + argc}, console));
    } catch (const Error& error) {
        console.error(error.code(), error.what(), error.hint());
        return static_cast<int>(error.code());
    } catch (const std::bad_alloc&) {
        console.error(Exit::oserr, "out of memory");
        return static_cast<int>(Exit::oserr);
    }
}
