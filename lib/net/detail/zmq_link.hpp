#pragma once

#include "net/detail/admission.hpp"
#include "net/detail/conversation.hpp"
#include "net/detail/stream_socket.hpp"
#include "net/tls.hpp"
#include "net/trace.hpp"
#include "net/zmq_hub.hpp"

#include <vector>

namespace cairn::detail {

/// What the links of a hub share.
struct ZmqShared {
    ZmqHubOptions options;
    TlsIdentity identity;
    std::shared_ptr<Flight::Total> flight;
    StreamSocket socket;
    CreditBudget budget;
    Admission admission;
    std::array<std::byte, tls_record_size> plain{}; ///< of the link that is read just now
    std::vector<LinkId> dirty;                      ///< links that have bytes to flush

    ZmqShared(const ZmqHubOptions& options, std::uint64_t now_ms);
};

/// Encrypted bytes of one connection, gathered into large messages.
class Outbox final : public ByteSink {
public:
    Outbox(ZmqShared& shared, Route route);

    void put(ByteView bytes) override;
    void flush();

    [[nodiscard]] Flight& flight() noexcept { return *flight_; }

    /// Bytes that have not left.
    [[nodiscard]] std::size_t waiting() const noexcept;

    /// Whether the connection was gone when something was to be sent.
    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

private:
    void send();

    ZmqShared* shared_;
    Route route_;
    std::shared_ptr<Flight> flight_;
    std::unique_ptr<Chunk> chunk_;
    std::size_t capacity_; // bytes of the next chunk
    bool is_broken_ = false;
};

/// A connection of a hub, from the first byte to the last.
class ZmqLink final : private ByteSink, private FrameObserver {
public:
    enum class State : std::uint8_t {
        connecting,  ///< by us: not yet made
        greeting,    ///< by the other: no ClientHello so far, and no memory spent
        handshaking, ///< TLS has begun
        up,
        closing, ///< nothing more is read or written; what was sent leaves
    };

    struct Start {
        LinkId id;
        Route route;
        Mux::Side side = Mux::Side::caller;
        std::string address;
        std::optional<Ed25519PublicKey> expected;
        std::uint64_t now_ms = 0;
    };

    ZmqLink(ZmqShared& shared, Start start);

    /// The connection that we make is there.
    void connected(std::uint64_t now_ms);

    /// Takes what arrived; borrowed until next() returns none.
    void feed(ByteView input, std::uint64_t now_ms);

    /// What it says. Throws Error when the link is of no use any more.
    std::optional<HubEvent> next(std::uint64_t now_ms);

    /// Says good bye; nothing more is told but by ending().
    void close(std::string_view why, std::uint64_t now_ms);

    /// Encrypts what was written, and hands it over.
    void flush();

    /// Looks at the clock: asks for life, and says why the link is to be given up; empty: not.
    std::string overdue(std::uint64_t now_ms);

    /// When closing: whether there is nothing left to wait for.
    [[nodiscard]] bool is_over(std::uint64_t now_ms) noexcept;

    /// Bytes that wait here and in the library.
    [[nodiscard]] std::size_t waiting() const noexcept { return plain_.size() + outbox_.waiting(); }

    [[nodiscard]] State state() const noexcept { return state_; }
    [[nodiscard]] bool is_half_open() const noexcept { return state_ < State::up; }

    /// Whether its handshake can begin, or it has said what cannot begin one.
    [[nodiscard]] bool has_hello() const;

    /// Whether nothing has come since it was accepted.
    [[nodiscard]] bool is_silent() const noexcept
    {
        return state_ == State::greeting && hello_.empty();
    }
    [[nodiscard]] const Start& start() const noexcept { return start_; }
    [[nodiscard]] Outbox& outbox() noexcept { return outbox_; }
    [[nodiscard]] Conversation* conversation() noexcept
    {
        return state_ == State::up ? &*conversation_ : nullptr;
    }
    [[nodiscard]] std::uint64_t heard_ms() const noexcept { return heard_ms_; }

    /// When it last took something of what waits for it, as of the last overdue().
    [[nodiscard]] std::uint64_t left_ms() const noexcept { return left_ms_; }

    /// Data moved lately: what the link is good for. When it is up.
    [[nodiscard]] std::uint64_t usefulness() const noexcept
    {
        return usefulness_ + conversation_->moved() - moved_;
    }

    /// When it is or was up.
    [[nodiscard]] const Ed25519PublicKey& peer() const noexcept { return tls_->peer(); }

    /// An event of this link, without more.
    [[nodiscard]] HubEvent event(HubEvent::Kind kind, std::string why = {}) const;

    bool is_choked = false;  ///< streams wait for room to send
    bool is_in_turn = false; ///< it will be asked to begin its handshake
    bool was_up = false;
    std::string reason; ///< why it is closing

private:
    void put(ByteView bytes) override;          // of the mux: plain
    void frame(const FrameNote& note) override; // to the trace
    void mark_dirty();
    bool greet(std::uint64_t now_ms);
    void start_tls();

    ZmqShared* shared_;
    Start start_;
    State state_;
    std::uint64_t since_ms_; // of the state
    std::uint64_t heard_ms_;
    std::uint64_t pinged_ms_ = 0;
    std::uint64_t looked_ms_ = 0; // last overdue()
    std::uint64_t left_ = 0;      // bytes that had left then
    std::uint64_t left_ms_;       // when that last changed
    std::uint64_t moved_ = 0;
    std::uint64_t usefulness_ = 0;
    bool is_dirty_ = false;

    Bytes hello_; // the first record of a connection that others made
    Outbox outbox_;
    Bytes plain_; // less than a record
    std::optional<Tls> tls_;
    std::optional<Conversation> conversation_;
};

} // namespace cairn::detail
