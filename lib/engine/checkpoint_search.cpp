#include "engine/chain_engine.hpp"

// Which headers lead to the checkpoint. Nobody proves those, so before the way is known nothing is
// followed: else whoever makes up a chain, which costs nothing where proofs are not looked at,
// could lead a new node so far that it does not come back. Of a peer's headers only the ids are
// kept on the way; when the checkpoint is there they are fetched again, by whatever peer, and those
// alone are taken.

namespace cairn {
namespace {

constexpr unsigned points_banned = 100;
constexpr std::uint64_t way_look_s = 60;      // between looks at how far a way has come
constexpr std::size_t way_progress_min = 500; // headers that it has to have grown by
constexpr std::size_t waiting_max = 1000;     // peers

} // namespace

bool ChainEngine::is_trusted(Height height, const BlockId& id) const
{
    if (height < trusted_from_) return false;
    const std::size_t place = height.value - trusted_from_.value;
    return place < trusted_.size() && trusted_[place] == id;
}

/// The way that headers go on with, or a new one; null where they belong to none.
ChainEngine::Way* ChainEngine::find_way(const HeadersArrived& arrived, std::span<const BlockId> ids)
{
    const BlockId& parent = arrived.headers.front().header.parent;
    const auto found = ways_.find(arrived.peer);
    if (found != ways_.end() && found->second.last.id == parent) return &found->second;
    const Node* const base = tree_.find(parent);
    if (!base) {
        // On a way already, it tells of a new block far ahead.
        if (found == ways_.end() || ids.size() > 1) ask_from_the_fork(arrived);
        return nullptr;
    }
    asked_.erase(arrived.peer);
    if (found == ways_.end() && ways_.size() >= options_.ways_max) {
        if (waiting_.size() < waiting_max) waiting_.insert(arrived.peer);
        return nullptr;
    }
    if (found != ways_.end() && ids.size() == 1) return nullptr;
    actions_.emplace_back(WakeAt{now_s_ + way_look_s});
    return &ways_
                .insert_or_assign(arrived.peer,
                                  Way{.base = parent, .last = base->known, .since_s = now_s_})
                .first->second;
}

/// Takes the next header of a way; false when it ends there.
bool ChainEngine::go_on(Way& way, PeerNumber peer, const SealedHeader& sealed, const BlockId& id)
{
    std::optional<Refusal> refusal = refusal_of(way.last, sealed);
    const bool is_there = sealed.header.height == options_.checkpoint->first;
    if (!refusal && is_there && id != options_.checkpoint->second)
        refusal = Refusal{"a chain without the checkpoint", points_banned};
    if (refusal) {
        fault(peer, refusal->points, refusal->reason);
        leave_way(peer);
        return false;
    }
    if (is_future(sealed.header)) return false;
    HeaderState state = consensus_->next_state(way.last.state, sealed.header);
    way.last = {id, sealed.header, sealed.seal, state};
    way.ids.push_back(id);
    if (is_there) find_checkpoint(peer);
    return !is_there;
}

void ChainEngine::search(const HeadersArrived& arrived, std::span<const BlockId> ids)
{
    leave_slow_ways();
    std::size_t known = 0;
    while (known < ids.size() && tree_.find(ids[known])) ++known;
    if (known == ids.size()) {
        if (known > 1) actions_.emplace_back(AskHeaders{arrived.peer, {ids.back()}});
        return;
    }
    HeadersArrived rest{arrived.peer,
                        {arrived.headers.begin() + static_cast<std::ptrdiff_t>(known),
                         arrived.headers.begin() + static_cast<std::ptrdiff_t>(ids.size())}};
    Way* const way = find_way(rest, ids.subspan(known));
    if (!way) return;
    for (std::size_t i = known; i < ids.size(); ++i)
        if (!go_on(*way, arrived.peer, arrived.headers[i], ids[i])) return;
    if (ids.size() > 1) // there may be more
        actions_.emplace_back(AskHeaders{arrived.peer, {ids.back()}});
}

/// The way to the checkpoint is known: now the chain may follow it.
void ChainEngine::find_checkpoint(PeerNumber peer)
{
    Way way = std::move(ways_.at(peer));
    Node* const base = tree_.find(way.base);
    is_searching_ = false;
    ways_.clear();
    waiting_.clear();
    if (base->stage == BlockStage::bad) {
        halt("the checkpoint is behind a refused block");
    } else if (is_too_deep(base)) {
        halt("its chain parts from the checkpoint's too far back");
    } else {
        trusted_from_ = base->height() + 1;
        trusted_ = std::move(way.ids);
        actions_.emplace_back(AskHeaders{peer, {way.base}});
    }
}

/// Forgets a way, and asks another peer for one.
void ChainEngine::leave_way(PeerNumber peer)
{
    ways_.erase(peer);
    waiting_.erase(peer);
    if (waiting_.empty()) return;
    actions_.emplace_back(AskHeaders{*waiting_.begin(), known_ids()});
    waiting_.erase(waiting_.begin());
}

/// Makes room where a peer takes its time.
void ChainEngine::leave_slow_ways()
{
    std::vector<PeerNumber> slow;
    bool is_looked_at = false;
    for (auto& [peer, way] : ways_) {
        if (now_s_ < way.since_s + way_look_s) continue;
        if (way.ids.size() < way.count_then + way_progress_min) slow.push_back(peer);
        is_looked_at = true;
        way.since_s = now_s_;
        way.count_then = way.ids.size();
    }
    for (const PeerNumber peer : slow) leave_way(peer);
    if (is_looked_at && !ways_.empty()) actions_.emplace_back(WakeAt{now_s_ + way_look_s});
}

} // namespace cairn
