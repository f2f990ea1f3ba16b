#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

/// Tells who started this daemon that it serves: `line` goes to the descriptor that --ready-fd
/// names, which is closed then, and systemd is told where it asks. The line is what scripts want
/// to know, an address mostly. Throws Error{usage} when the descriptor cannot be written to.
void tell_ready(std::optional<std::uint64_t> ready_fd, const std::string& line);

/// Tells systemd, where it asks, that this daemon is about to end.
void tell_stopping();

} // namespace cairn
