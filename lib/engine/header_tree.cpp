#include "engine/header_tree.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace cairn {

std::size_t HeaderTree::IdHash::operator()(const BlockId& id) const noexcept
{
    std::size_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof hash);
    return hash;
}

HeaderTree::HeaderTree(const Consensus& consensus, KnownHeader root) : consensus_{&consensus}
{
    auto node = std::make_unique<Node>();
    node->known = std::move(root);
    node->stage = BlockStage::stored;
    node->is_ready = true;
    root_ = best_ = best_ready_ = node.get();
    ends_.push_back(root_);
    nodes_.emplace(root_->known.id, std::move(node));
}

HeaderTree::Node* HeaderTree::find(const BlockId& id)
{
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : found->second.get();
}

HeaderTree::Node* HeaderTree::add(Node* parent, KnownHeader known)
{
    assert(known.header.parent == parent->known.id && !find(known.id));
    auto owned = std::make_unique<Node>();
    Node* const node = owned.get();
    node->known = std::move(known);
    node->parent = parent;
    if (parent->stage == BlockStage::bad) node->stage = BlockStage::bad;
    parent->children.push_back(node);
    nodes_.emplace(node->known.id, std::move(owned));
    if (node->stage == BlockStage::bad) return node;
    std::erase(ends_, parent);
    ends_.push_back(node);
    if (is_better(node, best_)) best_ = node;
    return node;
}

void HeaderTree::store(Node* node)
{
    if (node->stage != BlockStage::header) return;
    node->stage = BlockStage::stored;
    if (node->parent->is_ready) make_ready(node);
}

/// A block that is stored, as are all before it; perhaps some behind it have waited for it.
void HeaderTree::make_ready(Node* node)
{
    std::vector<Node*> open{node};
    while (!open.empty()) {
        Node* const ready = open.back();
        open.pop_back();
        if (ready->stage != BlockStage::stored) continue;
        ready->is_ready = true;
        if (is_better(ready, best_ready_)) best_ready_ = ready;
        open.insert(open.end(), ready->children.begin(), ready->children.end());
    }
}

void HeaderTree::refuse(Node* node, bool is_deep)
{
    std::vector<Node*> open{node};
    while (!open.empty()) {
        Node* const bad = open.back();
        open.pop_back();
        bad->is_deep = is_deep && (bad->stage != BlockStage::bad || bad->is_deep);
        bad->stage = BlockStage::bad;
        bad->is_ready = false;
        open.insert(open.end(), bad->children.begin(), bad->children.end());
    }
    const auto is_bad = [](const Node* each) { return each->stage == BlockStage::bad; };
    std::erase_if(ends_, is_bad);
    Node* const parent = node->parent;
    if (parent && !is_bad(parent) && std::ranges::all_of(parent->children, is_bad) &&
        std::ranges::find(ends_, parent) == ends_.end())
        ends_.push_back(parent);
    if (is_bad(best_) || is_bad(best_ready_)) find_best();
}

void HeaderTree::find_best()
{
    best_ = best_ready_ = root_;
    std::vector<Node*> open{root_};
    while (!open.empty()) {
        Node* const node = open.back();
        open.pop_back();
        if (node->stage == BlockStage::bad) continue;
        if (is_better(node, best_)) best_ = node;
        if (node->is_ready && is_better(node, best_ready_)) best_ready_ = node;
        open.insert(open.end(), node->children.begin(), node->children.end());
    }
}

bool HeaderTree::is_better(const Node* a, const Node* b) const
{
    if (a == b) return false;
    if (a->known.state.work != b->known.state.work)
        return a->known.state.work > b->known.state.work;
    while (a->height() > b->height()) a = a->parent;
    while (b->height() > a->height()) b = b->parent;
    if (a == b) return false; // one is behind the other, and adds nothing
    while (a->parent != b->parent) {
        a = a->parent;
        b = b->parent;
    }
    return consensus_->is_better(a->known.header, b->known.header);
}

HeaderTree::Node* HeaderTree::fork(Node* a, Node* b)
{
    while (a->height() > b->height()) a = a->parent;
    while (b->height() > a->height()) b = b->parent;
    while (a != b) {
        a = a->parent;
        b = b->parent;
    }
    return a;
}

HeaderTree::Node* HeaderTree::next_towards(const Node* from, Node* end)
{
    while (end->parent != from) end = end->parent;
    return end;
}

void HeaderTree::prune(Height height, Node* end)
{
    Node* root = end;
    while (root->height() > height && root->parent) root = root->parent;
    if (root == root_) return;
    const BlockId best = best_->known.id;
    const BlockId best_ready = best_ready_->known.id;
    std::vector<Node*> open{root_};
    while (!open.empty()) {
        const Node* const gone = open.back();
        open.pop_back();
        if (gone == root) continue;
        open.insert(open.end(), gone->children.begin(), gone->children.end());
        std::erase(ends_, gone);
        nodes_.erase(BlockId{gone->known.id});
    }
    root_ = root;
    root_->parent = nullptr;
    best_ = find(best);
    best_ready_ = find(best_ready);
    if (!best_ || !best_ready_) find_best();
}

} // namespace cairn
