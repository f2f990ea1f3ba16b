#include "os/socket.hpp"

#include "base/number.hpp"
#include "base/text.hpp"
#include "os/detail/retry.hpp"
#include "os/errno.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace cairn {

using detail::retry;

namespace {

constexpr int backlog = 1024; // connections that wait; the system may allow fewer

const sockaddr* to_system(const SocketAddress& address) noexcept
{
    return reinterpret_cast<const sockaddr*>(address.bytes.data());
}

SocketAddress from_system(const sockaddr* address, socklen_t size) noexcept
{
    SocketAddress result;
    static_assert(sizeof(sockaddr_storage) <= sizeof result.bytes);
    result.size = size;
    std::memcpy(result.bytes.data(), address, size);
    return result;
}

struct HostAndPort {
    std::string host;
    std::string port;
};

HostAndPort parse_address(const std::string& address)
{
    const std::size_t colon = std::min(address.rfind(':'), address.size());
    HostAndPort parts{address.substr(0, colon),
                      address.substr(std::min(colon + 1, address.size()))};
    std::string& host = parts.host;
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    const bool is_host =
        !host.empty() && host.find_first_of(is_bracketed ? "[]" : ":[]") == host.npos;
    const auto port = parse_number(parts.port);
    if (!is_host || !port || *port > UINT16_MAX)
        throw Error{Exit::usage, "'" + escape(address) + "' is not an address",
                    "write HOST:PORT, with an IPv6 host in brackets"};
    return parts;
}

/// Small messages leave at once.
void set_no_delay(const Fd& socket) noexcept
{
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Fd make_socket(const SocketAddress& address)
{
    constexpr int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    Fd socket{::socket(to_system(address)->sa_family, type, 0)};
    if (!socket) throw_errno(Exit::oserr, "make a socket for", to_text(address));
    return socket;
}

Exit listen_status() noexcept
{
    if (errno == EADDRINUSE) return Exit::tempfail;
    return errno == EACCES ? Exit::noperm : Exit::unavail;
}

} // namespace

std::vector<SocketAddress> resolve(const std::string& address)
{
    const auto [host, port] = parse_address(address);
    addrinfo wanted = {};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int status = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list);
    if (status != 0)
        throw Error{Exit::nohost,
                    "cannot find the host '" + escape(host) + "': " + ::gai_strerror(status)};
    struct Free {
        void operator()(addrinfo* head) const noexcept { ::freeaddrinfo(head); }
    };
    const std::unique_ptr<addrinfo, Free> owner{list};
    std::vector<SocketAddress> addresses;
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next)
        addresses.push_back(from_system(each->ai_addr, each->ai_addrlen));
    return addresses;
}

std::string to_text(const SocketAddress& address)
{
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    if (::getnameinfo(to_system(address), address.size, host.data(), host.size(), port.data(),
                      port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "an unknown address";
    const bool is_v6 = to_system(address)->sa_family == AF_INET6;
    const std::string text = host.data();
    return (is_v6 ? '[' + text + ']' : text) + ':' + port.data();
}

Fd listen_at(const SocketAddress& address)
{
    Fd socket = make_socket(address);
    const int on = 1; // what waits of a process before us does not matter
    ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(socket.number(), to_system(address), address.size) != 0 ||
        ::listen(socket.number(), backlog) != 0)
        throw_errno(listen_status(), "listen at", to_text(address));
    return socket;
}

SocketAddress local_address(const Fd& socket)
{
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (::getsockname(socket.number(), address, &size) != 0)
        throw_errno(Exit::oserr, "name", "a socket");
    return from_system(address, size);
}

std::optional<Accepted> accept_from(const Fd& listener)
{
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    Fd socket{retry([&] {
        return ::accept4(listener.number(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    })};
    if (socket) {
        set_no_delay(socket);
        return Accepted{std::move(socket), from_system(address, size)};
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
        throw_errno(Exit::oserr, "accept", "a connection");
    return std::nullopt; // nobody, or gone already
}

Fd start_connect(const SocketAddress& address)
{
    Fd socket = make_socket(address);
    set_no_delay(socket);
    // A failure is seen by connect_failure(), where those that come later are seen.
    if (::connect(socket.number(), to_system(address), address.size) == -1 &&
        errno == EADDRNOTAVAIL)
        throw_errno(Exit::oserr, "connect to", to_text(address)); // no free port here
    return socket;
}

std::string connect_failure(const Fd& socket)
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    sockaddr_storage storage = {};
    size = sizeof storage;
    const bool has_peer =
        ::getpeername(socket.number(), reinterpret_cast<sockaddr*>(&storage), &size) == 0;
    if (error == 0 && has_peer) return {};
    return error == 0 ? "Connection refused" : ::strerrordesc_np(error);
}

Transfer receive(const Fd& socket, MutableByteView buffer) noexcept
{
    const auto size =
        retry([&] { return ::recv(socket.number(), buffer.data(), buffer.size(), 0); });
    if (size > 0) return {static_cast<std::size_t>(size), Transfer::State::open};
    if (size == 0) return {0, Transfer::State::ended};
    const bool is_later = errno == EAGAIN || errno == EWOULDBLOCK;
    return {0, is_later ? Transfer::State::later : Transfer::State::broken};
}

Transfer send(const Fd& socket, ByteView data) noexcept
{
    const auto size =
        retry([&] { return ::send(socket.number(), data.data(), data.size(), MSG_NOSIGNAL); });
    if (size >= 0) return {static_cast<std::size_t>(size), Transfer::State::open};
    const bool is_later = errno == EAGAIN || errno == EWOULDBLOCK;
    return {0, is_later ? Transfer::State::later : Transfer::State::broken};
}

void end_sending(const Fd& socket) noexcept
{
    ::shutdown(socket.number(), SHUT_WR);
}

void reset_when_closed(const Fd& socket) noexcept
{
    const linger at_once{1, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace cairn
