#include "net/detail/tcp_hub.hpp"

#include <algorithm>

namespace cairn::detail {

namespace {

constexpr std::size_t waiting_spared = 64 * 1024; // bytes that wait for a link and do no harm

} // namespace

/// Before another connection is accepted; false where it cannot be. Of connections that are not
/// yet links, the newest push out the oldest of the address that has the most, so that those who
/// hold many shut nobody out.
bool TcpHub::make_room_for(const std::string& group)
{
    ZmqLink* victim = nullptr;
    const auto own = half_open_.find(group);
    if (own != half_open_.end() && own->second.size() >= shared_.options.address_half_open_max) {
        victim = oldest_half_open(own->second);
    } else if (half_open_count_ >= shared_.options.half_open_max) {
        const auto by_size = [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
        };
        victim = oldest_half_open(std::ranges::max_element(half_open_, by_size)->second);
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

/// The oldest of those that have said nothing, or of all.
ZmqLink* TcpHub::oldest_half_open(const std::deque<LinkId>& links) const
{
    for (const LinkId id : links)
        if (ZmqLink* const link = find(id); link->is_silent()) return link;
    return find(links.front());
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
