#include "engine/chain_engine.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr unsigned points_banned = 100;
constexpr unsigned points_odd = 20;
constexpr unsigned points_few = 2;
// Whoever was cut off from us for long has a chain that parts too far back, and has done nothing
// wrong; to find that out costs a look into the tree.
constexpr unsigned points_parted = 0;
constexpr std::size_t asked_max = 10'000; // peers

KnownHeader take_first(std::vector<KnownHeader>& chain)
{
    assert(!chain.empty());
    return chain.front();
}

/// The key that has sealed a header, as far as its seal begins with one.
Bytes sealer_of(ByteView seal)
{
    const auto key = parse_seal(seal).key;
    return {key.bytes.begin(), key.bytes.end()};
}

} // namespace

ChainEngine::ChainEngine(const Consensus& consensus, std::vector<KnownHeader> chain,
                         std::map<Height, BlockId> older, ChainEngineOptions options)
    : consensus_{&consensus},
      options_{std::move(options)},
      tree_{consensus, take_first(chain)},
      tip_{tree_.root()},
      older_{std::move(older)}
{
    for (std::size_t i = 1; i < chain.size(); ++i) {
        tip_ = tree_.add(tip_, std::move(chain[i]));
        tree_.store(tip_);
        note_seal(tip_);
    }
    told_ = tip_->known.id;
    if (!options_.checkpoint) return;
    is_searching_ = tip_->height() < options_.checkpoint->first;
    has_checkpoint_ = tree_.find(options_.checkpoint->second) != nullptr;
}

const KnownHeader* ChainEngine::find(const BlockId& id)
{
    const Node* const node = tree_.find(id);
    return node ? &node->known : nullptr;
}

std::vector<BlockId> ChainEngine::known_ids() const
{
    std::vector<BlockId> ids;
    const Node* node = tree_.best();
    ids.push_back(node->known.id);
    for (std::uint32_t step = 1; node->parent;) {
        if (ids.size() > 10) step *= 2;
        for (std::uint32_t i = 0; node->parent && i < step; ++i) node = node->parent;
        ids.push_back(node->known.id);
    }
    for (auto old = older_.rbegin(); old != older_.rend(); ++old) ids.push_back(old->second);
    return ids;
}

std::vector<EngineAction> ChainEngine::step(const EngineEvent& event, std::uint64_t now_s)
{
    now_s_ = now_s;
    if (is_halted_) return {};
    if (const auto* const headers = std::get_if<HeadersArrived>(&event)) {
        take_headers(*headers);
    } else if (const auto* const body = std::get_if<BodyStored>(&event)) {
        wanted_.erase(body->id);
        Node* const node = tree_.find(body->id);
        if (node) tree_.store(node);
    } else if (const auto* const connected = std::get_if<BlockConnected>(&event)) {
        finish(connected->id, true);
    } else if (const auto* const disconnected = std::get_if<BlockDisconnected>(&event)) {
        finish(disconnected->id, false);
    } else if (const auto* const refused = std::get_if<BlockRefused>(&event)) {
        refuse(refused->id);
    } else {
        tick();
    }
    settle();
    return std::exchange(actions_, {});
}

void ChainEngine::fault(PeerNumber peer, unsigned points, std::string reason)
{
    actions_.emplace_back(PeerFault{peer, points, std::move(reason)});
}

void ChainEngine::halt(std::string reason)
{
    is_halted_ = true;
    actions_.emplace_back(Halt{std::move(reason)});
}

// ---- Headers.

bool ChainEngine::is_future(const Header& header) const
{
    return header.time_s > now_s_ + consensus_->future_s();
}

/// Keeps a header that is ahead of the clock, if there is a place.
void ChainEngine::hold(PeerNumber peer, const SealedHeader& header, const BlockId& id)
{
    const std::uint64_t time_s = header.header.time_s;
    const auto [first, last] = future_.equal_range(time_s);
    for (auto held = first; held != last; ++held)
        if (held->second.id == id) return;
    if (future_.size() >= options_.future_max) {
        if (future_.empty() || std::prev(future_.end())->first <= time_s) return;
        future_.erase(std::prev(future_.end())); // who waits longest waits in vain
    }
    future_.emplace(time_s, Waiting{peer, header, id});
    actions_.emplace_back(WakeAt{time_s - consensus_->future_s()});
}

/// Asks a peer whose headers do not lead on from here how its chain does; once, for if the answer
/// does not either, its chain is another one from further back on than can be undone.
void ChainEngine::ask_from_the_fork(const HeadersArrived& arrived)
{
    const bool is_answer = arrived.headers.size() > 1 && asked_.erase(arrived.peer) > 0;
    if (is_answer) {
        fault(arrived.peer, points_parted, "a chain that has parted too far in the past");
        return;
    }
    if (asked_.size() >= asked_max) asked_.clear(); // of peers that may be gone
    asked_.insert(arrived.peer);
    actions_.emplace_back(AskHeaders{arrived.peer, known_ids()});
}

void ChainEngine::take_headers(const HeadersArrived& arrived)
{
    std::span<const SealedHeader> headers{arrived.headers};
    std::vector<BlockId> ids;
    for (const SealedHeader& sealed : headers) {
        if (!ids.empty() && sealed.header.parent != ids.back()) {
            fault(arrived.peer, points_banned, "headers that do not follow each other");
            break;
        }
        ids.push_back(block_id(sealed.header));
    }
    const bool is_whole = ids.size() == headers.size();
    if (is_searching_) {
        search(arrived, ids);
        return;
    }
    std::size_t done = 0;
    while (done < ids.size() && tree_.find(ids[done])) ++done; // known already
    if (done < ids.size() && !tree_.find(headers[done].header.parent)) {
        ask_from_the_fork(arrived);
        return;
    }
    asked_.erase(arrived.peer);
    while (done < ids.size() && !is_halted_) {
        const std::size_t count = std::min(ids.size() - done, options_.proofs_at_once);
        if (add_run(arrived.peer, headers.subspan(done), {&ids[done], count}) < count) return;
        done += count;
    }
    if (is_whole && ids.size() > 1) // there may be more
        actions_.emplace_back(AskHeaders{arrived.peer, {ids.back()}});
}

/// What is cheap to find wrong in a header, and whether its time has come: it is held until then.
std::optional<ChainEngine::Refusal> ChainEngine::refusal_of(const KnownHeader& parent,
                                                            const SealedHeader& sealed) const
{
    const Header& header = sealed.header;
    if (header.chain != parent.header.chain) return Refusal{"another chain", points_banned};
    if (header.height.value != std::uint64_t{parent.header.height.value} + 1)
        return Refusal{"a wrong height", points_banned};
    if (auto wrong = consensus_->check(parent, header, sealed.seal))
        return Refusal{"a header that is wrong: " + wrong->reason, points_banned};
    return std::nullopt;
}

/// What is wrong with where a header is in the tree, found by a look.
std::optional<ChainEngine::Refusal> ChainEngine::refusal_in_tree(const Node* parent, Height height,
                                                                 const BlockId& id)
{
    const auto& checkpoint = options_.checkpoint;
    if (parent->stage == BlockStage::bad) {
        if (checkpoint && (checkpoint->second == id || is_trusted(height, id)))
            halt("the checkpoint is behind a refused block");
        if (parent->is_deep)
            return Refusal{"a header behind what parts too far back", points_parted};
        return Refusal{"a header behind a refused block", points_banned};
    }
    // One block back at least, so that a second block beside the tip is seen.
    const std::uint64_t depth = std::max<std::uint64_t>(consensus_->reorganisation_max(), 1);
    if (parent->height() + static_cast<std::uint32_t>(depth) < tip_->height())
        return Refusal{"a header too deep in the past", points_parted};
    if (!checkpoint || height > checkpoint->first || id == checkpoint->second) return std::nullopt;
    if (height == checkpoint->first)
        return Refusal{"a chain without the checkpoint", points_banned};
    if (has_checkpoint_ || (!trusted_.empty() && !is_trusted(height, id)))
        return Refusal{"a header beside the way to the checkpoint", points_odd};
    return std::nullopt;
}

/// Whether there are as many headers behind a parent as are kept of a key, or from a peer. A proof
/// is for one place, but whoever has it can put any contents, and any key, into the header. Two of
/// a key are evidence; more are of no use. Others can copy a proof and seal with keys of their own,
/// so there is no limit for a parent as such: they would fill it before the right block comes.
bool ChainEngine::is_crowded(PeerNumber peer, const SealedHeader& sealed, const BlockId& id) const
{
    const BlockId& parent = sealed.header.parent;
    const auto seals = seals_.find({parent, sealer_of(sealed.seal)});
    if (seals != seals_.end() && seals->second.count >= options_.twins_max) return true;
    const auto sent = siblings_.find({parent, peer});
    return sent != siblings_.end() && sent->second.size() >= options_.siblings_max &&
           !sent->second.contains(id);
}

/// Keeps in mind that a peer has told of one of several headers behind a parent; whether it has
/// told of no more than an honest one might, which cannot know which two of a key are here.
bool ChainEngine::note_sibling(PeerNumber peer, const BlockId& parent, const BlockId& id)
{
    std::set<BlockId>& sent = siblings_[{parent, peer}];
    return sent.contains(id) || (sent.size() < options_.siblings_max && sent.insert(id).second);
}

/// Whether headers lead to more work than all that is known, as they say themselves; who lies is
/// found out when they are looked at.
bool ChainEngine::is_promising(const HeaderState& parent,
                               std::span<const SealedHeader> headers) const
{
    HeaderState state = parent;
    try {
        for (const SealedHeader& sealed : headers)
            state = consensus_->next_state(state, sealed.header);
    } catch (const Error&) {
        return false;
    }
    return state.work > tree_.best()->known.state.work;
}

/// Adds the first of headers that follow each other, as many as there are ids; how many were taken.
std::size_t ChainEngine::add_run(PeerNumber peer, std::span<const SealedHeader> headers,
                                 std::span<const BlockId> ids)
{
    // What is cheap, one after the other: each needs the state of its parent, which does not depend
    // on proofs.
    Node* at = tree_.find(headers.front().header.parent);
    std::vector<KnownHeader> run{at->known};
    while (run.size() <= ids.size()) {
        const SealedHeader& sealed = headers[run.size() - 1];
        const BlockId& id = ids[run.size() - 1];
        std::optional<Refusal> refusal = refusal_in_tree(at, run.back().header.height + 1, id);
        if (!refusal) refusal = refusal_of(run.back(), sealed);
        if (!refusal && is_crowded(peer, sealed, id) &&
            !is_promising(run.back().state, headers.subspan(run.size() - 1)))
            refusal = Refusal{"one block of many for one place",
                              note_sibling(peer, sealed.header.parent, id) ? 0 : points_few};
        if (refusal) {
            fault(peer, refusal->points, refusal->reason);
            break;
        }
        if (is_future(sealed.header)) {
            hold(peer, sealed, id);
            break;
        }
        if (sealed.header.height.value >
            std::uint64_t{tip_->height().value} + options_.headers_ahead_max) {
            has_more_ = peer;
            break;
        }
        HeaderState state = consensus_->next_state(run.back().state, sealed.header);
        run.push_back({id, sealed.header, sealed.seal, state});
    }
    const std::size_t proven = count_proven(run);
    if (proven + 1 < run.size()) fault(peer, points_banned, "a header that is not proven");
    for (std::size_t i = 1; i <= proven; ++i) {
        at = accept(at, std::move(run[i]));
        if (at->parent->children.size() > 1) note_sibling(peer, at->parent->known.id, at->known.id);
        if (is_halted_) return i;
    }
    return proven;
}

/// How many headers behind the first of a run are proven, one after the other.
std::size_t ChainEngine::count_proven(std::span<const KnownHeader> run) const
{
    std::vector<Consensus::Unproven> unproven;
    for (std::size_t i = 1; i < run.size(); ++i)
        if (!is_trusted(run[i].header.height, run[i].id))
            unproven.push_back({&run[i - 1].state, &run[i].header});
    const std::vector<bool> proven = consensus_->prove(unproven);
    const std::size_t skipped = run.size() - 1 - proven.size();
    return skipped + static_cast<std::size_t>(std::ranges::find(proven, false) - proven.begin());
}

ChainEngine::Node* ChainEngine::accept(Node* parent, KnownHeader known)
{
    Node* const node = tree_.add(parent, std::move(known));
    is_wanting_ = true;
    note_seal(node);
    if (options_.checkpoint && options_.checkpoint->second == node->known.id) {
        refuse_beside(node);
        has_checkpoint_ = true;
        trusted_.clear();
    }
    return node;
}

/// Refuses all that parts from the chain to a block.
void ChainEngine::refuse_beside(const Node* block)
{
    for (; block->parent; block = block->parent)
        for (Node* const other : block->parent->children)
            if (other != block) tree_.refuse(other);
    if (goal_ && goal_->stage == BlockStage::bad) goal_ = nullptr;
}

/// Notices two blocks that one key has sealed for one place.
void ChainEngine::note_seal(const Node* node)
{
    const auto [place, is_new] =
        seals_.emplace(std::pair{node->known.header.parent, sealer_of(node->known.seal)},
                       Sealed{.first = node->known.id});
    if (is_new) return;
    ++place->second.count;
    if (place->second.is_told) return;
    const Node* const first = tree_.find(place->second.first);
    if (!first) return;
    place->second.is_told = true;
    actions_.emplace_back(Equivocation{{first->known.header, first->known.seal},
                                       {node->known.header, node->known.seal}});
    if (!consensus_->halts_on_equivocation()) return;
    halt("its producer has made two blocks of one height");
}

void ChainEngine::tick()
{
    leave_slow_ways();
    std::vector<Waiting> due;
    while (!future_.empty() && !is_future(future_.begin()->second.header.header)) {
        due.push_back(std::move(future_.begin()->second));
        future_.erase(future_.begin());
    }
    for (const Waiting& waiting : due)
        if (!is_halted_) take_headers({waiting.peer, {waiting.header}});
}

} // namespace cairn
