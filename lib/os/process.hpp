#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>

namespace cairn {

/// Call it first in main(): standard descriptors exist, SIGPIPE ends the process, no core is
/// dumped, no other process may read our memory, and SIGINT, SIGTERM and SIGHUP remove what
/// CleanUp names before the process dies of them.
void prepare_process();

/// A path that is removed when a signal ends the process, or when the destructor runs, unless
/// keep() was called. At most clean_up_max at a time; more are not removed by signals.
class CleanUp {
public:
    static constexpr std::size_t clean_up_max = 8;
    enum class Kind { file, directory };

    CleanUp() = default;
    CleanUp(const std::string& path, Kind kind);
    CleanUp(CleanUp&& other) noexcept;
    CleanUp& operator=(CleanUp&& other) noexcept;
    CleanUp(const CleanUp&) = delete;
    CleanUp& operator=(const CleanUp&) = delete;
    ~CleanUp();

    /// The path stays.
    void keep() noexcept;

    /// True when there is a path to remove.
    explicit operator bool() const noexcept { return !path_.empty(); }

private:
    std::string path_;
    Kind kind_ = Kind::file;
    int slot_ = -1;
};

/// The number of this process: for names that nobody else gives.
std::uint64_t process_number() noexcept;

/// Cores that this process may use, at least 1.
unsigned available_cores() noexcept;

/// Runs a command by /bin/sh and reads what it prints into `buffer`; returns its size. Throws
/// Error{noperm} when the command fails, Error{data} when it prints more than fits.
std::size_t read_command(const std::string& command, MutableByteView buffer);

/// Raises the soft limit on open files to the hard one; returns it.
std::size_t raise_open_files_limit() noexcept;

} // namespace cairn
