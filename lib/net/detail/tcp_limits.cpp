#include "net/detail/tcp_hub.hpp"

#include <algorithm>

namespace cairn::detail {

/// Before another connection is accepted; false where it cannot be. The newest connections of an
/// address push out its oldest, so that those who hold many shut nobody out.
bool TcpHub::make_room_for(const std::string& group)
{
    ZmqLink* victim = nullptr;
    const auto own = half_open_.find(group);
    if (own != half_open_.end() && own->second.size() >= shared_.options.address_half_open_max) {
        victim = find(own->second.front());
    } else if (links_.size() < connections_max_) {
        return true;
    } else if (!half_open_.empty()) {
        const auto by_size = [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
        };
        victim = find(std::ranges::max_element(half_open_, by_size)->second.front());
    } else {
        for (const auto& [number, link] : links_)
            if (link->conversation() != nullptr && link->conversation()->stream_count() == 0 &&
                (victim == nullptr || link->heard_ms() < victim->heard_ms()))
                victim = link.get();
    }
    if (victim == nullptr) return false;
    if (!victim->is_half_open()) ++counters_.evicted;
    drop(*victim, "too many connections");
    finish(*victim);
    return true;
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

} // namespace cairn::detail
