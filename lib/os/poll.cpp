#include "os/poll.hpp"

#include "os/clock.hpp"
#include "os/errno.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include <poll.h>

namespace cairn {

void wait_for(std::span<Watch> watches, std::optional<std::uint64_t> deadline_ms)
{
    std::vector<pollfd> list;
    list.reserve(watches.size());
    for (const Watch& watch : watches) {
        short events = 0;
        if (watch.wants_read) events |= POLLIN;
        if (watch.wants_write) events |= POLLOUT;
        list.push_back({watch.descriptor, events, 0});
    }
    int timeout_ms = -1;
    if (deadline_ms) {
        const std::uint64_t now_ms = monotonic_ms();
        const std::uint64_t left_ms = *deadline_ms > now_ms ? *deadline_ms - now_ms : 0;
        timeout_ms = static_cast<int>(std::min<std::uint64_t>(left_ms, INT_MAX));
    }
    if (::poll(list.data(), list.size(), timeout_ms) == -1 && errno != EINTR)
        throw_errno(Exit::oserr, "wait for", "descriptors");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto has = [&](short event) { return (list[i].revents & event) != 0; };
        watches[i].can_read = has(POLLIN) || (watches[i].wants_read && has(POLLHUP));
        watches[i].can_write = has(POLLOUT);
        watches[i].is_broken = has(POLLERR) || has(POLLNVAL);
        watches[i].has_ended = has(POLLHUP);
    }
}

} // namespace cairn
