#pragma once

#include "net/hub.hpp"

#include <array>

// The frames of cairn-link(7): a header of 8 bytes - the stream's number (4 bytes), the kind (1),
// the payload's size (3), little-endian - and the payload.

namespace cairn {

enum class FrameKind : std::uint8_t {
    open = 1,     ///< caller: size of the method's name (1 byte), name, request
    data = 2,     ///< bytes, at least 1
    credit = 3,   ///< how many more bytes may be sent (4 bytes), at least 1
    half_end = 4, ///< caller: no more data
    end = 5,      ///< callee: status (1 byte), reply
    reset = 6,    ///< either: reason
    ping = 7,     ///< of the link (stream 0): 8 bytes
    pong = 8,     ///< of the link: the 8 bytes of the ping
    goaway = 9,   ///< of the link: reason; no streams are opened after it
};

inline constexpr std::size_t frame_header_size = 8;                // bytes
inline constexpr std::size_t initial_credit_size = 64 * 1024;      // bytes, of each new stream
inline constexpr std::size_t credit_size_max = 64UL * 1024 * 1024; // bytes, outstanding on a stream
inline constexpr std::size_t reason_size_max = 200; // bytes of a reason, printable ASCII
inline constexpr std::size_t ping_size = 8;         // bytes

/// "open", "data", "credit", ...
const char* to_text(FrameKind kind) noexcept;

struct FrameHeader {
    std::uint32_t stream = 0;
    FrameKind kind = FrameKind::data;
    std::size_t size = 0; ///< bytes of the payload
};

using FrameHeaderBytes = std::array<std::byte, frame_header_size>;
FrameHeaderBytes to_bytes(const FrameHeader& header) noexcept;

/// Throws Error{protocol} for an unknown kind, a payload that the kind does not have, or a stream
/// where none belongs.
FrameHeader parse_frame_header(const FrameHeaderBytes& bytes);

/// A reason as it may be sent: short, and printable ASCII.
std::string to_reason(std::string_view text);
[[nodiscard]] bool is_reason(std::string_view text) noexcept;

/// [a-z.], 1 to method_size_max characters.
[[nodiscard]] bool is_method(std::string_view name) noexcept;

/// What may be told of a frame without telling what it carries.
struct FrameNote {
    bool is_sent = false;
    FrameHeader header;
    std::string_view method;            ///< of open
    std::string_view reason;            ///< of reset and goaway
    std::uint32_t credit = 0;           ///< bytes, of credit
    CallStatus status = CallStatus::ok; ///< of end
};

/// Sees each frame that a link sends and receives.
class FrameObserver {
public:
    FrameObserver() = default;
    FrameObserver(const FrameObserver&) = delete;
    FrameObserver& operator=(const FrameObserver&) = delete;
    virtual ~FrameObserver() = default;

    virtual void frame(const FrameNote& note) = 0;
};

} // namespace cairn
