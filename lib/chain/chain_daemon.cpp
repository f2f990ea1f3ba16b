#include "chain/chain_daemon.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/block_maker.hpp"
#include "chain/chain_api.hpp"
#include "chain/detail/api_desk.hpp"
#include "daemon/attendant.hpp"
#include "daemon/endpoints.hpp"
#include "daemon/metrics.hpp"
#include "daemon/metrics_server.hpp"
#include "daemon/node_key.hpp"
#include "engine/poc.hpp"
#include "format/address.hpp"
#include "net/local_publisher.hpp"
#include "net/trace.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/process.hpp"
#include "os/random.hpp"

#include <atomic>
#include <thread>

namespace cairn {
namespace {

constexpr std::uint64_t tick_ms = 100;
constexpr unsigned events_max = 64; // between two looks at what else is due
constexpr std::size_t file_size_max = block_size_max;

std::uint64_t seed_of(Entropy& entropy)
{
    std::array<std::byte, 8> bytes{};
    entropy.fill(bytes);
    return Reader{bytes, "a seed"}.big_endian<std::uint64_t>();
}

/// What a node saves besides its chain, as files of its directory.
class DirectoryFiles final : public NodeFiles {
public:
    explicit DirectoryFiles(std::string directory) : directory_{std::move(directory)} {}

    [[nodiscard]] Bytes load(const std::string& name) override
    {
        const std::string path = directory_ + '/' + name;
        return exists(path) ? read_small_file(path, file_size_max) : Bytes{};
    }

    void save(const std::string& name, ByteView bytes) override
    {
        Output output = Output::open(directory_ + '/' + name, Output::Existing::replace);
        output.write(bytes);
        output.commit();
    }

private:
    std::string directory_;
};

std::string to_metrics(const ChainStatus& status, const Mempool& mempool, const ChainStore& store,
                       const HubStatus& hub, std::uint64_t uptime_s)
{
    MetricsWriter writer{"chain"};
    const ChainCounts& counts = status.counts;
    writer.gauge("uptime_seconds", "Since the start.", uptime_s);
    writer.gauge("height", "Of the block on top.", status.height.value);
    writer.gauge("best_height", "Of the best header that is known.", status.best.value);
    writer.gauge("tip_time_seconds", "When the block on top was made.", status.time_s);
    writer.gauge("synced", "1 when all blocks of the best chain are here.",
                 status.is_synced ? 1 : 0);
    writer.gauge("halted", "1 when nothing can be done with this chain any more.",
                 status.is_halted ? 1 : 0);
    writer.gauge("peers", "That have said hello.", status.peers);
    writer.gauge("wanted_blocks", "That are being fetched.", status.wanted);
    writer.gauge("mempool_transactions", "That wait for a block.", mempool.count());
    writer.gauge("mempool_bytes", "Of memory for these.", mempool.size_bytes());
    writer.gauge("blocks_bytes", "Of files of blocks.", store.blocks_size());
    writer.gauge("state_bytes", "Of the database.", store.state_size());
    writer.counter("blocks_connected_total", "Put on the chain.", counts.blocks_connected);
    writer.counter("blocks_disconnected_total", "Taken back.", counts.blocks_disconnected);
    writer.counter("blocks_made_total", "Made by this node.", counts.blocks_made);
    writer.counter("blocks_compact_total", "That came as ids of transactions.",
                   counts.blocks_compact);
    writer.counter("headers_total", "That came.", counts.headers);
    writer.counter("transactions_total", "Taken from peers and users.", counts.transactions);
    writer.counter("transactions_refused_total", "That were not.", counts.refused);
    writer.counter("faults_total", "Of peers.", counts.faults);
    writer.counter("banned_total", "Peers that were sent away.", counts.banned);
    put_hub(writer, hub);
    return writer.take();
}

} // namespace

struct ChainDaemon::Impl {
    SignalEvents& signals;
    ChainDaemonOptions options;
    ChainDaemonVoice voice;
    std::optional<Ed25519KeyPair> sealer;
    SystemEntropy entropy;
    Fd lock;
    std::optional<ChainRules> rules;
    std::optional<Ed25519KeyPair> link;
    std::unique_ptr<DirectoryFiles> files;
    std::unique_ptr<ChainStore> store;
    std::unique_ptr<Mempool> mempool;
    std::unique_ptr<Trace> trace;
    std::unique_ptr<ZmqHub> hub;
    std::unique_ptr<LocalPublisher> publisher;
    std::unique_ptr<ChainNode> node;
    std::unique_ptr<ChainApi> api;
    std::unique_ptr<detail::ApiDesk> desk;
    std::unique_ptr<MetricsServer> metrics_server;
    std::unique_ptr<Attendant> attendant;
    std::string events;
    std::uint64_t started_ms = monotonic_ms();
    std::uint64_t metrics_ms = 0;
    std::mutex metrics_mutex;
    std::string metrics; // as of the last tick
    std::atomic<bool> is_stopping = false;

    Impl(SignalEvents& from, ChainDaemonOptions as, ChainDaemonVoice tell)
        : signals{from},
          options{std::move(as)},
          voice{std::move(tell)}
    {
    }

    void open(std::optional<Ed25519KeyPair> key);
    [[nodiscard]] FileRights file_rights() const;
    [[nodiscard]] std::string api_endpoint() const
    {
        return options.api.empty() ? local_api_endpoint(options.directory) : options.api;
    }
    [[nodiscard]] std::string events_endpoint() const { return api_endpoint() + ".events"; }
    ChainReady start();
    void start_node();
    void start_helpers();
    void publish(const std::string& name, const Json& event);
    [[nodiscard]] ChainNodeFacts facts() const;
    void tick();
    void step();
    void stop();
};

void ChainDaemon::Impl::open(std::optional<Ed25519KeyPair> key)
{
    if (is_wildcard(options.listen) && options.announced.empty() && !options.peers.empty())
        voice.info("others do not learn this node's address without --announce");
    if (!options.api.empty()) check_local_endpoint(options.api);
    for (const std::string& peer : options.peers)
        if (!is_node_address(peer))
            throw Error{Exit::usage, "'" + peer + "' is no address", "name HOST:PORT"};
    make_private_directory(options.directory);
    lock = lock_directory(options.directory);
    rules.emplace(settle_genesis(options.directory, options.genesis));
    if (key) check_producer(rules->genesis(), key->public_key());
    sealer = std::move(key);
    link = load_or_make_key(options.directory, "link.key", entropy);
    files = std::make_unique<DirectoryFiles>(options.directory);
    store = std::make_unique<ChainStore>(options.directory, rules->genesis(), rules->consensus(),
                                         ChainStoreOptions{.keep_size = options.keep_size});
    mempool = std::make_unique<Mempool>(rules->genesis(), options.mempool, seed_of(entropy));
}

FileRights ChainDaemon::Impl::file_rights() const
{
    FileRights rights;
    rights.writable = {options.directory};
    if (!options.api.empty())
        rights.writable.push_back(directory_of(options.api.substr(options.api.find('/') + 2)));
    if (!options.metrics.empty() && !has_port(options.metrics))
        rights.writable.push_back(directory_of(options.metrics));
    if (!options.trace_file.empty()) rights.writable.push_back(directory_of(options.trace_file));
    rights.readable.assign(resolver_files.begin(), resolver_files.end());
    rights.ports = {port_of(options.listen)};
    if (has_port(options.metrics)) rights.ports.push_back(port_of(options.metrics));
    rights.may_connect = true;
    return rights;
}

void ChainDaemon::Impl::publish(const std::string& name, const Json& event)
{
    if (!publisher) return;
    publisher->publish(name, event.dump());
    if (name != "block" || !api) return;
    const LocalReply round = api->answer({"round", "{}", {}});
    if (round.status == to_text(CallStatus::ok))
        publisher->publish("round", Json::parse(round.json, "it").member("round").dump());
}

void ChainDaemon::Impl::start_node()
{
    const std::string address = !options.announced.empty()      ? options.announced
                                : is_wildcard(hub->listening()) ? std::string{}
                                                                : hub->listening();
    ChainNodeOptions node_options{.address = address,
                                  .peers = options.peers,
                                  .outbound = options.outbound,
                                  .checkpoint = options.checkpoint,
                                  .now_ms = wall_clock_ms};
    if (sealer)
        node_options.mining =
            MiningOptions{.key = &*sealer,
                          .account = options.reward ? account_of(*options.reward)
                                                    : account_id(sealer->public_key()),
                          .solo = {.is_on_demand = options.is_on_demand}};
    node = std::make_unique<ChainNode>(
        ChainNode::Parts{*hub, *store, rules->consensus(), *mempool, entropy, *files},
        std::move(node_options),
        ChainVoice{
            .event = [this](const std::string& name, const Json& event) { publish(name, event); },
            .info = voice.info,
            .warn = voice.warn});
    api = std::make_unique<ChainApi>(*node, *store, *mempool, [this] { return facts(); });
}

ChainNodeFacts ChainDaemon::Impl::facts() const
{
    return {.listening = hub->listening(),
            .events = events,
            .sealer = sealer ? to_address(sealer->public_key()) : "",
            .account = sealer ? account_id(sealer->public_key()) : AccountId{},
            .uptime_s = (monotonic_ms() - started_ms) / 1000};
}

/// Opens all that is to be open, then gives up the right to open more.
ChainReady ChainDaemon::Impl::start()
{
    raise_open_files_limit();
    ChainReady ready{};
    ready.landlock = confine_files(file_rights());
    if (!options.trace_file.empty())
        trace = std::make_unique<Trace>(options.trace_file, voice.warn);
    hub = make_zmq_hub({.link_key = &*link, .listen = options.listen, .trace = trace.get()});
    start_node();
    start_helpers();
    ready.has_filters = confine_calls(true);
    ready.listening = hub->listening();
    ready.api = desk ? api_endpoint() : "";
    ready.events = events;
    if (metrics_server) ready.metrics = metrics_server->listening();
    ready.chain = network_id(rules->genesis());
    ready.height = store->tip().header.height;
    return ready;
}

/// Deep directories have paths that are too long for a socket; then it goes without.
void ChainDaemon::Impl::start_helpers()
{
    try {
        check_local_endpoint(events_endpoint());
        publisher = std::make_unique<LocalPublisher>(events_endpoint());
        events = absolute_endpoint(events_endpoint());
        desk = std::make_unique<detail::ApiDesk>(api_endpoint(), [this] { hub->wake(); });
    } catch (const Error& error) {
        if (!options.api.empty() || error.code() != Exit::config) throw;
        voice.warn(std::string{"no local API: "} + error.what());
    }
    const auto text = [this] {
        const std::lock_guard guard{metrics_mutex};
        return metrics;
    };
    if (has_port(options.metrics))
        metrics_server = std::make_unique<MetricsServer>(options.metrics, text);
    attendant = std::make_unique<Attendant>(
        signals, AttendantOptions{.signal =
                                      [this](SignalEvents::Kind kind) {
                                          if (kind == SignalEvents::Kind::stop) is_stopping = true;
                                          hub->wake();
                                      },
                                  .metrics_file = has_port(options.metrics) ? "" : options.metrics,
                                  .metrics = text,
                                  .warn = voice.warn});
}

void ChainDaemon::Impl::tick()
{
    constexpr std::uint64_t second_ms = 1'000;
    const std::uint64_t now_ms = monotonic_ms();
    if (options.metrics.empty() || now_ms < metrics_ms + second_ms) return;
    metrics_ms = now_ms;
    std::string text = to_metrics(node->status(), *mempool, *store, hub->status(),
                                  (now_ms - started_ms) / second_ms);
    const std::lock_guard guard{metrics_mutex};
    metrics = std::move(text);
}

/// One round of the loop.
void ChainDaemon::Impl::step()
{
    const std::uint64_t wanted_ms = node->advance();
    if (desk)
        desk->answer_all([this](const LocalRequest& request) { return api->answer(request); });
    tick();
    auto event = hub->next(std::min(wanted_ms, hub->now_ms() + tick_ms));
    for (unsigned count = 1; event; ++count) {
        node->handle(*event);
        if (count == events_max) return;
        event = hub->next(hub->now_ms());
    }
}

void ChainDaemon::Impl::stop()
{
    if (desk) desk->close();
    node->finish();
}

ChainDaemon::ChainDaemon(SignalEvents& signals, ChainDaemonOptions options,
                         std::optional<Ed25519KeyPair> sealer, ChainDaemonVoice voice)
    : impl_{std::make_unique<Impl>(signals, std::move(options), std::move(voice))}
{
    impl_->open(std::move(sealer));
}

ChainDaemon::~ChainDaemon() = default;

void ChainDaemon::run()
{
    Impl& impl = *impl_;
    impl.voice.ready(impl.start());
    while (!impl.is_stopping) impl.step();
    impl.voice.stopping();
    impl.stop();
}

std::vector<SandboxProbe> ChainDaemon::probe()
{
    const ChainReady ready = impl_->start();
    if (ready.landlock == 0 || !ready.has_filters)
        impl_->voice.warn("this kernel or build lacks parts of the sandbox");
    std::vector<SandboxProbe> probes = probe_sandbox();
    std::erase_if(probes, [](const SandboxProbe& probe) { // a node connects to others
        return std::string_view{probe.what} == "connect";
    });
    return probes;
}

} // namespace cairn
