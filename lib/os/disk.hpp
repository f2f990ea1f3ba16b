#pragma once

#include <cstdint>
#include <string>

namespace cairn {

/// The physical disk below a file or directory, as far as the system tells: what reads at the same
/// time as itself is slow.
struct Disk {
    std::string name;           ///< "sda", "nvme0n1"; a number where there is no such device
    bool is_rotational = false; ///< a head must move: long runs are worth much

    friend auto operator<=>(const Disk&, const Disk&) = default;
};

/// Throws Error{noinput} when there is nothing of that name.
[[nodiscard]] Disk disk_of(const std::string& path);

/// A number for the file system that a path is on: equal ones share their room. Throws
/// Error{noinput}.
[[nodiscard]] std::uint64_t file_system_of(const std::string& path);

/// Bytes that a file has on the disk; 0 where there is none.
[[nodiscard]] std::uint64_t allocated_size(const std::string& path) noexcept;

} // namespace cairn
