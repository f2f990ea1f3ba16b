#pragma once

#include "depot/depot.hpp"
#include "json/json.hpp"
#include "net/zmq_hub.hpp"
#include "provider/service.hpp"

#include <string>

// How a provider is, for people and for programs.

namespace cairn {

/// What there is to tell at one moment.
struct ProviderFacts {
    std::string node; ///< address of the node key
    std::string listening;
    std::uint64_t uptime_s = 0;
    DepotStatus depot;
    HubStatus hub;
    const ServiceCounts* counts = nullptr; ///< null where no service runs
};

/// What --status and the local API tell, cairn-api(7).
Json to_json(const ProviderFacts& facts);

/// The same for Prometheus: the text format, version 0.0.4.
std::string to_metrics(const ProviderFacts& facts);

} // namespace cairn
