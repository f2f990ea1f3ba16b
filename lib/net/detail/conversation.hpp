#pragma once

#include "net/detail/credit.hpp"
#include "net/mux.hpp"

#include <deque>
#include <map>

namespace cairn::detail {

/// A link of a hub from its handshake on: the frames of its mux as events of the hub, and the
/// credit that its peer gets. Numbers of streams are the link's number and the mux's.
class Conversation {
public:
    struct Options {
        LinkId link;
        Mux::Side side = Mux::Side::caller;
        std::size_t window_size_max = 0; ///< bytes
    };

    /// All references must outlive it.
    Conversation(const Options& options, ByteSink& out, CreditBudget& budget,
                 FrameObserver* observer);

    static LinkId link_of(StreamId stream) { return {stream.number >> 32U}; }
    static std::uint32_t number_of(StreamId stream)
    {
        return static_cast<std::uint32_t>(stream.number);
    }

    void feed(ByteView input) { mux_.feed(input); }

    /// What the bytes say; none: all is read. Throws Error{protocol}, as Mux::next() does.
    std::optional<HubEvent> next();

    std::optional<StreamId> open(std::string_view method, ByteView request);
    [[nodiscard]] std::size_t credit(StreamId stream) const;
    void send(StreamId stream, ByteView data);
    void half_end(StreamId stream);
    void end(StreamId stream, CallStatus status, ByteView reply);
    void reset(StreamId stream, std::string_view reason);
    void consumed(StreamId stream, std::size_t bytes);

    void ping() { mux_.ping(); }
    void go_away(std::string_view reason) { mux_.go_away(reason); }

    /// Why the peer is going away; empty while it is not.
    [[nodiscard]] const std::string& farewell() const noexcept { return farewell_; }

    /// Gives all credit back: the link is down.
    void release() { windows_.clear(); }

    /// Appends an event for each open stream that could send now.
    void tell_writable(std::deque<HubEvent>& events) const;

    /// Appends `reset` for each open stream: the link is down.
    void tell_reset(std::deque<HubEvent>& events, const std::string& reason) const;

    [[nodiscard]] std::size_t stream_count() const noexcept { return windows_.size(); }

    /// Bytes of data that went either way: what the link is good for.
    [[nodiscard]] std::uint64_t moved() const noexcept { return moved_; }

private:
    [[nodiscard]] StreamId id(std::uint32_t stream) const
    {
        return {options_.link.number << 32U | stream};
    }
    [[nodiscard]] HubEvent translate(const MuxEvent& event) const;
    bool account(const MuxEvent& event);

    Options options_;
    CreditBudget* budget_;
    Mux mux_;
    std::map<std::uint32_t, ReceiveWindow> windows_;
    std::string farewell_;
    std::uint64_t moved_ = 0;
};

} // namespace cairn::detail
