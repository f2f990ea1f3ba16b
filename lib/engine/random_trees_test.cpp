#include "engine/testing.hpp"

// The same blocks in random orders, against a model that knows all of them.

using namespace cairn;

namespace {

using Data = TestConsensus::Data;

/// Whether one chain is better than another, from whole chains, behind their common root.
bool is_better_chain(const Consensus& consensus, std::span<const KnownHeader* const> a,
                     std::span<const KnownHeader* const> b)
{
    const auto work = [](std::span<const KnownHeader* const> chain) {
        return chain.empty() ? Work{} : chain.back()->state.work;
    };
    if (work(a) != work(b)) return work(a) > work(b);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (a[i]->id != b[i]->id) return consensus.is_better(a[i]->header, b[i]->header);
    return false;
}

/// Some blocks, each behind the root or another of them.
class Forest {
public:
    Forest(Dice& dice, std::size_t count) : root_{test_root()}
    {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t parent = dice.below(3) != 0 && i > 0
                                           ? i - 1 - dice.below(std::min<std::size_t>(i, 3))
                                           : dice.below(i + 1);
            parents_.push_back(parent == i ? none : parent);
            const KnownHeader& before = parent == i ? root_ : blocks_[parent];
            blocks_.push_back(
                child_of(before, {.data = Data{.work = std::uint8_t(1 + dice.below(3)),
                                               .place = std::uint8_t(dice.below(3))},
                                  .sealer = std::uint8_t(i),
                                  .mark = std::uint8_t(i)}));
        }
    }

    [[nodiscard]] const KnownHeader& root() const { return root_; }
    [[nodiscard]] const std::vector<KnownHeader>& blocks() const { return blocks_; }

    /// From behind the root to a block.
    [[nodiscard]] std::vector<const KnownHeader*> chain_to(std::size_t block) const
    {
        std::vector<const KnownHeader*> chain;
        for (; block != none; block = parents_[block]) chain.insert(chain.begin(), &blocks_[block]);
        return chain;
    }

    /// The end of the best chain without any block that is left out.
    [[nodiscard]] BlockId best(const Consensus& consensus, const std::set<BlockId>& without) const
    {
        std::vector<const KnownHeader*> best;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            const auto chain = chain_to(i);
            const auto is_out = [&](const KnownHeader* known) {
                return without.contains(known->id);
            };
            if (std::ranges::none_of(chain, is_out) && is_better_chain(consensus, chain, best))
                best = chain;
        }
        return best.empty() ? root_.id : best.back()->id;
    }

private:
    static constexpr std::size_t none = SIZE_MAX;

    KnownHeader root_;
    std::vector<KnownHeader> blocks_;
    std::vector<std::size_t> parents_;
};

/// Some of a forest's blocks.
std::set<BlockId> some_of(Dice& dice, const Forest& forest, std::uint64_t one_in)
{
    std::set<BlockId> ids;
    for (const KnownHeader& block : forest.blocks())
        if (dice.below(one_in) == 0) ids.insert(block.id);
    return ids;
}

/// All of a forest's blocks, told of in random order, with transactions and moves in between, and
/// sometimes a start.
void shake(EngineDriver& driver, const Forest& forest, Dice& dice, bool may_restart)
{
    std::vector<KnownHeader> order = forest.blocks();
    std::size_t given = 0;
    for (int round = 0; round < 3; ++round) {
        dice.shuffle(order);
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (driver.engine().find(order[i].header.parent)) driver.tell_header(order[i]);
            for (std::uint64_t n = dice.below(3); n > 0 && driver.is_moving(); --n) driver.move();
            while (given < driver.wants.size() && dice.below(2) == 0) {
                const BlockId id = driver.wants[given++];
                if (!driver.withheld.contains(id)) driver.store(id);
            }
            if (may_restart && dice.below(40) == 0) {
                driver.restart();
                given = 0;
            }
        }
    }
    std::vector<KnownHeader> all = forest.blocks(); // parents first
    for (const KnownHeader& block : all) driver.tell_header(block);
    driver.settle();
}

} // namespace

TEST_CASE("after any order of headers, bodies, moves and refusals the best chain is followed")
{
    const TestConsensus consensus;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const Forest forest{dice, 1 + dice.below(24)};
        const bool is_complete = dice.below(2) == 0;
        // Bodies that never come take places for good.
        const std::size_t bodies_max = is_complete ? 1 + dice.below(12) : 512;
        EngineDriver driver{consensus, {forest.root()}, {.bodies_ahead_max = bodies_max}};
        if (dice.below(2) == 0) driver.refused = some_of(dice, forest, 6);
        if (!is_complete) driver.withheld = some_of(dice, forest, 6);
        shake(driver, forest, dice, seed % 3 == 0);
        std::set<BlockId> without = driver.refused;
        without.insert(driver.withheld.begin(), driver.withheld.end());
        REQUIRE(driver.chain().back().id == forest.best(consensus, without));
        for (const BlockId& id : std::exchange(driver.withheld, {})) driver.store(id);
        driver.settle();
        REQUIRE(driver.chain().back().id == forest.best(consensus, driver.refused));
    }
}
