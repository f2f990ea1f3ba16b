// cairn-inspect: show what any object of the project is and holds. See cairn-inspect(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "inspect/inspect.hpp"
#include "inspect/trace.hpp"
#include "os/input.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> file;
    bool text = false;
    bool trace = false;
};

Exit inspect_file(const Options& options, Console& console)
{
    if (options.text && console.json())
        throw Error{Exit::usage, "--text and --json exclude each other"};
    Input input = Input::open_operand(options.file);
    Progress progress{console, "inspect", std::nullopt}; // how much is read, the format decides
    bool is_first = true;
    const auto show = [&](const Json& object) {
        progress.finish(); // what is read until then is long
        if (console.json())
            console.result(object);
        else if (options.text)
            console.print((is_first ? "" : "\n") + object.to_text());
        else
            console.print(object.dump(2) + '\n');
        is_first = false;
    };
    inspect(input, show, [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    return Exit::ok;
}

Exit show_trace(const Options& options, Console& console)
{
    if (options.text) throw Error{Exit::usage, "--text and --trace exclude each other"};
    Input input = Input::open_operand(options.file);
    TraceText text;
    read_trace(input, [&](const Json& entry) {
        std::string line = text.line(entry); // checks it
        if (console.json())
            console.result(entry);
        else
            console.print(line + '\n');
    });
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"inspect", "Show what any object of the project is and holds"};
    cli.usage("[--text | --json] [FILE]");
    cli.usage("--trace [--json] [FILE]");
    cli.formats(
        "identity 1, age v1, shard 1, manifest 1, link 1, minisign, node 1, receipt 1, list 1, "
        "index 1, audit key 1, prover key 1, tags 1, challenge 1, storage proof 1, transcript 1, "
        "genesis 1, transaction 1, block 1, state proof 1, snapshot 1");
    cli.operand("FILE", options.file, "What to look at; '-' is standard input");
    cli.flag("-t,--text", options.text, "Show lines of text instead of JSON");
    cli.flag("--trace", options.trace, "FILE is what --trace of another tool has written");
    cli.example("cairn-inspect backup.age", "for whom a file is encrypted");
    cli.example("cairn-inspect --json shards/000.shard | jq -r .id", "the object of a shard");
    return cli.run(argc, argv, [&](Console& console) {
        return options.trace ? show_trace(options, console) : inspect_file(options, console);
    });
}
