#include "engine/chain_engine.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr unsigned points_banned = 100;
constexpr unsigned points_odd = 20;
constexpr std::uint32_t milestone_blocks = 1024; // between ids of old blocks that are kept

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
        tip_->stage = BlockStage::stored;
        note_seal(tip_);
    }
}

const KnownHeader* ChainEngine::find(const BlockId& id)
{
    const Node* const node = tree_.find(id);
    return node ? &node->known : nullptr;
}

std::vector<BlockId> ChainEngine::known_ids() const
{
    std::vector<BlockId> ids;
    std::uint32_t step = 1;
    for (const Node* node = tip_; node;) {
        ids.push_back(node->known.id);
        if (ids.size() > 10) step *= 2;
        for (std::uint32_t i = 0; node && i < step; ++i) node = node->parent;
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
        if (node && node->stage == BlockStage::header) node->stage = BlockStage::stored;
    } else if (const auto* const connected = std::get_if<BlockConnected>(&event)) {
        finish(connected->id, true);
    } else if (const auto* const disconnected = std::get_if<BlockDisconnected>(&event)) {
        finish(disconnected->id, false);
    } else if (const auto* const refused = std::get_if<BlockRefused>(&event)) {
        pending_.reset();
        goal_ = nullptr;
        if (Node* const node = tree_.find(refused->id)) tree_.refuse(node);
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

// ---- Headers.

bool ChainEngine::is_future(const Header& header) const
{
    return header.time_s > now_s_ + consensus_->future_s();
}

/// Keeps a header that is ahead of the clock; false where there is no place.
bool ChainEngine::hold(PeerNumber peer, const SealedHeader& header)
{
    if (future_.size() >= options_.future_max) {
        const auto last = std::prev(future_.end());
        if (last->first <= header.header.time_s) return false;
        future_.erase(last); // who waits longest waits in vain
    }
    future_.emplace(header.header.time_s, Waiting{peer, header});
    actions_.emplace_back(WakeAt{header.header.time_s - consensus_->future_s()});
    return true;
}

std::optional<ChainEngine::Refusal> ChainEngine::refusal_of(const Node* parent,
                                                            const Header& header) const
{
    if (header.chain != parent->known.header.chain) return Refusal{"another chain", points_banned};
    if (header.height != parent->height() + 1) return Refusal{"a wrong height", points_banned};
    if (parent->stage == BlockStage::bad)
        return Refusal{"a header behind a refused block", points_banned};
    // One block back at least, so that a second block beside the tip is seen.
    const std::uint64_t depth = std::max<std::uint64_t>(consensus_->reorganisation_max(), 1);
    if (parent->height() + static_cast<std::uint32_t>(depth) < tip_->height())
        return Refusal{"a header too deep in the past", points_odd};
    if (tip_->height() + static_cast<std::uint32_t>(options_.headers_ahead_max) < header.height)
        return Refusal{"a header too far ahead", 0};
    return std::nullopt;
}

void ChainEngine::take_headers(const HeadersArrived& arrived)
{
    std::span<const SealedHeader> headers{arrived.headers};
    while (!headers.empty() && tree_.find(block_id(headers.front().header)))
        headers = headers.subspan(1); // known already
    if (headers.empty()) return;
    if (!tree_.find(headers.front().header.parent)) {
        actions_.emplace_back(AskHeaders{arrived.peer, known_ids()});
        return;
    }
    while (!headers.empty() && !is_halted_) {
        const std::size_t count = std::min(headers.size(), options_.proofs_at_once);
        if (add_run(arrived.peer, headers.first(count)) < count) return;
        headers = headers.subspan(count);
    }
    if (arrived.headers.size() > 1) // there may be more
        actions_.emplace_back(AskHeaders{arrived.peer, {block_id(arrived.headers.back().header)}});
}

/// Adds headers that follow each other; how many were right.
std::size_t ChainEngine::add_run(PeerNumber peer, std::span<const SealedHeader> headers)
{
    // What is cheap, one after the other: each needs the state of its parent, which does not depend
    // on proofs.
    Node* const parent = tree_.find(headers.front().header.parent);
    std::vector<KnownHeader> run{parent->known};
    std::size_t checked = 0;
    for (const SealedHeader& sealed : headers) {
        const KnownHeader before = run.back();
        Node virtual_parent{.known = before, .stage = parent->stage, .children = {}};
        std::optional<Refusal> refusal;
        if (sealed.header.parent != before.id)
            refusal = Refusal{"headers that do not follow each other", points_banned};
        else
            refusal = refusal_of(&virtual_parent, sealed.header);
        if (!refusal && is_future(sealed.header)) {
            if (!hold(peer, sealed)) refusal = Refusal{"too many headers ahead of their time", 0};
            break;
        }
        if (!refusal)
            if (auto wrong = consensus_->check(before, sealed.header, sealed.seal))
                refusal = Refusal{"a header that is wrong: " + wrong->reason, points_banned};
        if (refusal) {
            if (refusal->points > 0) fault(peer, refusal->points, refusal->reason);
            break;
        }
        run.push_back({block_id(sealed.header), sealed.header, sealed.seal,
                       consensus_->next_state(before.state, sealed.header)});
        ++checked;
    }
    std::vector<Consensus::Unproven> unproven;
    for (std::size_t i = 1; i < run.size(); ++i)
        if (!options_.checkpoint || options_.checkpoint->first < run[i].header.height)
            unproven.push_back({&run[i - 1].state, &run[i].header});
    const std::vector<bool> proven = consensus_->prove(unproven);
    const std::size_t skipped = checked - proven.size();
    const auto wrong = std::ranges::find(proven, false);
    const auto right = skipped + static_cast<std::size_t>(wrong - proven.begin());
    if (wrong != proven.end()) fault(peer, points_banned, "a header that is not proven");

    Node* at = parent;
    for (std::size_t i = 0; i < right; ++i) {
        const BlockId& id = run[i + 1].id;
        if (options_.checkpoint && options_.checkpoint->first == run[i + 1].header.height &&
            options_.checkpoint->second != id) {
            fault(peer, points_banned, "a chain without the checkpoint");
            return i;
        }
        Node* const known = tree_.find(id);
        at = known ? known : accept(at, headers[i], id);
        if (is_halted_) return i;
    }
    return right;
}

ChainEngine::Node* ChainEngine::accept(Node* parent, const SealedHeader& sealed, const BlockId& id)
{
    Node* const node =
        tree_.add(parent, {id, sealed.header, sealed.seal,
                           consensus_->next_state(parent->known.state, sealed.header)});
    note_seal(node);
    return node;
}

/// Notices two blocks that one key has sealed for one place.
void ChainEngine::note_seal(const Node* node)
{
    const auto [place, is_new] = seals_.emplace(
        std::pair{node->known.header.parent, sealer_of(node->known.seal)}, node->known.id);
    if (is_new || place->second == node->known.id) return;
    const Node* const first = tree_.find(place->second);
    if (!first) return;
    actions_.emplace_back(Equivocation{{first->known.header, first->known.seal},
                                       {node->known.header, node->known.seal}});
    if (!consensus_->halts_on_equivocation()) return;
    is_halted_ = true;
    actions_.emplace_back(Halt{"its producer has made two blocks of one height"});
}

void ChainEngine::tick()
{
    std::vector<Waiting> due;
    while (!future_.empty() && !is_future(future_.begin()->second.header.header)) {
        due.push_back(std::move(future_.begin()->second));
        future_.erase(future_.begin());
    }
    for (const Waiting& waiting : due) take_headers({waiting.peer, {waiting.header}});
}

// ---- The chain.

/// Whether more would have to be taken back than may be.
bool ChainEngine::is_too_deep(Node* end) const
{
    const Node* const fork = HeaderTree::fork(tip_, end);
    return tip_->height().value - fork->height().value > consensus_->reorganisation_max();
}

/// Asks for what is missing on the way to a block.
void ChainEngine::want_bodies(Node* end)
{
    const Node* const fork = HeaderTree::fork(tip_, end);
    std::vector<Node*> missing;
    for (Node* node = end; node != fork; node = node->parent)
        if (node->stage == BlockStage::header) missing.push_back(node);
    for (auto node = missing.rbegin(); node != missing.rend(); ++node) {
        if (wanted_.size() >= options_.bodies_ahead_max) return;
        if (wanted_.insert((*node)->known.id).second)
            actions_.emplace_back(WantBody{(*node)->known.id});
    }
}

/// The last block on the way to another up to which all bodies are here.
ChainEngine::Node* ChainEngine::reach(Node* end) const
{
    const Node* const fork = HeaderTree::fork(tip_, end);
    Node* reached = end;
    for (Node* node = end; node != fork; node = node->parent)
        if (node->stage == BlockStage::header) reached = node->parent;
    return reached;
}

/// Finds out where to go, and takes the next step.
void ChainEngine::settle()
{
    if (is_halted_ || pending_) return;
    Node* best = tree_.best();
    while (best != tip_ && is_too_deep(best)) {
        tree_.refuse(HeaderTree::next_towards(HeaderTree::fork(tip_, best), best));
        best = tree_.best();
    }
    if (best != tip_) want_bodies(best);
    if (!goal_ && best != tip_) {
        Node* const reached = reach(best);
        if (tip_->stage == BlockStage::bad || tree_.is_better(reached, tip_)) goal_ = reached;
    }
    move();
}

void ChainEngine::move()
{
    if (!goal_) return;
    if (goal_ == tip_) {
        arrive();
        return;
    }
    Node* const fork = HeaderTree::fork(tip_, goal_);
    if (tip_ != fork) {
        pending_ = tip_->known.id;
        actions_.emplace_back(Disconnect{tip_->known.id});
    } else {
        const Node* const next = HeaderTree::next_towards(tip_, goal_);
        pending_ = next->known.id;
        actions_.emplace_back(Connect{next->known.id});
    }
}

void ChainEngine::finish(const BlockId& id, bool is_on_top)
{
    if (pending_ != id) throw Error{Exit::bug, "a block was moved that was not asked for"};
    pending_.reset();
    Node* const node = tree_.find(id);
    tip_ = is_on_top ? node : node->parent;
}

/// At the goal: tells of it, and forgets what can never be taken back.
void ChainEngine::arrive()
{
    goal_ = nullptr;
    actions_.emplace_back(TipChanged{tip_->known.id});
    const auto keep = static_cast<std::uint32_t>(consensus_->reorganisation_max()) + 1;
    const std::uint32_t height = tip_->height().value;
    if (height > keep && tree_.root()->height().value + keep < height) {
        for (Node* node = tip_; node; node = node->parent)
            if (node->height().value % milestone_blocks == 0 &&
                node->height().value + keep < height)
                older_.emplace(node->height(), node->known.id);
        tree_.prune({height - keep}, tip_);
        std::erase_if(seals_, [&](const auto& seal) { return !tree_.find(seal.second); });
        std::erase_if(wanted_, [&](const BlockId& id) { return !tree_.find(id); });
    }
    settle();
}

} // namespace cairn
