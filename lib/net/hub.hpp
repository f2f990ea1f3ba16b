#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "crypto/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a program sees of the network: links to peers, and streams on them. The wire protocol is
// cairn-link/1, cairn-link(7).
//
// A stream is one call: the caller opens it with a method and a request, both sides may send data
// as far as the other's credit reaches, the caller ends its side, and the callee ends the stream
// with a status and a reply. Either side may reset it at any time.

namespace cairn {

/// A connection, for as long as the hub lives; numbers are never used again. 0 is none.
struct LinkId {
    std::uint64_t number = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const LinkId&, const LinkId&) = default;
};

/// A stream of any link of the hub; numbers are never used again. 0 is none.
struct StreamId {
    std::uint64_t number = 0;

    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

inline constexpr std::size_t frame_payload_max = 64 * 1024; // bytes
inline constexpr std::size_t request_size_max = 8 * 1024;   // bytes, of requests and replies
inline constexpr std::size_t method_size_max = 32;          // characters: [a-z.]
inline constexpr std::size_t link_streams_max = 64;         // open at a time on one link

/// How a call ended, as the callee says. Numbers are those of the wire.
enum class CallStatus : std::uint8_t {
    ok = 0,
    no = 1,          ///< what was asked for is not here
    malformed = 2,   ///< the request cannot be read
    denied = 3,      ///< not allowed for this peer or owner
    full = 4,        ///< no room, or a quota is used up
    busy = 5,        ///< try again later
    damaged = 6,     ///< it was here and is no longer what it was
    unsupported = 7, ///< no such method, or a version that is not spoken
    failed = 8,      ///< the callee's own fault
};

/// "ok", "no", "malformed", ...
const char* to_text(CallStatus status) noexcept;

/// How a tool ends that has nothing but this answer.
Exit to_exit(CallStatus status) noexcept;

/// What happened on the network. Views live until the next call of Hub::next().
struct HubEvent {
    enum class Kind : std::uint8_t {
        linked,   ///< a link is up: `peer`, `address`; `is_caller` where we made it
        unlinked, ///< a link is down, or never came up: `reason`. All its streams are gone, each
                  ///< told of by `reset` before
        opened,   ///< a peer calls: `method`, `data` is the request
        data,     ///< bytes of a stream arrived; consumed() lets more come
        writable, ///< the peer gave credit: writable() grew
        half_end, ///< the caller has sent all its data (seen by the callee)
        ended,    ///< the call is over: `status`, `data` is the reply (seen by the caller)
        reset,    ///< the stream was cut: `reason`
        woken,    ///< wake() was called, once or several times
    };

    Kind kind = Kind::woken;
    LinkId link;
    StreamId stream;
    bool is_caller = false;
    Ed25519PublicKey peer; ///< the link key of the other side
    CallStatus status = CallStatus::ok;
    std::string_view method;
    ByteView data;
    std::string reason;  ///< lower case, fit for a message
    std::string address; ///< "host:port" of the other side; the host alone where it called
};

/// Where to connect to. `link_key`, where it is known, is the only one that is accepted.
struct Endpoint {
    std::string address; ///< "host:port", "[v6]:port"
    std::optional<Ed25519PublicKey> link_key;
};

/// One party of the network. All calls come from one thread, except wake(). Calls never block,
/// except next(); what they cause, or why they failed, comes out of next().
class Hub {
public:
    Hub() = default;
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;
    virtual ~Hub() = default;

    /// Starts a connection; `linked` or `unlinked` follows, within the hub's time limit.
    virtual LinkId connect(const Endpoint& endpoint) = 0;

    /// Ends a link after what was sent on it has left; `unlinked` follows.
    virtual void close(LinkId link, std::string_view reason) = 0;

    /// Opens a stream on a link that is up; the request is at most request_size_max bytes. None
    /// when the link is down or has link_streams_max open streams.
    virtual std::optional<StreamId> open(LinkId link, std::string_view method,
                                         ByteView request) = 0;

    /// How many bytes may be sent on a stream now; 0 when it is gone.
    [[nodiscard]] virtual std::size_t writable(StreamId stream) const = 0;

    /// Sends bytes, at most writable(). Nothing happens when the stream is gone: `reset` tells.
    virtual void send(StreamId stream, ByteView data) = 0;

    /// The caller has no more data.
    virtual void half_end(StreamId stream) = 0;

    /// The callee's last word; the reply is at most request_size_max bytes.
    virtual void end(StreamId stream, CallStatus status, ByteView reply) = 0;

    /// Cuts a stream.
    virtual void reset(StreamId stream, std::string_view reason) = 0;

    /// `bytes` of the data events of a stream are dealt with: the peer may send as many more.
    virtual void consumed(StreamId stream, std::size_t bytes) = 0;

    /// The next thing that happens, until `deadline_ms` of now_ms(); none when that has passed.
    virtual std::optional<HubEvent> next(std::uint64_t deadline_ms) = 0;

    /// Makes next() return `woken`. From any thread.
    virtual void wake() noexcept = 0;

    /// The monotonic clock that deadlines are of; virtual in the simulated network.
    [[nodiscard]] virtual std::uint64_t now_ms() const noexcept = 0;

    /// The key that this side shows to its peers.
    [[nodiscard]] virtual const Ed25519PublicKey& link_key() const noexcept = 0;
};

} // namespace cairn
