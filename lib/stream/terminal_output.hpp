#pragma once

#include "format/armor.hpp"
#include "os/output.hpp"

namespace cairn {

/// Writes to a terminal, which gets text, and nothing that could be a command to it: the sink
/// throws Error{usage} before that. `output` must live longer.
Sink to_terminal(Output& output);

} // namespace cairn
