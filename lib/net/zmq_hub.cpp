#include "net/zmq_hub.hpp"

#include "net/detail/tcp_hub.hpp"
#include "os/process.hpp"

#include <algorithm>

namespace cairn {

namespace detail {

namespace {

constexpr std::size_t files_share = 4; // one in so many descriptors is not for connections

} // namespace

TcpHub::TcpHub(const ZmqHubOptions& options)
    : shared_{options, monotonic_ms()},
      connections_max_{options.connections_max},
      ticked_ms_{monotonic_ms()}
{
    const std::size_t files = raise_open_files_limit();
    connections_max_ = std::min(connections_max_, files - files / files_share);
    if (!options.listen.empty()) listening_ = shared_.socket.listen(options.listen);
}

ZmqLink* TcpHub::find(LinkId link) const
{
    const auto found = links_.find(link.number);
    return found == links_.end() ? nullptr : found->second.get();
}

Conversation* TcpHub::conversation(LinkId link) const
{
    ZmqLink* const found = find(link);
    return found == nullptr ? nullptr : found->conversation();
}

LinkId TcpHub::connect(const Endpoint& endpoint)
{
    const LinkId id{++last_link_};
    ZmqLink& link = add({id, outgoing_route(id.number), Mux::Side::caller, endpoint.address,
                         endpoint.link_key, monotonic_ms()});
    if (!shared_.socket.connect(link.start().route, endpoint.address))
        drop(link, "the address cannot be used");
    return id;
}

void TcpHub::close(LinkId link, std::string_view reason)
{
    if (ZmqLink* const found = find(link)) drop(*found, std::string{reason});
}

std::optional<StreamId> TcpHub::open(LinkId link, std::string_view method, ByteView request)
{
    Conversation* const found = conversation(link);
    return found == nullptr ? std::nullopt : found->open(method, request);
}

/// How many more bytes may wait for a link: what is left of the room for all, so that each new one
/// finds some.
std::size_t TcpHub::room(const ZmqLink& link) const
{
    const ZmqHubOptions& options = shared_.options;
    const std::size_t all = shared_.flight->bytes;
    const std::size_t left = all < options.send_size ? options.send_size - all : 0;
    const std::size_t limit = std::clamp(left, send_size_min, options.link_send_size_max);
    const std::size_t waiting = link.waiting();
    return waiting < limit ? limit - waiting : 0;
}

std::size_t TcpHub::writable(StreamId stream) const
{
    ZmqLink* const link = find(Conversation::link_of(stream));
    if (link == nullptr || link->conversation() == nullptr) return 0;
    const std::size_t credit = link->conversation()->credit(stream);
    const std::size_t size = std::min(credit, room(*link));
    if (size < credit && !link->is_choked) {
        link->is_choked = true;
        choked_.push_back(link->start().id);
        link->outbox().flight().wait_for(link->waiting() / 2);
    }
    return size;
}

void TcpHub::send(StreamId stream, ByteView data)
{
    if (Conversation* const found = conversation(Conversation::link_of(stream)))
        found->send(stream, data);
}

void TcpHub::half_end(StreamId stream)
{
    if (Conversation* const found = conversation(Conversation::link_of(stream)))
        found->half_end(stream);
}

void TcpHub::end(StreamId stream, CallStatus status, ByteView reply)
{
    if (Conversation* const found = conversation(Conversation::link_of(stream)))
        found->end(stream, status, reply);
}

void TcpHub::reset(StreamId stream, std::string_view reason)
{
    if (Conversation* const found = conversation(Conversation::link_of(stream)))
        found->reset(stream, reason);
}

void TcpHub::consumed(StreamId stream, std::size_t bytes)
{
    if (Conversation* const found = conversation(Conversation::link_of(stream)))
        found->consumed(stream, bytes);
}

void TcpHub::wake() noexcept
{
    is_woken_ = true;
    shared_.flight->wake.signal();
}

HubStatus TcpHub::status() const
{
    HubStatus status = counters_;
    for (const auto& [number, link] : links_) {
        if (link->is_half_open()) ++status.half_open;
        const Conversation* const found = link->conversation();
        if (found == nullptr) continue;
        ++status.links;
        status.streams += found->stream_count();
    }
    status.credit_used = shared_.budget.used();
    status.waiting = shared_.flight->bytes;
    status.sent = shared_.flight->left;
    return status;
}

} // namespace detail

std::unique_ptr<ZmqHub> make_zmq_hub(const ZmqHubOptions& options)
{
    return std::make_unique<detail::TcpHub>(options);
}

} // namespace cairn
