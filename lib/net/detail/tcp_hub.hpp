#pragma once

#include "net/detail/zmq_link.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"

#include <deque>
#include <functional>
#include <unordered_map>

namespace cairn::detail {

inline constexpr std::size_t send_size_min = 16 * 1024; // bytes that any link may have waiting

/// The hub of cairn-link(7): what its user wants is in zmq_hub.cpp, what happens to it in
/// tcp_events.cpp, whom it lets in and whom it lets go in tcp_limits.cpp.
class TcpHub final : public ZmqHub {
public:
    explicit TcpHub(const ZmqHubOptions& options);

    LinkId connect(const Endpoint& endpoint) override;
    void close(LinkId link, std::string_view reason) override;
    std::optional<StreamId> open(LinkId link, std::string_view method, ByteView request) override;
    [[nodiscard]] std::size_t writable(StreamId stream) const override;
    void send(StreamId stream, ByteView data) override;
    void half_end(StreamId stream) override;
    void end(StreamId stream, CallStatus status, ByteView reply) override;
    void reset(StreamId stream, std::string_view reason) override;
    void consumed(StreamId stream, std::size_t bytes) override;
    std::optional<HubEvent> next(std::uint64_t deadline_ms) override;
    void wake() noexcept override;
    [[nodiscard]] std::uint64_t now_ms() const noexcept override { return monotonic_ms(); }
    [[nodiscard]] const Ed25519PublicKey& link_key() const noexcept override
    {
        return shared_.identity.key();
    }
    [[nodiscard]] const std::string& listening() const noexcept override { return listening_; }
    [[nodiscard]] HubStatus status() const override;

private:
    using State = ZmqLink::State;
    using Links = std::unordered_map<std::uint64_t, std::unique_ptr<ZmqLink>>;

    /// A connection of another that is not yet a link.
    struct HalfOpen {
        LinkId link;
        std::string group; // of addresses
    };

    [[nodiscard]] ZmqLink* find(LinkId link) const;
    [[nodiscard]] Conversation* conversation(LinkId link) const;
    [[nodiscard]] std::size_t room(const ZmqLink& link) const;

    std::optional<HubEvent> read_current();
    std::optional<HubEvent> pass_on(ZmqLink& link, HubEvent event);
    bool work();
    bool begin_handshake();
    bool receive();
    void accept(const StreamArrival& arrival);
    ZmqLink& add(ZmqLink::Start start);
    void flush();
    void tick();
    void look_at_choked();
    void look_at_closing();
    void look_at_failed();

    void drop(ZmqLink& link, const std::string& reason);
    void finish(ZmqLink& link);
    void leave_half_open(const ZmqLink& link);
    bool make_room_for(const std::string& group);
    void make_room_for_handshake();
    [[nodiscard]] bool has_its_share(const std::string& group) const;
    [[nodiscard]] ZmqLink*
    oldest_half_open(const std::function<bool(const HalfOpen&)>& is_candidate) const;
    [[nodiscard]] ZmqLink* most_idle() const;
    void limit_waiting();
    void evict_least_useful();

    ZmqShared shared_;
    std::size_t connections_max_;
    std::string listening_;
    Links links_;
    std::unordered_map<std::uint64_t, std::uint64_t> routes_;   // to numbers of links
    std::deque<HalfOpen> half_open_;                            // oldest first
    std::unordered_map<std::string, std::size_t> half_open_of_; // how many, by group
    std::vector<HalfOpen> hellos_;                              // that have begun to speak
    unsigned since_hello_ = 0;                                  // arrivals
    std::deque<HubEvent> events_;
    std::vector<LinkId> closing_;
    mutable std::vector<LinkId> choked_; // whose streams wait for room to send
    std::uint64_t last_link_ = 0;
    LinkId current_; // whose arrival is being read
    unsigned unflushed_ = 0;
    bool is_bulk_ = false; // a full arrival came since the socket was last found empty
    std::uint64_t ticked_ms_;
    std::atomic<bool> is_woken_{false};
    HubStatus counters_;
};

} // namespace cairn::detail
