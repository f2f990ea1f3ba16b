#pragma once

#include <cstdint>

// Landlock's interface, as far as it is used: the headers of the system may be older than the
// kernel that the program runs on. Linux, Documentation/userspace-api/landlock.rst.

namespace cairn::detail::landlock {

struct Ruleset {
    std::uint64_t files = 0;  ///< rights that are taken unless a rule gives them
    std::uint64_t ports = 0;  ///< version 4
    std::uint64_t scopes = 0; ///< version 6
};

struct __attribute__((packed)) PathRule {
    std::uint64_t rights = 0;
    std::int32_t fd = -1;
};

struct PortRule {
    std::uint64_t rights = 0;
    std::uint64_t port = 0;
};

inline constexpr unsigned path_rule = 1;
inline constexpr unsigned port_rule = 2;
inline constexpr unsigned version_flag = 1;

inline constexpr std::uint64_t execute = 1U << 0U;
inline constexpr std::uint64_t write_file = 1U << 1U;
inline constexpr std::uint64_t read_file = 1U << 2U;
inline constexpr std::uint64_t read_directory = 1U << 3U;
inline constexpr std::uint64_t make_device = 1U << 6U | 1U << 11U;
inline constexpr std::uint64_t all_of_version_1 = (1U << 13U) - 1;
inline constexpr std::uint64_t refer = 1U << 13U;        // version 2
inline constexpr std::uint64_t truncate = 1U << 14U;     // version 3
inline constexpr std::uint64_t ioctl_device = 1U << 15U; // version 5
inline constexpr std::uint64_t of_single_files = execute | write_file | read_file | truncate;

inline constexpr std::uint64_t bind_tcp = 1U << 0U; // version 4
inline constexpr std::uint64_t connect_tcp = 1U << 1U;

inline constexpr std::uint64_t scope_all = 3; // abstract sockets, signals: version 6

} // namespace cairn::detail::landlock
