#include "format/message.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto providers = accepted([&] { return parse_providers(as_text(input), {}); });
    if (!providers) return;
    require(providers->size() <= providers_max, "providers are limited");
    std::string written;
    for (const ProviderName& provider : *providers) {
        require(provider.link_key || !provider.addresses.empty(), "a provider can be reached");
        for (const std::string& address : provider.addresses) {
            require(is_endpoint(address), "an address is one");
            written += to_address(provider.node_key) + '@' + address + '\n';
        }
    }
    const auto again = accepted([&] { return parse_providers(written, {}); });
    require(again.has_value(), "a list of what was read is read");
    require(again->size() <= providers->size(), "a provider is there once");
}
