#pragma once

#include "base/bytes.hpp"
#include "relaying/impairment.hpp"

#include <deque>
#include <optional>

namespace cairn {

/// One direction of a connection that is impaired: takes bytes when they arrive, gives them when
/// they may leave. It has no clock and no socket: times are the caller's.
class Channel {
public:
    enum class State {
        open,
        ended,  ///< the sender has ended, and all of it has left
        closed, ///< the connection is to end now, in good order
        reset,  ///< the connection is to be reset now
    };

    /// Where randomness comes from.
    struct Origin {
        std::uint64_t seed = 0;
        std::uint64_t connection = 0;
        bool is_up = false;
    };

    Channel(const Impairment& impairment, const Origin& origin);

    /// From now on, also for what is held already.
    void set(const Impairment& impairment);

    /// False when the rest of the stream does not matter.
    [[nodiscard]] bool is_taking() const noexcept { return !end_ms_ && cut_ == State::open; }

    /// Bytes that wait here.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

    void take(ByteView data, std::uint64_t now_ms);

    /// The sender sends no more.
    void take_end(std::uint64_t now_ms);

    /// What may leave now; empty when nothing may. Lives until the next call that is not const.
    ByteView ready(std::uint64_t now_ms);

    /// `size` bytes of what ready() gave have left.
    void leave(std::size_t size);

    /// As of the last call of ready(): when it gives something, or the state changes, although
    /// nothing was taken; none: never.
    [[nodiscard]] std::optional<std::uint64_t> due_ms() const noexcept { return due_ms_; }

    /// As of the last call of ready().
    [[nodiscard]] State state() const noexcept;

    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }           ///< bytes
    [[nodiscard]] std::uint64_t corrupted() const noexcept { return corrupted_; } ///< bytes

private:
    struct Chunk {
        Bytes data;
        std::uint64_t time_ms = 0; ///< when it came
    };

    [[nodiscard]] std::uint64_t find_loss(std::uint64_t size) const noexcept;
    std::uint64_t find_cut(std::uint64_t size) noexcept;
    void corrupt(MutableByteView data);
    void store(ByteView data, std::uint64_t now_ms);
    bool is_stalled(std::uint64_t now_ms);
    std::uint64_t rate_limit(std::uint64_t now_ms);
    [[nodiscard]] std::uint64_t release_ms() const noexcept;

    /// Where in the stream the next byte to leave stands.
    [[nodiscard]] std::uint64_t position() const noexcept { return taken_ - held_; }

    Impairment impairment_;
    Origin origin_;
    std::deque<Chunk> chunks_;
    std::size_t skip_ = 0; // bytes of the first chunk that have left
    std::size_t held_ = 0;
    std::uint64_t taken_ = 0; // what was lost in a black hole counts too
    std::uint64_t left_ = 0;
    std::uint64_t corrupted_ = 0;
    std::uint64_t released_ms_ = 0; // no byte leaves before one that came earlier
    std::uint64_t free_us_ = 0;     // when the rate lets the next byte leave
    std::uint64_t free_rest_ = 0;   // of a microsecond, in parts of the rate
    std::optional<std::uint64_t> stalled_since_ms_;
    std::optional<std::uint64_t> due_ms_;
    std::optional<std::uint64_t> end_ms_; // when the sender ended
    bool is_end_lost_ = false;
    bool is_end_due_ = false;
    State cut_ = State::open; // how the stream was cut off behind what is held
};

} // namespace cairn
