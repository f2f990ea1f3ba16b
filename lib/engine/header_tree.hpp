#pragma once

#include "engine/consensus.hpp"

#include <map>
#include <unordered_map>

// The headers that are known from some block on, as a tree, and which of its chains is the best.

namespace cairn {

/// How far a block has come.
enum class BlockStage : std::uint8_t {
    header, ///< its header is right, as far as headers tell
    stored, ///< its transactions are here
    bad,    ///< it, or one before it, is refused
};

class HeaderTree {
public:
    /// From a block that will never be taken back.
    HeaderTree(const Consensus& consensus, KnownHeader root);

    struct Node {
        KnownHeader known;
        Node* parent = nullptr; ///< none of the root
        BlockStage stage = BlockStage::header;
        bool is_ready = false; ///< it and all before it are stored
        bool is_deep = false;  ///< refused because it parts too far back, and for nothing else
        std::vector<Node*> children;

        [[nodiscard]] Height height() const { return known.header.height; }
    };

    [[nodiscard]] Node* root() { return root_; }
    [[nodiscard]] Node* find(const BlockId& id);
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

    /// Adds a header that is right, behind one that is here.
    Node* add(Node* parent, KnownHeader known);

    /// Marks a block whose transactions are here.
    void store(Node* node);

    /// Marks a block and all behind it as refused; as deep, if they only part too far back.
    void refuse(Node* node, bool is_deep = false);

    /// The best of all chains' ends that are not refused: the most work, then the better header
    /// where two chains part.
    [[nodiscard]] Node* best() const { return best_; }

    /// The best of all chains whose transactions are here to the end.
    [[nodiscard]] Node* best_ready() const { return best_ready_; }

    /// Where chains end: blocks that are not refused, with none behind them that is not. In no
    /// order.
    [[nodiscard]] const std::vector<Node*>& ends() const { return ends_; }

    /// Whether the chain that ends in a is better than that which ends in b.
    [[nodiscard]] bool is_better(const Node* a, const Node* b) const;

    /// The last block that is in both chains.
    [[nodiscard]] static Node* fork(Node* a, Node* b);

    /// The block of a chain behind one of its blocks. Needs a chain with `from` before its end.
    [[nodiscard]] static Node* next_towards(const Node* from, Node* end);

    /// Makes the block of a height in the chain to `end` the root, and forgets all that is not
    /// behind it.
    void prune(Height height, Node* end);

private:
    struct IdHash {
        std::size_t operator()(const BlockId& id) const noexcept;
    };

    void make_ready(Node* node);
    void find_best();

    const Consensus* consensus_;
    std::unordered_map<BlockId, std::unique_ptr<Node>, IdHash>
        nodes_; // looked up, not gone through
    std::vector<Node*> ends_;
    Node* root_;
    Node* best_;
    Node* best_ready_;
};

} // namespace cairn
