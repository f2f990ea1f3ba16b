#pragma once

#include "os/fd.hpp"

#include <optional>

namespace cairn {

/// Signals as events of a loop: while it lives, INT, TERM and HUP make a descriptor readable
/// instead of ending the process, and a broken pipe is an error of the write alone. Create it
/// before there are threads. Throws Error{oserr}.
class SignalEvents {
public:
    enum class Kind {
        stop,  ///< INT or TERM: finish, then call end_by_signal()
        reload ///< HUP: read again what may have changed
    };

    SignalEvents();
    SignalEvents(const SignalEvents&) = delete;
    SignalEvents& operator=(const SignalEvents&) = delete;
    ~SignalEvents();

    /// Readable when there is one.
    [[nodiscard]] int descriptor() const noexcept { return fd_.number(); }

    /// The next one that came; none when there is none.
    std::optional<Kind> next() noexcept;

    /// Dies of the signal that said stop, as whoever sent it expects. Returns only where none came.
    void end_by_signal() const noexcept;

private:
    Fd fd_;
    int signal_ = 0;
};

} // namespace cairn
