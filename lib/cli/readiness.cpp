#include "cli/readiness.hpp"

#include "base/error.hpp"
#include "os/fd.hpp"
#include "os/notify.hpp"

#include <climits>
#include <cstdlib>

namespace cairn {
namespace {

void tell_systemd(std::string_view message)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
    const char* const socket = std::getenv("NOTIFY_SOCKET");
    if (socket != nullptr) notify(socket, message);
}

} // namespace

void tell_ready(std::optional<std::uint64_t> ready_fd, const std::string& line)
{
    tell_systemd("READY=1\nSTATUS=" + line + '\n');
    if (!ready_fd) return;
    if (*ready_fd > INT_MAX) throw Error{Exit::usage, "--ready-fd does not name a descriptor"};
    const Fd fd{static_cast<int>(*ready_fd)};
    try {
        write_all(fd.number(), as_bytes(line + '\n'), "fd:" + std::to_string(*ready_fd));
    } catch (const Error& error) {
        throw Error{Exit::usage, std::string{"cannot tell that all is ready: "} + error.what()};
    }
}

void tell_stopping()
{
    tell_systemd("STOPPING=1\n");
}

} // namespace cairn
