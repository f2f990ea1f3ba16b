#pragma once

#include "net/frame.hpp"

#include <map>
#include <optional>
#include <vector>

namespace cairn {

/// Where bytes for the peer go, in order.
class ByteSink {
public:
    ByteSink() = default;
    ByteSink(const ByteSink&) = delete;
    ByteSink& operator=(const ByteSink&) = delete;
    virtual ~ByteSink() = default;

    virtual void put(ByteView bytes) = 0;
};

/// What the peer's frames say. Views live until the next call of feed() or next().
struct MuxEvent {
    enum class Kind : std::uint8_t {
        opened,   ///< `method`, `data` is the request
        data,     ///< `data`: a part of what the peer sends
        writable, ///< credit came
        half_end, ///< the caller has no more data
        ended,    ///< `status`, `data` is the reply; the stream is gone
        reset,    ///< `reason`; the stream is gone
        pong,     ///< the peer answered a ping
        goaway,   ///< `reason`: the peer is about to end the link
    };

    Kind kind = Kind::pong;
    std::uint32_t stream = 0;
    CallStatus status = CallStatus::ok;
    std::string_view method;
    std::string_view reason;
    ByteView data;
};

/// The frame protocol of one side of a link, cairn-link(7): bytes in, events and bytes out. It
/// holds no data of streams and no more of an incomplete frame than its kind allows, at most about
/// 8 KiB; only `data` frames are larger, and those pass through in parts.
class Mux {
public:
    /// The side that made the connection is the caller of it; its streams have odd numbers.
    enum class Side : std::uint8_t { caller, callee };

    /// `out` and `observer` (null: none) must outlive the mux.
    Mux(Side side, ByteSink& out, FrameObserver* observer);

    /// Takes what arrived; it is borrowed until next() returns none. Only then feed again.
    void feed(ByteView input);

    /// What the bytes say; none: all is read. Throws Error{protocol} when the peer breaks the
    /// rules: the link is then of no use.
    std::optional<MuxEvent> next();

    /// A new stream; none while link_streams_max of ours are open, after goaway, and when all
    /// numbers are used up.
    std::optional<std::uint32_t> open(std::string_view method, ByteView request);

    /// Bytes that the peer's credit allows to send now; 0 for a stream that is gone or ended.
    [[nodiscard]] std::size_t writable(std::uint32_t stream) const;

    /// Sends at most writable() bytes.
    void send(std::uint32_t stream, ByteView data);

    void half_end(std::uint32_t stream);                               ///< caller
    void end(std::uint32_t stream, CallStatus status, ByteView reply); ///< callee
    void reset(std::uint32_t stream, std::string_view reason);

    /// Lets the peer send more.
    void grant(std::uint32_t stream, std::size_t bytes);

    /// Bytes that the peer may still send; none when the stream is gone or the peer ended it.
    [[nodiscard]] std::optional<std::size_t> granted(std::uint32_t stream) const;

    void ping();
    void go_away(std::string_view reason);

    [[nodiscard]] bool has(std::uint32_t stream) const { return streams_.contains(stream); }

    /// Whether we opened it.
    [[nodiscard]] bool is_ours(std::uint32_t stream) const { return (stream & 1U) == ours_; }

    /// Numbers of the open streams.
    [[nodiscard]] std::vector<std::uint32_t> streams() const;

private:
    struct Stream {
        std::size_t send_credit = initial_credit_size;
        std::size_t receive_credit = initial_credit_size;
        bool is_sent = false;     ///< we have no more to send
        bool is_received = false; ///< the peer has no more to send
    };

    void write(std::uint32_t stream, FrameKind kind, ByteView payload);
    void note(bool is_sent, const FrameHeader& header, ByteView payload) const;
    Stream* find(std::uint32_t stream);
    void forget(std::uint32_t stream);

    bool take_header();
    void charge_data();
    std::optional<MuxEvent> take_data();
    std::optional<ByteView> take_payload();
    std::optional<MuxEvent> understand(ByteView payload);
    std::optional<MuxEvent> understand_open(ByteView payload);
    std::optional<MuxEvent> understand_credit(ByteView payload);
    std::optional<MuxEvent> understand_end(ByteView payload);
    void check_known(std::uint32_t stream) const;

    ByteSink* out_;
    FrameObserver* observer_;
    std::uint32_t ours_;        // parity of the streams we open
    std::uint32_t next_ours_;   // the next stream we open
    std::uint32_t next_theirs_; // the lowest number that the peer may open
    std::size_t ours_open_ = 0;
    std::size_t theirs_open_ = 0;
    bool is_going_ = false; // one side said goaway
    std::map<std::uint32_t, Stream> streams_;

    ByteView input_;
    FrameHeaderBytes header_bytes_{};
    std::size_t header_filled_ = 0;
    FrameHeader header_;   // of the frame being read, once header_filled_ is the header's size
    std::size_t left_ = 0; // bytes of its payload to come
    Bytes partial_;        // its payload so far, where it came in parts and is not data
    bool is_partial_used_ = false; // the last event has views of partial_
};

} // namespace cairn
