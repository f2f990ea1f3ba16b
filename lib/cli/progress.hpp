#pragma once

#include "cli/console.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace cairn {

/// Shows how far one phase of a command is, as --progress asks, from construction to destruction.
/// One at a time. A thread samples and prints, and exists only where something is to be printed;
/// with -v every mode prints a line at the end. SIGUSR1 prints one line in every mode, straight
/// from the signal handler.
class Progress {
public:
    /// `phase` is a literal of plain words: "encrypt", "rebuild". Without a total only the amount
    /// and the rate are shown. `console` must live longer.
    Progress(Console& console, const char* phase, std::optional<std::uint64_t> total_bytes);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    /// So many bytes more are done. Cheap; from any thread.
    void add(std::uint64_t bytes) noexcept;

    /// So many of those that are done have been written too, where both take long and are shown.
    void add_written(std::uint64_t bytes) noexcept;

    /// Takes the bar off the screen; nothing is shown after that. The destructor does it too.
    void finish() noexcept;

private:
    class Printer;

    detail::Reporter* reporter_;
    std::unique_ptr<Printer> printer_;
    bool is_finished_ = false;
};

} // namespace cairn
