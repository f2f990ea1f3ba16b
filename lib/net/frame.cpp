#include "net/frame.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace cairn {

namespace {

struct SizeLimits {
    std::size_t min; // bytes
    std::size_t max;
};

SizeLimits payload_limits(FrameKind kind)
{
    switch (kind) {
    case FrameKind::open:
        return {2, 1 + method_size_max + request_size_max};
    case FrameKind::data:
        return {1, frame_payload_max};
    case FrameKind::credit:
        return {4, 4};
    case FrameKind::half_end:
        return {0, 0};
    case FrameKind::end:
        return {1, 1 + request_size_max};
    case FrameKind::reset:
    case FrameKind::goaway:
        return {0, reason_size_max};
    case FrameKind::ping:
    case FrameKind::pong:
        return {ping_size, ping_size};
    }
    throw Error{Exit::protocol, "the peer sent a frame of an unknown kind"};
}

bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

bool is_of_link(FrameKind kind)
{
    return kind == FrameKind::ping || kind == FrameKind::pong || kind == FrameKind::goaway;
}

} // namespace

const char* to_text(FrameKind kind) noexcept
{
    switch (kind) {
    case FrameKind::open:
        return "open";
    case FrameKind::data:
        return "data";
    case FrameKind::credit:
        return "credit";
    case FrameKind::half_end:
        return "half_end";
    case FrameKind::end:
        return "end";
    case FrameKind::reset:
        return "reset";
    case FrameKind::ping:
        return "ping";
    case FrameKind::pong:
        return "pong";
    case FrameKind::goaway:
        return "goaway";
    }
    return "unknown";
}

const char* to_text(CallStatus status) noexcept
{
    switch (status) {
    case CallStatus::ok:
        return "ok";
    case CallStatus::no:
        return "no";
    case CallStatus::malformed:
        return "malformed";
    case CallStatus::denied:
        return "denied";
    case CallStatus::full:
        return "full";
    case CallStatus::busy:
        return "busy";
    case CallStatus::damaged:
        return "damaged";
    case CallStatus::unsupported:
        return "unsupported";
    case CallStatus::failed:
        return "failed";
    }
    return "unknown";
}

Exit to_exit(CallStatus status) noexcept
{
    switch (status) {
    case CallStatus::ok:
        return Exit::ok;
    case CallStatus::no:
        return Exit::no;
    case CallStatus::malformed:
    case CallStatus::damaged:
        return Exit::data;
    case CallStatus::denied:
        return Exit::noperm;
    case CallStatus::busy:
        return Exit::tempfail;
    case CallStatus::unsupported:
        return Exit::usage;
    case CallStatus::full:
    case CallStatus::failed:
        break;
    }
    return Exit::unavail;
}

FrameHeaderBytes to_bytes(const FrameHeader& header) noexcept
{
    FrameHeaderBytes bytes{};
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(header.stream >> (8 * i));
    bytes[4] = static_cast<std::byte>(header.kind);
    for (unsigned i = 0; i < 3; ++i) bytes[5 + i] = static_cast<std::byte>(header.size >> (8 * i));
    return bytes;
}

FrameHeader parse_frame_header(const FrameHeaderBytes& bytes)
{
    FrameHeader header;
    for (unsigned i = 4; i-- > 0;)
        header.stream = header.stream << 8U | std::to_integer<std::uint32_t>(bytes[i]);
    header.kind = static_cast<FrameKind>(bytes[4]);
    for (unsigned i = 3; i-- > 0;)
        header.size = header.size << 8U | std::to_integer<std::size_t>(bytes[5 + i]);
    const SizeLimits limits = payload_limits(header.kind);
    if (header.size < limits.min || header.size > limits.max)
        throw Error{Exit::protocol, "the peer sent a frame of a wrong size"};
    if (is_of_link(header.kind) != (header.stream == 0))
        throw Error{Exit::protocol, "the peer sent a frame for a stream where it does not belong"};
    return header;
}

std::string to_reason(std::string_view text)
{
    std::string reason{text.substr(0, reason_size_max)};
    std::ranges::replace_if(
        reason, [](char c) { return !is_printable(c); }, '?');
    return reason;
}

bool is_reason(std::string_view text) noexcept
{
    return text.size() <= reason_size_max && std::ranges::all_of(text, is_printable);
}

bool is_method(std::string_view name) noexcept
{
    return !name.empty() && name.size() <= method_size_max &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '.'; });
}

} // namespace cairn
