#include "provider/detail/desk.hpp"

#include <algorithm>

namespace cairn::detail {

void Desk::end(StreamId stream, std::string_view method, CallStatus status, ByteView reply)
{
    const auto* const place = std::ranges::find(counted_methods, method);
    const std::size_t index = std::min(static_cast<std::size_t>(place - counted_methods.begin()),
                                       counted_methods.size() - 1);
    ++counts.calls.at(index).at(static_cast<std::size_t>(status));
    hub.end(stream, status, reply);
}

void Desk::refuse(StreamId stream, std::string_view method, CallStatus status,
                  std::string_view text)
{
    end(stream, method, status, as_bytes(text));
}

void Desk::blame(LinkId link)
{
    ++counts.faults;
    const auto guest = guests.find(link);
    if (guest == guests.end() || guest->second.is_leaving) return;
    if (++guest->second.faults < options.limits.faults_max) return;
    guest->second.is_leaving = true;
    ++counts.closed_links;
    hub.close(link, "too many requests that break the rules");
}

std::uint64_t Desk::time_limit_ms(std::uint64_t size) const
{
    return options.limits.stall_ms + size * 1000 / options.limits.rate_min;
}

} // namespace cairn::detail
