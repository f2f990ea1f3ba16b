#include "engine/testing.hpp"

using namespace cairn;

namespace {

using Data = TestConsensus::Data;
using Node = HeaderTree::Node;

/// All headers of a tree, each with its parent's place, and what was said of them.
struct Plain {
    struct Item {
        KnownHeader known;
        std::size_t parent = 0; // its own place: none
        bool is_stored = false;
        bool is_refused = false;
        bool is_gone = false;
    };
    std::vector<Item> items;

    [[nodiscard]] std::vector<std::size_t> path(std::size_t item) const
    {
        std::vector<std::size_t> path{item};
        while (items[path.back()].parent != path.back()) path.push_back(items[path.back()].parent);
        return {path.rbegin(), path.rend()};
    }
    [[nodiscard]] bool is_refused(std::size_t item) const
    {
        return std::ranges::any_of(path(item), [&](std::size_t i) { return items[i].is_refused; });
    }
    [[nodiscard]] bool is_ready(std::size_t item) const
    {
        return std::ranges::all_of(path(item), [&](std::size_t i) { return items[i].is_stored; });
    }
    [[nodiscard]] bool is_better(const Consensus& consensus, std::size_t a, std::size_t b) const
    {
        const Work work_a = items[a].known.state.work;
        const Work work_b = items[b].known.state.work;
        if (work_a != work_b) return work_a > work_b;
        const auto path_a = path(a);
        const auto path_b = path(b);
        for (std::size_t i = 0; i < std::min(path_a.size(), path_b.size()); ++i)
            if (path_a[i] != path_b[i])
                return consensus.is_better(items[path_a[i]].known.header,
                                           items[path_b[i]].known.header);
        return false;
    }
    [[nodiscard]] std::size_t best(const Consensus& consensus, bool must_be_ready) const
    {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].is_gone || is_refused(i) || (must_be_ready && !is_ready(i))) continue;
            if (!best || is_better(consensus, i, *best)) best = i;
        }
        return *best;
    }
};

void check(HeaderTree& tree, const Plain& plain, const Consensus& consensus)
{
    REQUIRE(tree.best()->known.id == plain.items[plain.best(consensus, false)].known.id);
    REQUIRE(tree.best_ready()->known.id == plain.items[plain.best(consensus, true)].known.id);
    std::size_t count = 0;
    for (std::size_t i = 0; i < plain.items.size(); ++i) {
        const Node* const node = tree.find(plain.items[i].known.id);
        REQUIRE((node == nullptr) == plain.items[i].is_gone);
        if (!node) continue;
        ++count;
        REQUIRE((node->stage == BlockStage::bad) == plain.is_refused(i));
        REQUIRE(node->is_ready == (plain.is_ready(i) && !plain.is_refused(i)));
    }
    REQUIRE(tree.size() == count);
}

void check_pair(HeaderTree& tree, const Plain& plain, const Consensus& consensus, std::size_t a,
                std::size_t b)
{
    if (plain.items[a].is_gone || plain.items[b].is_gone) return;
    Node* const node_a = tree.find(plain.items[a].known.id);
    Node* const node_b = tree.find(plain.items[b].known.id);
    REQUIRE(tree.is_better(node_a, node_b) == plain.is_better(consensus, a, b));
    REQUIRE(!(tree.is_better(node_a, node_b) && tree.is_better(node_b, node_a)));
    const auto path_a = plain.path(a);
    const auto path_b = plain.path(b);
    std::size_t same = 0;
    while (same < path_a.size() && same < path_b.size() && path_a[same] == path_b[same]) ++same;
    Node* const fork = HeaderTree::fork(node_a, node_b);
    REQUIRE(fork->known.id == plain.items[path_a[same - 1]].known.id);
    if (same < path_a.size())
        REQUIRE(HeaderTree::next_towards(fork, node_a)->known.id ==
                plain.items[path_a[same]].known.id);
}

/// Makes an item of the chain to another the root.
void prune(HeaderTree& tree, Plain& plain, std::size_t end, std::size_t depth)
{
    const auto path = plain.path(end);
    const std::size_t root = path[path.size() - 1 - std::min(depth, path.size() - 1)];
    tree.prune(plain.items[root].known.header.height, tree.find(plain.items[end].known.id));
    for (std::size_t i = 0; i < plain.items.size(); ++i) {
        const auto way = plain.path(i);
        if (std::ranges::find(way, root) == way.end()) plain.items[i].is_gone = true;
    }
    plain.items[root].parent = root;
    REQUIRE(tree.root()->known.id == plain.items[root].known.id);
    REQUIRE(!tree.root()->parent);
}

} // namespace

TEST_CASE("a tree of headers is what a plain list of them says")
{
    const TestConsensus consensus;
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        HeaderTree tree{consensus, test_root()};
        Plain plain{{{test_root(), 0, true, false, false}}};
        for (int step = 0; step < 60; ++step) {
            const std::size_t some = dice.below(plain.items.size());
            Plain::Item& item = plain.items[some];
            if (item.is_gone) continue;
            Node* const node = tree.find(item.known.id);
            switch (dice.below(12)) {
            case 0:
                if (dice.below(4) == 0 && node->parent) {
                    item.is_refused = true;
                    tree.refuse(node);
                }
                break;
            case 1:
                if (dice.below(8) == 0 && plain.is_ready(some) && !plain.is_refused(some))
                    prune(tree, plain, some, dice.below(6));
                break;
            case 2:
            case 3:
            case 4:
                item.is_stored = true;
                tree.store(node);
                break;
            default: {
                const auto work = std::uint8_t(1 + dice.below(3));
                const auto place = std::uint8_t(dice.below(3));
                const KnownHeader child =
                    child_of(item.known, {.data = Data{.work = work, .place = place},
                                          .mark = std::uint8_t(step)});
                REQUIRE(tree.add(node, child)->known.id == child.id);
                plain.items.push_back({child, some, false, false, false});
            }
            }
            check(tree, plain, consensus);
        }
        for (std::size_t a = 0; a < plain.items.size(); ++a)
            check_pair(tree, plain, consensus, a, dice.below(plain.items.size()));
    }
}

TEST_CASE("work adds up beyond 64 bits")
{
    Work work{UINT64_MAX};
    work.value += UINT64_MAX;
    CHECK(work > Work{UINT64_MAX});
    CHECK(work.value == (Uint128{1} << 65U) - 2);
}
