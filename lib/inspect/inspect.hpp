#pragma once

#include "json/json.hpp"
#include "os/input.hpp"
#include "stream/age_stream.hpp"

namespace cairn {

/// Says what an input is and what it holds, whichever object of the project it is: {"kind": ...}
/// and what its format page names. Secrets are recognised and never shown. Reads a shard stream and
/// tags to their end, and of other things no more than it shows. Throws Error{data} when it is none
/// of the known formats, or a damaged one. `done` counts what is read.
Json inspect(Input& input, const Done& done = {});

} // namespace cairn
