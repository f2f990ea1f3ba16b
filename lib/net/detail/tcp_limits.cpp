#include "net/detail/tcp_hub.hpp"

#include <algorithm>

namespace cairn::detail {

namespace {

constexpr std::size_t waiting_spared = 64 * 1024; // bytes that wait for a link and do no harm

} // namespace

/// Whether the addresses of this group have as many connections that are not yet links as others,
/// or more. Who holds many makes room, and shuts nobody out.
bool TcpHub::has_its_share(const std::string& group) const
{
    return half_open_of_.at(group) * half_open_of_.size() >= half_open_.size();
}

/// Before another connection is accepted; false where it cannot be.
bool TcpHub::make_room_for(const std::string& group)
{
    ZmqLink* victim = nullptr;
    const auto own = half_open_of_.find(group);
    if (own != half_open_of_.end() && own->second >= shared_.options.address_half_open_max) {
        victim = oldest_half_open([&](const HalfOpen& each) { return each.group == group; });
    } else if (half_open_.size() >= shared_.options.half_open_max) {
        victim =
            oldest_half_open([this](const HalfOpen& each) { return has_its_share(each.group); });
    } else if (links_.size() < connections_max_) {
        return true;
    } else {
        victim = most_idle();
    }
    if (victim == nullptr) return false;
    if (!victim->is_half_open()) ++counters_.evicted;
    drop(*victim, "too many connections");
    finish(*victim);
    return true;
}

/// Before another handshake begins, which takes much more memory than a connection.
void TcpHub::make_room_for_handshake()
{
    const auto is_handshaking = [this](const HalfOpen& each) {
        return find(each.link)->state() == State::handshaking;
    };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(half_open_, is_handshaking));
    if (count < shared_.options.handshakes_max) return;
    ZmqLink* victim = oldest_half_open(
        [&](const HalfOpen& each) { return is_handshaking(each) && has_its_share(each.group); });
    if (victim == nullptr) victim = oldest_half_open(is_handshaking);
    drop(*victim, "too many handshakes");
    finish(*victim);
}

/// The oldest of those that have said nothing, or of all.
ZmqLink* TcpHub::oldest_half_open(const std::function<bool(const HalfOpen&)>& is_candidate) const
{
    ZmqLink* oldest = nullptr;
    for (const HalfOpen& each : half_open_) {
        if (!is_candidate(each)) continue;
        ZmqLink* const link = find(each.link);
        if (link->is_silent()) return link;
        if (oldest == nullptr) oldest = link;
    }
    return oldest;
}

/// The link without streams that has been silent for longest.
ZmqLink* TcpHub::most_idle() const
{
    ZmqLink* most = nullptr;
    for (const auto& [number, link] : links_)
        if (link->conversation() != nullptr && link->conversation()->stream_count() == 0 &&
            (most == nullptr || link->heard_ms() < most->heard_ms()))
            most = link.get();
    return most;
}

/// Receive credit is short: the peer with the least data for each of its streams goes, of equal
/// ones the one that has been silent for longest.
void TcpHub::evict_least_useful()
{
    ZmqLink* victim = nullptr;
    double least = 0;
    for (const auto& [number, link] : links_) {
        const Conversation* const found = link->conversation();
        if (found == nullptr || found->stream_count() == 0) continue;
        const double use = (static_cast<double>(link->usefulness()) + 1) /
                           static_cast<double>(found->stream_count());
        if (victim != nullptr &&
            (use > least || (use == least && link->heard_ms() >= victim->heard_ms())))
            continue;
        victim = link.get();
        least = use;
    }
    if (victim == nullptr) return;
    ++counters_.evicted;
    drop(*victim, "no memory for all peers, and others are of more use");
}

/// More waits than there is room for, of which only what is not data can be the cause: peers that
/// let us answer and do not read. The one that has taken nothing for longest goes.
void TcpHub::limit_waiting()
{
    while (shared_.flight->bytes > shared_.options.send_size) {
        ZmqLink* victim = nullptr;
        for (const auto& [number, link] : links_) {
            if (link->conversation() == nullptr || link->waiting() <= waiting_spared) continue;
            if (victim == nullptr || link->left_ms() < victim->left_ms() ||
                (link->left_ms() == victim->left_ms() && link->waiting() > victim->waiting()))
                victim = link.get();
        }
        if (victim == nullptr) return;
        ++counters_.evicted;
        drop(*victim, "the peer does not take what it asks for");
        finish(*victim);
    }
}

} // namespace cairn::detail
