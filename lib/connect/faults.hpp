#pragma once

#include "client/read_options.hpp"
#include "connect/connection.hpp"

#include <vector>

namespace cairn {

/// Tells what providers did wrong: a lie is a warning, the rest is information.
void tell_faults(const std::vector<ProviderFault>& faults, const Connection& connection,
                 Console& console);

/// A list of {"provider", "fault", "count"}.
Json to_json(const std::vector<ProviderFault>& faults, const Connection& connection);

} // namespace cairn
