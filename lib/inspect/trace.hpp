#pragma once

#include "json/json.hpp"
#include "os/input.hpp"

#include <functional>
#include <optional>
#include <string>

namespace cairn {

/// Shows lines of a trace, cairn-link(7), to people: one line each, times from the first one on.
class TraceText {
public:
    /// A line without its end. Throws Error{data} unless it is one of a trace.
    std::string line(const Json& entry);

private:
    std::optional<std::uint64_t> start_ms_;
};

/// Reads a trace line by line. Throws Error{data}, naming the line, when one is no JSON object or
/// too long; what `take` throws gets the line's number too.
void read_trace(Input& input, const std::function<void(const Json& entry)>& take);

} // namespace cairn
