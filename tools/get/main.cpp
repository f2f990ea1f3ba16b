// cairn-get: read an object from the storage network. See cairn-get(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "client/plain_reader.hpp"
#include "client/restore.hpp"
#include "connect/connection.hpp"
#include "connect/faults.hpp"
#include "format/age_header.hpp"
#include "keyring/link_operand.hpp"
#include "os/directory.hpp"
#include "os/output.hpp"
#include "os/partial_file.hpp"
#include "stream/decode.hpp"
#include "stream/terminal_output.hpp"

using namespace cairn;

namespace {

struct Options {
    std::optional<std::string> link;
    std::optional<std::string> output;
    std::optional<std::string> range;
    bool recursive = false;
    bool force = false;
    ConnectionOptions connection;
};

/// What was read, for the summary.
struct Account {
    std::uint64_t written = 0; // bytes
    std::uint64_t resumed = 0; // bytes that an earlier run had written
};

/// The sink, and the account of what goes into it.
Sink counted(Sink sink, Account& account, Progress& progress)
{
    return [sink = std::move(sink), &account, &progress](ByteView bytes) {
        sink(bytes);
        account.written += bytes.size();
        progress.add(bytes.size());
    };
}

/// A large file is made in as many runs as it takes.
void get_in_runs(PlainReader& reader, PartialFile& file, Account& account, Progress& progress)
{
    if (file.size() > 0) {
        std::uint64_t at = 0;
        account.resumed = reader.count_good([&](MutableByteView buffer) {
            const std::size_t size = file.read_at(at, buffer);
            at += size;
            return size;
        });
        file.truncate(account.resumed);
        progress.add(account.resumed);
    }
    const Sink sink = [&](ByteView bytes) { file.write(bytes); };
    reader.read(account.resumed, UINT64_MAX, counted(sink, account, progress));
    file.commit();
}

/// A directory from its list: what can be had of it.
Exit get_tree(const Options& options, const Link& link, Console& console)
{
    const TreeDirectory directory{*options.output};
    Connection connection{options.connection, link.network, link.hints};
    std::uint64_t made = 0;
    std::uint64_t kept = 0;
    std::uint64_t failed = 0;
    Progress progress{console, "get", std::nullopt};
    Restorer restorer{connection.session(),
                      directory,
                      {.patience_ms = options.connection.timeout_ms,
                       .read = [&](std::uint64_t bytes) { progress.add(bytes); },
                       .done = [&](const std::string&, bool is_new) { ++(is_new ? made : kept); },
                       .failed =
                           [&](const std::string& path, const Error& error) {
                               if (path.empty()) throw error; // the list itself
                               ++failed;
                               console.warning("'" + directory.name_of(path) +
                                               "': " + error.what());
                           }}};
    restorer.restore_tree("", link);
    progress.finish();
    console.event("summary",
                  Json::object().set("made", made).set("kept", kept).set("failed", failed));
    if (failed == 0) return Exit::ok;
    if (made + kept == 0) throw Error{Exit::unavail, "nothing of the directory could be read"};
    return Exit::partial;
}

void check(const Options& options)
{
    if (!options.recursive) return;
    if (!options.output || is_standard_output(*options.output))
        throw Error{Exit::usage, "--recursive needs a directory to fill", "name it by -o DIR"};
    if (options.range || options.force)
        throw Error{Exit::usage, "--recursive excludes --range and -f"};
}

Exit get(const Options& options, const LinkOperands& links, Console& console)
{
    check(options);
    const Link link = links.read(options.link, console);
    if (options.recursive) return get_tree(options, link, console);
    const ByteRange range = options.range ? parse_byte_range(*options.range) : ByteRange{};
    const std::string path = options.output.value_or("-");
    std::optional<Output> output;
    output.emplace(
        Output::open(path, options.force ? Output::Existing::replace : Output::Existing::refuse));
    const bool is_new_file = output->is_file() && !exists(path);

    Connection connection{options.connection, link.network, link.hints};
    ObjectReader object{
        connection.session(), link.kind, link.id, {.patience_ms = options.connection.timeout_ms}};
    PlainReader reader{object, link.key ? &*link.key : nullptr};
    Account account;
    try {
        std::optional<std::uint64_t> total;
        if (!options.range) total = object.head().total_size;
        Progress progress{console, "get", total};
        if (is_new_file && !options.range && object.head().segments() > 1) {
            output.reset();
            PartialFile file{path};
            get_in_runs(reader, file, account, progress);
        } else {
            const bool is_guarded = output->is_terminal() && !options.output;
            const Sink sink =
                is_guarded ? to_terminal(*output) : [&](ByteView bytes) { output->write(bytes); };
            reader.read(range.first, range.last, counted(sink, account, progress));
            output->commit();
        }
        progress.finish();
    } catch (const Error&) {
        tell_faults(object.faults(), connection, console);
        throw;
    }
    tell_faults(object.faults(), connection, console);
    console.event("summary", Json::object()
                                 .set("written_bytes", account.written)
                                 .set("resumed_bytes", account.resumed)
                                 .set("faults", to_json(object.faults(), connection)));
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    const LinkOperands links{argc, argv};
    Options options;
    Cli cli{"get", "Read an object from the storage network"};
    cli.environment();
    cli.usage("[-o FILE] [--range A-B] [--providers FILE] [LINK]");
    cli.usage("--recursive -o DIR [--providers FILE] [LINK]");
    cli.formats("cairn-link 1, manifest 1, age v1");
    cli.operand("LINK", options.link, "'-', @FILE, fd:N, or the link itself");
    cli.group("Output");
    cli.option("-o,--output", "FILE", options.output, "Write to FILE; '-' is standard output");
    cli.option("--range", "A-B", options.range,
               "Only bytes A to B, both included and counted from 0; 'A-' is to the end");
    cli.flag("--recursive", options.recursive, "Fill the directory that -o names from a list");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    options.connection.declare(cli);
    cli.example("cairn-get --providers list -o backup.tar @backup.link",
                "again after an interruption, it goes on where it was");
    cli.example("cairn-get - < backup.link | tar -x", "in a pipe, with CAIRN_PROVIDERS=list");
    return cli.run(argc, argv, [&](Console& console) { return get(options, links, console); });
}
