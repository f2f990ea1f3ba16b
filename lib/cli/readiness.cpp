#include "cli/readiness.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"

#include <climits>
#include <cstdlib>

namespace cairn {
namespace {

/// Where systemd wants to be told; empty where it does not.
std::string systemd_socket()
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
    const char* const socket = std::getenv("NOTIFY_SOCKET");
    return socket == nullptr ? "" : socket;
}

std::string ready_message(const std::string& line)
{
    return "READY=1\nSTATUS=" + line + '\n';
}

constexpr std::string_view stopping_message = "STOPPING=1\n";

void tell_descriptor(std::uint64_t number, const std::string& line)
{
    if (number > INT_MAX) throw Error{Exit::usage, "--ready-fd does not name a descriptor"};
    const Fd fd{static_cast<int>(number)};
    try {
        write_all(fd.number(), as_bytes(line + '\n'), "fd:" + std::to_string(number));
    } catch (const Error& error) {
        throw Error{Exit::usage, std::string{"cannot tell that all is ready: "} + error.what()};
    }
}

} // namespace

void tell_ready(std::optional<std::uint64_t> ready_fd, const std::string& line)
{
    notify(systemd_socket(), ready_message(line));
    if (ready_fd) tell_descriptor(*ready_fd, line);
}

void tell_stopping()
{
    notify(systemd_socket(), stopping_message);
}

Readiness::Readiness(std::optional<std::uint64_t> ready_fd) : ready_fd_{ready_fd}
{
    if (ready_fd && (*ready_fd > INT_MAX || !is_open(static_cast<int>(*ready_fd))))
        throw Error{Exit::usage, "--ready-fd does not name a descriptor"};
    systemd_ = NotifySocket{systemd_socket()}; // only now, or it could be taken for that one
}

void Readiness::ready(const std::string& line)
{
    systemd_.send(ready_message(line));
    if (ready_fd_) tell_descriptor(*ready_fd_, line);
}

void Readiness::stopping() noexcept
{
    systemd_.send(stopping_message);
}

} // namespace cairn
