#pragma once

#include "os/fd.hpp"

#include <string>
#include <string_view>

namespace cairn {

/// Sends one message to a datagram socket of the file system, or of the abstract name space where
/// the path begins with '@': systemd's $NOTIFY_SOCKET, sd_notify(3). What cannot be sent is lost.
void notify(const std::string& path, std::string_view message) noexcept;

/// The same for one that wants to send later, when it may open no sockets any more.
class NotifySocket {
public:
    /// An empty path: nobody is told.
    explicit NotifySocket(const std::string& path) noexcept;

    void send(std::string_view message) noexcept;

private:
    Fd socket_;
};

} // namespace cairn
