#pragma once

#include "cli/console.hpp"
#include "cli/detail/status.hpp"

#include <mutex>
#include <string>
#include <string_view>

namespace cairn::detail {

/// Writes whole lines to standard error and keeps the bar out of their way. What cannot be written
/// is lost: there is nobody to tell.
class Reporter {
public:
    Reporter(std::string tool, const Console::Options& options);

    [[nodiscard]] const std::string& tool() const noexcept { return tool_; }

    void put_line(std::string_view text) noexcept;

    void draw_bar(std::string_view bar) noexcept;
    void erase_bar() noexcept;

    /// How far we are, as a line of text or an event. Without the lock, a signal handler can.
    void put_status(ProgressMode mode) noexcept;
    void put_status_in_handler() const noexcept;

    Console::Options options;
    Status status;

private:
    void write(std::string_view text) noexcept;

    std::string tool_;
    std::mutex mutex_; // one line at a time
    std::atomic<bool> has_bar_{false};
};

/// The last error of a tool that has no memory left, not even for its message.
void put_out_of_memory(std::string_view tool, bool is_json) noexcept;

/// While it lives, SIGUSR1 prints the status; before and after, SIGUSR1 does nothing. System calls
/// that it interrupts go on. One at a time.
class StatusSignal {
public:
    explicit StatusSignal(const Reporter& reporter) noexcept;
    StatusSignal(const StatusSignal&) = delete;
    StatusSignal& operator=(const StatusSignal&) = delete;
    ~StatusSignal();
};

} // namespace cairn::detail
