#include "provider/daemon.hpp"

#include "base/error.hpp"
#include "daemon/attendant.hpp"
#include "daemon/endpoints.hpp"
#include "daemon/metrics_server.hpp"
#include "daemon/node_key.hpp"
#include "format/address.hpp"
#include "net/trace.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/output.hpp"
#include "os/process.hpp"
#include "os/random.hpp"
#include "provider/api.hpp"
#include "provider/caretaker.hpp"
#include "provider/lists.hpp"
#include "provider/node.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

constexpr std::uint64_t tick_ms = 1'000;    // between looks at the clock
constexpr std::uint64_t goodbye_ms = 3'000; // for what is being committed when it is to stop
constexpr unsigned events_max = 64;         // between two turns of those who send

std::uint64_t wall_clock_s()
{
    return wall_clock_ms() / 1000;
}

} // namespace

struct StoreDaemon::Impl {
    StoreOptions options;
    StoreVoice voice;
    SignalEvents& signals;
    std::optional<Ed25519KeyPair> node;
    std::optional<Ed25519KeyPair> link;
    std::unique_ptr<Depot> depot;
    std::unique_ptr<Trace> trace;
    std::unique_ptr<ZmqHub> hub;
    std::unique_ptr<Committer> committer;
    SystemEntropy entropy;
    std::unique_ptr<Guarantor> guarantor;
    std::unique_ptr<Service> service;
    std::unique_ptr<StoreApi> api;
    std::unique_ptr<LocalServer> api_server;
    std::thread api_thread;
    std::unique_ptr<MetricsServer> metrics_server;
    std::unique_ptr<Caretaker> caretaker;
    std::unique_ptr<Attendant> attendant;

    NodeRecord record;
    std::uint64_t started_ms = monotonic_ms();
    std::uint64_t ticked_ms = started_ms;
    std::atomic<bool> is_stopping = false;
    std::atomic<bool> is_reload_due = false;
    std::mutex status_mutex;
    HubStatus hub_status; // as of the last tick

    Impl(SignalEvents& from, StoreOptions as, StoreVoice tell)
        : options{std::move(as)},
          voice{std::move(tell)},
          signals{from}
    {
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { stop_helpers(); }

    [[nodiscard]] OperatorFiles operator_files() const;
    void open_depot(std::optional<Ed25519KeyPair> key);
    [[nodiscard]] FileRights file_rights() const;
    StoreReady start();
    void start_api();
    void start_helpers();
    void stop_helpers() noexcept;
    void announce();
    ProviderFacts facts();
    void act_on(SignalEvents::Kind kind);
    void reload();
    void tick(std::uint64_t now_ms);
    void step(std::uint64_t deadline_ms);
    void say_goodbye();
};

OperatorFiles StoreDaemon::Impl::operator_files() const
{
    return {options.grants_file, options.deny_file, options.directory,
            account_id(node->public_key())};
}

/// The depot first: its lock keeps a second store from all the rest.
void StoreDaemon::Impl::open_depot(std::optional<Ed25519KeyPair> key)
{
    if (is_wildcard(options.listen) && options.announced.empty())
        throw Error{Exit::usage, "the node record needs an address that others can connect to",
                    "name it by --announce HOST:PORT"};
    if (!options.api.empty()) check_local_endpoint(options.api);
    make_private_directory(options.directory);
    depot = std::make_unique<Depot>(options.directory, DepotOptions{.capacity = options.capacity,
                                                                    .reserve = options.reserve,
                                                                    .trash_s = options.trash_s,
                                                                    .grants = {},
                                                                    .now_s = wall_clock_s});
    link = load_or_make_key(options.directory, "link.key", entropy);
    node = key ? std::move(key) : load_or_make_key(options.directory, "node.key", entropy);
    OperatorLists lists = load_lists(operator_files());
    depot->set_grants(std::move(lists.grants));
    depot->deny(std::move(lists.denied));
}

FileRights StoreDaemon::Impl::file_rights() const
{
    FileRights rights;
    rights.writable = {options.directory};
    if (!options.api.empty())
        rights.writable.push_back(directory_of(options.api.substr(options.api.find('/') + 2)));
    if (!options.metrics.empty() && !has_port(options.metrics))
        rights.writable.push_back(directory_of(options.metrics));
    if (!options.trace_file.empty()) rights.writable.push_back(directory_of(options.trace_file));
    for (const std::string& file : {options.grants_file, options.deny_file})
        if (!file.empty()) rights.readable.push_back(directory_of(file));
    rights.readable.insert(rights.readable.end(), resolver_files.begin(), resolver_files.end());
    rights.ports = {port_of(options.listen)};
    if (has_port(options.metrics)) rights.ports.push_back(port_of(options.metrics));
    return rights;
}

void StoreDaemon::Impl::announce()
{
    const auto addresses =
        options.announced.empty() ? std::vector{hub->listening()} : options.announced;
    record = renew_record(options.directory, *node,
                          {.addresses = addresses,
                           .capabilities = capability_stores,
                           .network = options.network,
                           .link_key = hub->link_key()},
                          wall_clock_s());
    service->set_record(record);
}

/// Opens all that is to be open, then gives up the right to open more.
StoreReady StoreDaemon::Impl::start()
{
    raise_open_files_limit();
    StoreReady ready{};
    ready.landlock = confine_files(file_rights());
    if (!options.trace_file.empty())
        trace = std::make_unique<Trace>(options.trace_file, voice.warn);
    hub = make_zmq_hub({.link_key = &*link, .listen = options.listen, .trace = trace.get()});
    committer =
        std::make_unique<Committer>(*depot, Committer::Runs::in_thread, [this] { hub->wake(); });
    guarantor = std::make_unique<Guarantor>(
        *depot, GuarantorOptions{.wake = [this] { hub->wake(); }, .entropy = &entropy});
    service = std::make_unique<Service>(
        *hub, *depot, *committer, *guarantor,
        ServiceOptions{
            .network = options.network, .node = &*node, .now_s = wall_clock_s, .limits = {}});
    announce();
    service->set_peers(load_peers(options.directory, options.network));
    if (depot->status().is_draining) voice.warn("the store is drained: it takes no more shards");
    start_helpers();
    ready.has_filters = confine_calls();
    ready.listening = hub->listening();
    if (metrics_server) ready.metrics = metrics_server->listening();
    ready.record = record;
    return ready;
}

/// Deep directories have paths that are too long for a socket; then it goes without.
void StoreDaemon::Impl::start_api()
{
    try {
        api_server = std::make_unique<LocalServer>(
            options.api.empty() ? local_api_endpoint(options.directory) : options.api);
    } catch (const Error& error) {
        if (!options.api.empty() || error.code() != Exit::config) throw;
        return voice.warn(std::string{"no local API: "} + error.what());
    }
    api_thread = std::thread{[this] {
        api_server->run([this](const LocalRequest& request) { return api->answer(request); });
    }};
}

void StoreDaemon::Impl::start_helpers()
{
    const auto metrics = [this] { return to_metrics(facts()); };
    api = std::make_unique<StoreApi>(*depot, *guarantor, node->public_key(),
                                     [this] { return facts(); });
    start_api();
    if (has_port(options.metrics))
        metrics_server = std::make_unique<MetricsServer>(options.metrics, metrics);
    caretaker = std::make_unique<Caretaker>(
        *depot, CaretakerOptions{.scrub_rate = options.scrub_rate, .warn = voice.warn});
    attendant = std::make_unique<Attendant>(
        signals, AttendantOptions{.signal = [this](SignalEvents::Kind kind) { act_on(kind); },
                                  .metrics_file =
                                      has_port(options.metrics) ? std::string{} : options.metrics,
                                  .metrics = metrics,
                                  .warn = voice.warn});
}

void StoreDaemon::Impl::stop_helpers() noexcept
{
    if (api_thread.joinable()) {
        api_server->stop();
        api_thread.join();
    }
    api_server.reset();
    metrics_server.reset();
    caretaker.reset();
    attendant.reset();
}

ProviderFacts StoreDaemon::Impl::facts()
{
    ProviderFacts facts{.node = to_address(node->public_key()),
                        .listening = hub->listening(),
                        .uptime_s = (monotonic_ms() - started_ms) / 1000,
                        .depot = depot->status(),
                        .hub = {},
                        .counts = &service->counts()};
    const std::lock_guard lock{status_mutex};
    facts.hub = hub_status;
    return facts;
}

void StoreDaemon::Impl::act_on(SignalEvents::Kind kind)
{
    switch (kind) {
    case SignalEvents::Kind::stop:
        is_stopping = true;
        break;
    case SignalEvents::Kind::reload:
        is_reload_due = true;
        break;
    }
    hub->wake();
}

/// What is wrong in the files changes nothing.
void StoreDaemon::Impl::reload()
{
    try {
        OperatorLists lists = load_lists(operator_files());
        std::vector<NodeRecord> peers = load_peers(options.directory, options.network);
        if (trace) trace->reopen();
        depot->set_grants(std::move(lists.grants));
        depot->deny(std::move(lists.denied));
        service->set_peers(std::move(peers));
        voice.info("read grants and lists again");
    } catch (const Error& error) {
        voice.warn(error.what());
    }
}

void StoreDaemon::Impl::tick(std::uint64_t now_ms)
{
    if (is_reload_due.exchange(false)) reload();
    if (now_ms - ticked_ms < tick_ms) return;
    ticked_ms = now_ms;
    try {
        if (is_renewal_due(record, wall_clock_s())) announce();
    } catch (const Error& error) { // the record that there is stays good for days
        voice.warn(error.what());
    }
    const std::lock_guard lock{status_mutex};
    hub_status = hub->status();
}

/// One round of the loop.
void StoreDaemon::Impl::step(std::uint64_t deadline_ms)
{
    const std::uint64_t now_ms = hub->now_ms();
    tick(now_ms);
    auto event = hub->next(service->advance() ? now_ms : deadline_ms);
    for (unsigned count = 1; event; ++count) {
        service->handle(*event);
        if (count == events_max) return;
        event = hub->next(now_ms);
    }
}

/// Who waits for a receipt gets it.
void StoreDaemon::Impl::say_goodbye()
{
    const std::uint64_t end_ms = hub->now_ms() + goodbye_ms;
    const auto is_owing = [&] {
        return guarantor->pending() > 0 || committer->pending() > 0 || hub->status().waiting > 0;
    };
    while (hub->now_ms() < end_ms && is_owing()) step(hub->now_ms() + tick_ms / 10);
}

StoreDaemon::StoreDaemon(SignalEvents& signals, StoreOptions options,
                         std::optional<Ed25519KeyPair> node, StoreVoice voice)
    : impl_{std::make_unique<Impl>(signals, std::move(options), std::move(voice))}
{
    impl_->open_depot(std::move(node));
}

StoreDaemon::~StoreDaemon() = default;

void StoreDaemon::run()
{
    Impl& impl = *impl_;
    impl.voice.ready(impl.start());
    while (!impl.is_stopping) impl.step(impl.hub->now_ms() + tick_ms);
    impl.voice.stopping();
    impl.say_goodbye();
}

std::vector<SandboxProbe> StoreDaemon::probe()
{
    const StoreReady ready = impl_->start();
    if (ready.landlock == 0 || !ready.has_filters)
        impl_->voice.warn("this kernel or build lacks parts of the sandbox");
    return probe_sandbox();
}

} // namespace cairn
