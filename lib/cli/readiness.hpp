#pragma once

#include "os/notify.hpp"

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

/// The same for a daemon that confines itself before it serves: all that it needs is opened first.
class Readiness {
public:
    /// Before anything else is opened. Throws Error{usage} when there is no such descriptor.
    explicit Readiness(std::optional<std::uint64_t> ready_fd);

    /// As tell_ready().
    void ready(const std::string& line);

    void stopping() noexcept;

private:
    NotifySocket systemd_{{}};
    std::optional<std::uint64_t> ready_fd_;
};

} // namespace cairn
