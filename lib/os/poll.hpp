#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cairn {

/// A descriptor that an event loop waits for, and what came of it.
struct Watch {
    int descriptor = -1; ///< negative: not waited for
    bool wants_read = false;
    bool wants_write = false;

    bool can_read = false; ///< also at the end of the stream
    bool can_write = false;

    // Told of unasked, for as long as it is so.
    bool is_broken = false; ///< the connection failed
    bool has_ended = false; ///< both its sides have ended
};

/// Waits until something of it can be done, at most until `deadline_ms` of monotonic_ms(); none:
/// without end. Signals may end the wait early. Throws Error{oserr}.
void wait_for(std::span<Watch> watches, std::optional<std::uint64_t> deadline_ms);

} // namespace cairn
