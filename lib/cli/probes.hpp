#pragma once

#include "cli/console.hpp"
#include "os/sandbox.hpp"

#include <span>

namespace cairn {

/// Shows what a daemon has tried to get out of its sandbox, a line for each; Exit::no where
/// something was not denied.
Exit show_probes(std::span<const SandboxProbe> probes, Console& console);

} // namespace cairn
