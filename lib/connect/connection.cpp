#include "connect/connection.hpp"

#include "format/address.hpp"
#include "net/trace.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/random.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t list_size_max = 4 * 1024 * 1024; // bytes
constexpr std::uint64_t connect_max_ms = 5'000;

/// Adds a provider, or an address to one that is there.
void add(std::vector<ProviderName>& names, const ProviderName& name)
{
    const auto known = std::ranges::find(names, name.node_key, &ProviderName::node_key);
    if (known == names.end()) {
        names.push_back(name);
        return;
    }
    for (const std::string& address : name.addresses)
        if (std::ranges::find(known->addresses, address) == known->addresses.end())
            known->addresses.push_back(address);
}

std::vector<ProviderName> find_providers(const ConnectionOptions& options, const NetworkId& network,
                                         const std::vector<ProviderHint>& hints)
{
    std::vector<ProviderName> names;
    if (options.providers) {
        const Bytes list = read_small_file(*options.providers, list_size_max);
        for (const ProviderName& name : parse_providers(as_text(list), network)) add(names, name);
    }
    for (const ProviderHint& hint : hints) add(names, {hint.peer.key, {hint.endpoint}, {}});
    if (names.empty())
        throw Error{Exit::usage, "no provider is named",
                    "name a list by --providers FILE or CAIRN_PROVIDERS"};
    return names;
}

} // namespace

void ConnectionOptions::declare(Cli& cli)
{
    cli.group("Network");
    cli.option("--providers", "FILE", providers, "Providers, one a line: cairn1...@HOST:PORT");
    cli.duration_ms("--timeout", "DURATION", timeout_ms, {1'000, 86'400'000},
                    "Give up what makes no progress for so long; 30s");
    cli.option("--trace", "FILE", trace, "Write each frame to FILE, without contents");
}

struct Connection::Impl {
    Impl(const ConnectionOptions& options, const NetworkId& network,
         const std::vector<ProviderHint>& hints, const Ed25519KeyPair* owner)
        : names{find_providers(options, network, hints)}
    {
        if (options.trace) trace.emplace(*options.trace);
        SystemEntropy entropy;
        const Ed25519KeyPair link_key{random_secret(entropy, Ed25519KeyPair::seed_size)};
        ZmqHubOptions hub_options;
        hub_options.link_key = &link_key;
        hub_options.trace = trace ? &*trace : nullptr;
        hub = make_zmq_hub(hub_options);
        session.emplace(*hub,
                        SessionOptions{.providers = names,
                                       .network = network,
                                       .owner = owner,
                                       .connect_ms = std::min(connect_max_ms, options.timeout_ms),
                                       .now_s = [] { return wall_clock_ms() / 1000; }});
    }

    std::vector<ProviderName> names;
    std::optional<Trace> trace;
    std::unique_ptr<Hub> hub;
    std::optional<Session> session;
};

Connection::Connection(const ConnectionOptions& options, const NetworkId& network,
                       const std::vector<ProviderHint>& hints, const Ed25519KeyPair* owner)
    : impl_{std::make_unique<Impl>(options, network, hints, owner)}
{
}

Connection::~Connection() = default;

Session& Connection::session() noexcept
{
    return *impl_->session;
}

Hub& Connection::hub() noexcept
{
    return *impl_->hub;
}

std::string Connection::name_of(std::size_t provider) const
{
    return to_text(impl_->names[provider]);
}

std::string to_text(const ProviderName& name)
{
    const std::string address = name.addresses.empty() ? "" : '@' + name.addresses.front();
    return to_address(name.node_key) + address;
}

} // namespace cairn
