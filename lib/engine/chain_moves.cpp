#include "base/error.hpp"
#include "engine/chain_engine.hpp"

#include <algorithm>

// Where the chain goes, one block at a time.

namespace cairn {
namespace {

constexpr std::uint32_t milestone_blocks = 1024; // between ids of old blocks that are kept
constexpr std::size_t small_tree = 4096;         // headers

} // namespace

/// Whether more would have to be taken back than may be.
bool ChainEngine::is_too_deep(Node* end) const
{
    const Node* const fork = HeaderTree::fork(tip_, end);
    return tip_->height().value - fork->height().value > consensus_->reorganisation_max();
}

void ChainEngine::refuse_too_deep()
{
    const auto refuse_branch = [this](Node* end) {
        tree_.refuse(HeaderTree::next_towards(HeaderTree::fork(tip_, end), end), true);
    };
    while (is_too_deep(tree_.best())) refuse_branch(tree_.best());
    while (is_too_deep(tree_.best_ready())) refuse_branch(tree_.best_ready());
}

bool ChainEngine::is_better(const Node* end) const
{
    return tip_->stage == BlockStage::bad || tree_.is_better(end, tip_);
}

/// The ends of all chains that are better than this one, the best first.
std::vector<ChainEngine::Node*> ChainEngine::better_ends()
{
    std::vector<Node*> ends;
    for (Node* const end : tree_.ends())
        if (is_better(end)) ends.push_back(end);
    std::ranges::sort(ends, [this](Node* a, Node* b) { return tree_.is_better(a, b); });
    return ends;
}

/// Asks for what is missing on the ways to better blocks: as much as possible of the best one's,
/// but some of the others' too, in case it never comes.
void ChainEngine::want_bodies()
{
    // With much ahead this takes long: there only when headers are new, or many bodies have come.
    const bool is_large = tree_.size() > small_tree;
    if (is_large && !is_wanting_ && wanted_.size() > options_.bodies_ahead_max / 2) return;
    is_wanting_ = false;
    std::set<BlockId> wanted;
    const std::vector<Node*> ends = better_ends();
    for (const Node* const end : ends) {
        const std::size_t room = options_.bodies_ahead_max - wanted.size();
        if (room == 0) break;
        std::size_t share = end == ends.back() ? room : (room + 1) / 2;
        std::vector<const Node*> missing;
        for (const Node* node = end; !node->is_ready; node = node->parent)
            if (node->stage == BlockStage::header) missing.push_back(node);
        for (auto node = missing.rbegin(); node != missing.rend() && share > 0; ++node) {
            const BlockId& id = (*node)->known.id;
            if (!wanted.insert(id).second) continue;
            if (!wanted_.contains(id)) actions_.emplace_back(WantBody{id});
            --share;
        }
    }
    wanted_ = std::move(wanted);
}

/// Finds out where to go, and takes the next step.
void ChainEngine::settle()
{
    if (is_halted_ || pending_) return;
    const bool has_arrived = goal_ == tip_;
    if (has_arrived) goal_ = nullptr;
    if (!goal_) {
        if (tip_->stage == BlockStage::bad && is_too_deep(tree_.best_ready())) {
            halt("its chain parts from the checkpoint's too far back");
            return;
        }
        refuse_too_deep();
        if (tree_.best_ready() != tip_) goal_ = tree_.best_ready();
    }
    if ((has_arrived || !goal_) && tip_->known.id != told_) arrive();
    want_bodies();
    move();
}

void ChainEngine::move()
{
    if (!goal_) return;
    const Node* next = tip_;
    if (tip_ != HeaderTree::fork(tip_, goal_)) {
        actions_.emplace_back(Disconnect{tip_->known.id});
    } else {
        next = HeaderTree::next_towards(tip_, goal_);
        actions_.emplace_back(Connect{next->known.id});
    }
    pending_ = next->known.id;
}

void ChainEngine::finish(const BlockId& id, bool is_on_top)
{
    if (pending_ != id || is_on_top == (id == tip_->known.id))
        throw Error{Exit::bug, "a block was moved that was not asked for"};
    pending_.reset();
    Node* const node = tree_.find(id);
    tip_ = is_on_top ? node : node->parent;
}

void ChainEngine::refuse(const BlockId& id)
{
    if (pending_ != id || id == tip_->known.id)
        throw Error{Exit::bug, "a block was refused that was not asked for"};
    pending_.reset();
    goal_ = nullptr;
    is_wanting_ = true;
    tree_.refuse(tree_.find(id));
}

/// At rest: tells of it, and forgets what can never be taken back.
void ChainEngine::arrive()
{
    told_ = tip_->known.id;
    actions_.emplace_back(TipChanged{told_});
    forget();
    if (!has_more_ ||
        tree_.best()->height().value > tip_->height().value + options_.headers_ahead_max / 2)
        return;
    actions_.emplace_back(AskHeaders{*has_more_, known_ids()});
    has_more_.reset();
}

void ChainEngine::forget()
{
    const auto keep = static_cast<std::uint32_t>(consensus_->reorganisation_max()) + 1;
    const std::uint32_t height = tip_->height().value;
    if (tree_.root()->height().value + keep >= height) return;
    for (Node* node = tip_; node; node = node->parent)
        if (node->height().value % milestone_blocks == 0 && node->height().value + keep < height)
            older_.emplace(node->height(), node->known.id);
    tree_.prune({height - keep}, tip_);
    std::erase_if(seals_, [&](const auto& seal) { return !tree_.find(seal.second.first); });
    std::erase_if(siblings_, [&](const auto& sent) { return !tree_.find(sent.first.first); });
    std::erase_if(wanted_, [&](const BlockId& id) { return !tree_.find(id); });
}

} // namespace cairn
