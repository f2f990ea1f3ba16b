#pragma once

#include "os/fd.hpp"

namespace cairn {

/// A descriptor that becomes readable when another thread wants something: for event loops that
/// wait for descriptors. Throws Error{oserr} when it cannot be made.
class WakeUp {
public:
    WakeUp();

    /// Makes the descriptor readable. From any thread.
    void signal() noexcept;

    /// Makes it unreadable again.
    void clear() noexcept;

    [[nodiscard]] int descriptor() const noexcept { return fd_.number(); }

private:
    Fd fd_;
};

} // namespace cairn
