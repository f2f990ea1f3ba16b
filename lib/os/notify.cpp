#include "os/notify.hpp"

#include <cstddef>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>

namespace cairn {

NotifySocket::NotifySocket(const std::string& path) noexcept
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (socket &&
        ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0)
        socket_ = std::move(socket);
}

void NotifySocket::send(std::string_view message) noexcept
{
    if (socket_) ::send(socket_.number(), message.data(), message.size(), MSG_NOSIGNAL);
}

void notify(const std::string& path, std::string_view message) noexcept
{
    NotifySocket{path}.send(message);
}

} // namespace cairn
