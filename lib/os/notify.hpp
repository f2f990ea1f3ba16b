#pragma once

#include <string>
#include <string_view>

namespace cairn {

/// Sends one message to a datagram socket of the file system, or of the abstract name space where
/// the path begins with '@': systemd's $NOTIFY_SOCKET, sd_notify(3). What cannot be sent is lost.
void notify(const std::string& path, std::string_view message) noexcept;

} // namespace cairn
