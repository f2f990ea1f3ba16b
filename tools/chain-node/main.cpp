// cairn-chain-node: take part in a chain, and keep it. See cairn-chain-node(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "cli/cli.hpp"
#include "cli/probes.hpp"
#include "cli/readiness.hpp"
#include "keyring/identities.hpp"
#include "net/local_client.hpp"
#include "offline.hpp"

using namespace cairn;

namespace {

constexpr std::uint64_t api_wait_ms = 10'000;

struct Options {
    ChainDaemonOptions daemon;
    OfflineOptions offline;
    std::optional<std::string> mine;
    std::optional<std::string> checkpoint;
    std::optional<std::uint64_t> ready_fd;
    std::optional<std::uint64_t> prune;
    std::string order = "price";
    std::uint64_t mempool_size = std::uint64_t{64} << 20U;
    std::uint64_t account_max = 64;
    bool status = false;
    bool selftest = false;
};

void tell(const ChainReady& ready, Console& console)
{
    if (!console.json()) return console.print(ready.listening + '\n');
    Json json = Json::object()
                    .set("listening", ready.listening)
                    .set("chain", to_hex_text(ready.chain.bytes))
                    .set("height", ready.height.value)
                    .set("api", ready.api)
                    .set("events", ready.events)
                    .set("landlock", ready.landlock)
                    .set("seccomp", ready.has_filters);
    if (!ready.metrics.empty()) json.set("metrics", ready.metrics);
    console.result(json);
}

ChainDaemonVoice voice_of(Console& console, Readiness& readiness)
{
    return {.ready =
                [&](const ChainReady& ready) {
                    const bool is_whole = ready.landlock > 0 && ready.has_filters;
                    if (!is_whole)
                        console.warning("this kernel or build lacks parts of the sandbox");
                    tell(ready, console);
                    readiness.ready(ready.listening);
                },
            .stopping = [&] { readiness.stopping(); },
            .info = [&](const std::string& text) { console.info(text); },
            .warn = [&](const std::string& text) { console.warning(text); }};
}

std::optional<Ed25519KeyPair> load_sealer(const Options& options)
{
    if (!options.mine) return std::nullopt;
    return load_service_key(*options.mine);
}

Exit serve(const Options& options, Console& console)
{
    Readiness readiness{options.ready_fd};
    SignalEvents signals;
    {
        ChainDaemon daemon{signals, options.daemon, load_sealer(options),
                           voice_of(console, readiness)};
        daemon.run();
    }
    signals.end_by_signal();
    return Exit::ok;
}

Exit selftest(const Options& options, Console& console)
{
    SignalEvents signals;
    Readiness readiness{std::nullopt};
    ChainDaemon daemon{signals, options.daemon, load_sealer(options), voice_of(console, readiness)};
    return show_probes(daemon.probe(), console);
}

Exit show_status(const Options& options, Console& console)
{
    const std::string endpoint = options.daemon.api.empty()
                                     ? local_api_endpoint(options.daemon.directory)
                                     : options.daemon.api;
    show(LocalClient{endpoint, api_wait_ms}.ask("status").json, console);
    return Exit::ok;
}

/// "HEIGHT:ID".
std::pair<Height, BlockId> parse_checkpoint(const std::string& text)
{
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) {
        const auto height = parse_number(std::string_view{text}.substr(0, colon));
        const auto id = parse_hex<BlockId>(std::string_view{text}.substr(colon + 1));
        if (height && *height <= UINT32_MAX && id)
            return {{static_cast<std::uint32_t>(*height)}, *id};
    }
    throw Error{Exit::usage, "'" + text + "' is no checkpoint", "write HEIGHT:ID"};
}

MempoolOrder order_of(const std::string& word)
{
    if (word == "time") return MempoolOrder::time;
    return word == "score" ? MempoolOrder::score : MempoolOrder::price;
}

Exit run(Options options, Console& console)
{
    OfflineOptions& offline = options.offline;
    offline.directory = options.daemon.directory;
    offline.genesis = options.daemon.genesis;
    const int verbs = int{options.status} + int{options.selftest} + int{offline.is_rebuilding} +
                      int{offline.replay.has_value()} + int{offline.range.has_value()} +
                      int{offline.profile.has_value()} + int{offline.is_exporting_state};
    if (verbs > 1)
        throw Error{Exit::usage, "--status, --replay, --export, --snapshot, --rebuild and "
                                 "--print-genesis exclude each other"};
    if (offline.profile) return print_genesis(offline, console);
    if (offline.replay) return replay(offline, console);
    if (options.daemon.directory.empty())
        throw Error{Exit::usage, "no directory is named", "name it by --dir DIR"};
    if (offline.range) return export_blocks(offline);
    if (offline.is_exporting_state) return export_state(offline, console);
    if (offline.is_rebuilding) return rebuild(offline, console);
    if (options.status) return show_status(options, console);
    options.daemon.keep_size = options.prune.value_or(UINT64_MAX);
    options.daemon.mempool.order = order_of(options.order);
    options.daemon.mempool.size_max = options.mempool_size;
    options.daemon.mempool.account_max = options.account_max;
    options.daemon.mempool.lane_gap = options.account_max;
    if (options.checkpoint) options.daemon.checkpoint = parse_checkpoint(*options.checkpoint);
    if (options.daemon.reward && !options.mine) throw Error{Exit::usage, "--reward is for --mine"};
    if (options.selftest) return selftest(options, console);
    return serve(options, console);
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    ChainDaemonOptions& daemon = options.daemon;
    std::uint64_t outbound = daemon.outbound;
    Cli cli{"chain-node", "Take part in a chain, and keep it"};
    cli.environment();
    cli.usage("--dir DIR [--genesis FILE] [--peer ADDRESS]... [--mine FILE]");
    cli.usage("--dir DIR (--status | --rebuild | --export FROM-TO | --snapshot)");
    cli.usage("[--genesis FILE] --replay FILE | --print-genesis NAME");
    cli.formats("cairn-link 1, block 1, transaction 1, genesis 1, snapshot 1");
    cli.option("--dir", "DIR", daemon.directory, "Where the chain is kept; made if it is missing");
    cli.option("--genesis", "FILE", daemon.genesis,
               "The chain, at the first start: a file, or dev, ccc, points");
    cli.group("Network");
    cli.option("--listen", "ADDRESS", daemon.listen,
               "Serve at HOST:PORT; port 0 is a free one. 127.0.0.1:0 if not given");
    cli.option("--announce", "ADDRESS", daemon.announced, "Others connect to this HOST:PORT");
    cli.option("--peer", "ADDRESS", daemon.peers, "Connect to HOST:PORT; may be given again");
    cli.number("--outbound", "N", outbound, {0, 64}, "Look for N peers; 8");
    cli.option("--checkpoint", "HEIGHT:ID", options.checkpoint, "The chain has this block");
    cli.option("--api", "ENDPOINT", daemon.api, "Local API; ipc://DIR/api.sock if not given");
    cli.option("--metrics", "FILE|ADDRESS", daemon.metrics,
               "Write metrics to FILE, or serve them at HOST:PORT by HTTP");
    cli.option("--trace", "FILE", daemon.trace_file, "Write each frame to FILE, without contents");
    cli.number("--ready-fd", "N", options.ready_fd, {1, 1'000'000},
               "Write the address to descriptor N when it serves");
    cli.group("Making blocks");
    cli.option("--mine", "FILE", options.mine, "Identity that seals blocks");
    cli.option("--reward", "ACCOUNT", daemon.reward, "Who is paid; the key of --mine");
    cli.flag("--on-demand", daemon.is_on_demand,
             "With one producer: blocks only when transactions wait, or every minute");
    cli.choice("--order", options.order, {"price", "time", "score"},
               "Which transactions go first; price");
    cli.group("Limits");
    cli.size("--prune", "SIZE", options.prune, {}, "Keep about SIZE of blocks; all");
    cli.size("--mempool", "SIZE", options.mempool_size,
             {std::uint64_t{1} << 20U, std::uint64_t{1} << 34U},
             "Memory for transactions that wait; 64 MiB");
    cli.number("--account-max", "N", options.account_max, {1, 65'536},
               "Transactions of one account that may wait; 64");
    cli.group("Instead of serving");
    cli.flag("--status", options.status, "Show what the node of DIR does, and waits for");
    cli.option("--replay", "FILE", options.offline.replay,
               "Check the blocks of FILE, and add them to DIR; '-' is standard input");
    cli.option("--export", "FROM-TO", options.offline.range, "Write blocks to standard output");
    cli.flag("--snapshot", options.offline.is_exporting_state,
             "Write the state to standard output");
    cli.flag("--rebuild", options.offline.is_rebuilding, "Make the state again from the blocks");
    cli.option("--print-genesis", "NAME", options.offline.profile,
               "Write a genesis as one line: dev, ccc, points, or a file");
    cli.flag("--selftest-sandbox", options.selftest, "Start, and try to get out of the sandbox");
    cli.example("cairn-chain-node --dir chain --genesis genesis.json --peer node.example:4100",
                "a full node");
    cli.example("cairn-chain-node --dir chain --status", "how far is it?");
    return cli.run(argc, argv, [&](Console& console) {
        daemon.outbound = outbound;
        return run(options, console);
    });
}
