// cairn-store: keep shards for others, as a provider of the storage network. See cairn-store(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "cli/probes.hpp"
#include "cli/readiness.hpp"
#include "format/address.hpp"
#include "keyring/identities.hpp"
#include "net/local_api.hpp"
#include "os/directory.hpp"
#include "provider/daemon.hpp"
#include "provider/facts.hpp"
#include "provider/node.hpp"

using namespace cairn;

namespace {

constexpr std::uint64_t api_wait_ms = 10'000;
constexpr std::uint64_t year_ms = std::uint64_t{365} * 86'400'000;

struct Options {
    StoreOptions store;
    std::optional<std::string> key;
    std::optional<std::uint64_t> ready_fd;
    std::optional<std::uint64_t> capacity;
    std::uint64_t trash_ms = std::uint64_t{7} * 86'400'000;
    bool status = false;
    bool drain = false;
    bool migrate = false;
    bool dry_run = false;
    bool selftest = false;
};

/// "cairn1...@host:port": a line of a provider list.
std::string provider_line(const NodeRecord& record)
{
    return to_address(record.node_key) + '@' + record.addresses.front();
}

void tell(const StoreReady& ready, Console& console)
{
    const std::string line = provider_line(ready.record);
    if (!console.json()) return console.print(line + '\n');
    Json json = Json::object()
                    .set("provider", line)
                    .set("listening", ready.listening)
                    .set("record", to_text(ready.record))
                    .set("landlock", ready.landlock)
                    .set("seccomp", ready.has_filters);
    if (!ready.metrics.empty()) json.set("metrics", ready.metrics);
    console.result(json);
}

std::string sandbox_text(const StoreReady& ready)
{
    const std::string files =
        ready.landlock == 0 ? "files are not confined"
                            : "files are confined by Landlock " + std::to_string(ready.landlock);
    return "sandbox: " + files + ", system calls are " +
           (ready.has_filters ? "confined by seccomp" : "not confined");
}

StoreVoice voice_of(Console& console, Readiness& readiness)
{
    return {.ready =
                [&](const StoreReady& ready) {
                    const bool is_whole = ready.landlock > 0 && ready.has_filters;
                    if (is_whole)
                        console.info(sandbox_text(ready));
                    else
                        console.warning(sandbox_text(ready));
                    tell(ready, console);
                    readiness.ready(provider_line(ready.record));
                },
            .stopping = [&] { readiness.stopping(); },
            .info = [&](const std::string& text) { console.info(text); },
            .warn = [&](const std::string& text) { console.warning(text); }};
}

std::optional<Ed25519KeyPair> load_key(const Options& options)
{
    if (!options.key) return std::nullopt;
    return load_service_key(*options.key);
}

Exit serve(const Options& options, Console& console)
{
    Readiness readiness{options.ready_fd};
    SignalEvents signals;
    {
        StoreDaemon daemon{signals, options.store, load_key(options), voice_of(console, readiness)};
        daemon.run();
    }
    signals.end_by_signal();
    return Exit::ok;
}

Exit selftest(const Options& options, Console& console)
{
    SignalEvents signals;
    Readiness readiness{std::nullopt};
    StoreDaemon daemon{signals, options.store, load_key(options), voice_of(console, readiness)};
    return show_probes(daemon.probe(), console);
}

std::string api_endpoint(const Options& options)
{
    return options.store.api.empty() ? local_api_endpoint(options.store.directory)
                                     : options.store.api;
}

/// Throws Error{unavail} when no store runs in this directory.
void check_running(const Options& options)
{
    try {
        lock_directory(options.store.directory);
    } catch (const Error& error) {
        if (error.code() == Exit::tempfail) return;
        throw;
    }
    throw Error{Exit::unavail, "no store runs in '" + options.store.directory + "'"};
}

/// Asks the store that runs in this directory. Throws Error{unavail} when it does not answer.
Json ask(const Options& options, const char* method)
{
    const LocalReply reply = call_local(api_endpoint(options), {method, "{}", {}}, api_wait_ms);
    Json json = Json::parse(reply.json, "the reply");
    if (reply.status != "ok")
        throw Error{Exit::unavail,
                    "the store answers: " + json.member("message").text().value_or(reply.status)};
    return json;
}

/// Of the store that runs, else of what lies there.
Exit status(const Options& options, Console& console)
{
    if (!exists(options.store.directory + "/version"))
        throw Error{Exit::noinput, "there is no store in '" + options.store.directory + "'"};
    try {
        const Depot depot{options.store.directory,
                          {.capacity = options.store.capacity,
                           .reserve = options.store.reserve,
                           .trash_s = options.trash_ms / 1000,
                           .grants = {},
                           .now_s = [] { return std::uint64_t{0}; }}};
        ProviderFacts facts{};
        facts.depot = depot.status();
        if (const auto record = load_record(options.store.directory))
            facts.node = to_address(record->node_key);
        show(to_json(facts), console);
    } catch (const Error& error) {
        if (error.code() != Exit::tempfail) throw;
        show(ask(options, "status"), console);
    }
    return Exit::ok;
}

Exit migrate(const Options& options, Console& console)
{
    for (const std::string& line : Depot::migrate(options.store.directory, options.dry_run)) {
        if (console.json())
            console.result(Json::object().set("step", line));
        else
            console.print(line + '\n');
    }
    return Exit::ok;
}

Exit run(Options options, Console& console)
{
    if (options.store.directory.empty())
        throw Error{Exit::usage, "no directory is named", "name it by --dir DIR"};
    if (int{options.status} + int{options.drain} + int{options.migrate} + int{options.selftest} > 1)
        throw Error{Exit::usage, "--status, --drain and --migrate exclude each other"};
    if (options.dry_run && !options.migrate) throw Error{Exit::usage, "--dry-run is for --migrate"};
    options.store.capacity = options.capacity.value_or(UINT64_MAX);
    options.store.trash_s = options.trash_ms / 1000;
    if (options.status) return status(options, console);
    if (options.migrate) return migrate(options, console);
    if (options.selftest) return selftest(options, console);
    if (!options.drain) return serve(options, console);
    check_running(options);
    show(ask(options, "drain"), console);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    StoreOptions& store = options.store;
    store.reserve = std::uint64_t{256} << 20U;
    store.scrub_rate = std::uint64_t{4} << 20U;
    Cli cli{"store", "Keep shards for others, as a provider of the storage network"};
    cli.environment();
    cli.usage("--dir DIR [--listen ADDRESS] [--capacity SIZE] [--grants FILE]");
    cli.usage("--dir DIR (--status | --drain | --migrate [--dry-run])");
    cli.formats("cairn-link 1, store 1, receipt 1");
    cli.option("--dir", "DIR", store.directory, "Where the shards are; made if it is missing");
    cli.group("Network");
    cli.option("--listen", "ADDRESS", store.listen,
               "Serve at HOST:PORT; port 0 is a free one. 127.0.0.1:0 if not given");
    cli.option("--announce", "ADDRESS", store.announced,
               "Others connect to this HOST:PORT; may be given again");
    cli.option("--api", "ENDPOINT", store.api, "Local API; ipc://DIR/api.sock if not given");
    cli.option("--metrics", "FILE|ADDRESS", store.metrics,
               "Write metrics to FILE, or serve them at HOST:PORT by HTTP");
    cli.option("--trace", "FILE", store.trace_file, "Write each frame to FILE, without contents");
    cli.number("--ready-fd", "N", options.ready_fd, {1, 1'000'000},
               "Write the provider line to descriptor N when it serves");
    cli.group("Who may store what");
    cli.option("--key", "FILE", options.key, "Identity of the node; DIR/node.key if not given");
    cli.option("--grants", "FILE", store.grants_file,
               "Who may store how much; DIR/grants if there is one, else only the node's key");
    cli.option("--deny", "FILE", store.deny_file, "Roots of shards never to be stored or served");
    cli.group("Disk");
    cli.size("--capacity", "SIZE", options.capacity, {}, "Store at most SIZE");
    cli.size("--reserve", "SIZE", store.reserve, {}, "Leave SIZE free on the disk; 256 MiB");
    cli.duration_ms("--trash", "DURATION", options.trash_ms, {0, year_ms},
                    "Keep what is dropped so long; 7 days");
    cli.size("--scrub", "SIZE", store.scrub_rate, {0, std::uint64_t{1} << 40U},
             "Read SIZE a second to find damage; 0: nothing; 4 MiB");
    cli.group("Instead of serving");
    cli.flag("--status", options.status, "Show what is stored");
    cli.flag("--drain", options.drain, "The store that runs here takes no more shards");
    cli.flag("--migrate", options.migrate, "Bring the directory to this version");
    cli.flag("--dry-run", options.dry_run, "With --migrate: only show what would be done");
    cli.flag("--selftest-sandbox", options.selftest, "Start, and try to get out of the sandbox");
    cli.example("cairn-store --dir shards --capacity 500GiB --grants grants",
                "for the owners in a file, on this machine");
    cli.example("cairn-store --dir shards --status", "how much is there?");
    return cli.run(argc, argv, [&](Console& console) { return run(options, console); });
}
