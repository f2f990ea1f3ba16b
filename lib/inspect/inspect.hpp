#pragma once

#include "json/json.hpp"
#include "os/input.hpp"
#include "stream/age_stream.hpp"

#include <functional>

namespace cairn {

/// Says what an input is and what it holds, whichever object of the project it is: {"kind": ...}
/// and what its format page names; of a stream of frames, cairn-chain(5), each record in its turn,
/// with "offset_bytes" of its frame. Secrets are recognised and never shown. Reads a shard stream
/// and tags to their end, and of other things no more than it shows. Throws Error{data} when it is
/// none of the known formats, or a damaged one. `done` counts what is read.
void inspect(Input& input, const std::function<void(const Json&)>& take, const Done& done = {});

} // namespace cairn
