#pragma once

#include <array>
#include <cstdint>
#include <string>

// Addresses as the options of daemons name them.

namespace cairn {

/// What the resolver of the C library reads.
inline constexpr std::array resolver_files{"/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
                                           "/etc/resolv.conf", "/etc/gai.conf"};

/// The port of "host:port"; 0 where it is none.
[[nodiscard]] std::uint16_t port_of(const std::string& address);

/// Whether it is an address that others cannot connect to as it stands.
[[nodiscard]] bool is_wildcard(const std::string& address);

/// "host:port" rather than a file, also with port 0.
[[nodiscard]] bool has_port(const std::string& address);

} // namespace cairn
