#include "engine/testing.hpp"

// Branches, bodies that are missing or refused, and starts in between.

using namespace cairn;

namespace {

using Data = TestConsensus::Data;

/// A driver whose root has grown by some blocks.
EngineDriver grown(const Consensus& consensus, std::span<const KnownHeader> line,
                   ChainEngineOptions options = {})
{
    EngineDriver driver{consensus, {test_root()}, options};
    driver.tell_headers(line);
    driver.settle();
    return driver;
}

} // namespace

TEST_CASE("a chain with more work is followed, as deep as blocks may be taken back")
{
    const TestConsensus consensus{{.reorganisation_max = 6}};
    const auto line = line_of(test_root(), 20);
    for (const std::size_t depth : {1U, 5U, 6U, 7U, 8U}) {
        CAPTURE(depth);
        EngineDriver driver = grown(consensus, line);
        const auto branch = line_of(line[19 - depth], depth + 1, {.sealer = 1, .mark = 1});
        driver.tell_headers(branch);
        driver.settle();
        CHECK((driver.chain().back().id == branch.back().id) == (depth <= 6));
        if (depth > 7) CHECK(driver.asks.back().known.size() > 1); // it knows nothing that deep
        if (depth == 7) {
            CHECK(driver.faults.size() == 1);
            CHECK(driver.faults[0].points == 0);
        }
        const auto more = line_of(driver.chain().back(), 30, {.sealer = 2, .mark = 2});
        driver.tell_headers(more);
        driver.settle();
        CHECK(driver.chain().back().id == more.back().id);
    }
}

TEST_CASE("a branch that has become too deep is given up, even if it has more work")
{
    const TestConsensus consensus{{.reorganisation_max = 4}};
    const auto line = line_of(test_root(), 12);
    EngineDriver driver = grown(consensus, std::span{line}.first(8));
    const auto branch = line_of(line[4], 12, {.data = Data{.work = 3}, .sealer = 1, .mark = 1});
    driver.withheld.insert(branch[0].id);
    driver.tell_headers(branch);
    driver.settle();
    CHECK(driver.engine().best().id == branch.back().id);
    driver.tell_headers(std::span{line}.subspan(8));
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
    CHECK(driver.engine().best().id == line.back().id);
    driver.store(branch[0].id);
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
}

TEST_CASE("a better block whose transactions never come stops nobody")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 3);
    EngineDriver driver = grown(consensus, line);
    const auto good = line_of(line[2], 2, {.data = Data{.place = 1}, .sealer = 1});
    auto lost = line_of(line[2], 2, {.data = Data{.place = 0}, .sealer = 2});
    driver.withheld.insert(lost[0].id);
    driver.tell_headers(lost);
    driver.tell_headers(std::span{good}.first(1));
    driver.settle();
    CHECK(driver.chain().back().id == good[0].id);
    CHECK(driver.engine().best().id == lost[1].id);
    driver.tell_headers(std::span{good}.subspan(1));
    driver.settle();
    CHECK(driver.chain().back().id == good[1].id);
    driver.store(lost[0].id);
    driver.settle();
    CHECK(driver.chain().back().id == lost[1].id); // of the same work, and better
}

TEST_CASE("as many bodies as may be asked for that never come leave room for others")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.bodies_ahead_max = 8}};
    const auto lost = line_of(test_root(), 40, {.sealer = 1});
    for (const KnownHeader& header : lost) driver.withheld.insert(header.id);
    driver.tell_headers(lost);
    driver.settle();
    CHECK(driver.wants.size() == 8);
    const auto weak = line_of(test_root(), 20, {.sealer = 2, .mark = 1});
    driver.tell_headers(weak);
    driver.settle();
    CHECK(driver.chain().back().id == weak.back().id);
    const auto good = line_of(test_root(), 41, {.sealer = 3, .mark = 2});
    driver.tell_headers(good);
    driver.settle();
    CHECK(driver.chain().back().id == good.back().id);
}

TEST_CASE("of many better chains whose transactions never come none stops the others")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.bodies_ahead_max = 8}};
    std::vector<std::vector<KnownHeader>> lines;
    for (std::uint8_t i = 0; i < 5; ++i) {
        lines.push_back(
            line_of(test_root(), 20, {.data = Data{.place = i}, .sealer = i, .mark = i}));
        if (i < 4)
            for (const KnownHeader& header : lines.back()) driver.withheld.insert(header.id);
    }
    driver.withheld.erase(lines[0][0].id);
    driver.refused.insert(lines[0][0].id);
    for (const auto& line : lines) driver.tell_headers(line);
    driver.settle();
    CHECK(driver.chain().back().id == lines[4].back().id);
}

TEST_CASE("a block that is refused in the middle of a branch leads back to the best that is left")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 8);
    const auto branch = line_of(line[3], 9, {.sealer = 1, .mark = 1});
    for (std::size_t place = 0; place < branch.size(); ++place) {
        CAPTURE(place);
        EngineDriver driver = grown(consensus, line);
        driver.tips.clear();
        driver.refused.insert(branch[place].id);
        driver.tell_headers(branch);
        driver.settle();
        if (place < 4) {
            CHECK(driver.chain().back().id == line.back().id);
            CHECK(driver.tips.empty()); // it is at rest where it was
        } else {
            const bool is_equal = place == 4;
            const BlockId& last = place == 0 ? line[3].id : branch[place - 1].id;
            if (is_equal)
                CHECK(driver.engine().tip().state.work == line.back().state.work);
            else
                CHECK(driver.chain().back().id == last);
        }
        driver.tell(arrival(std::span{branch}.subspan(0, place + 1), {5}));
        CHECK(driver.faults.empty()); // known, and no fault of the peer's
        const KnownHeader behind = child_of(branch.back());
        driver.tell_header(behind);
        REQUIRE(driver.faults.size() == 1);
        CHECK(driver.faults[0].points == 100);
        CHECK(!driver.engine().find(behind.id));
    }
}

TEST_CASE("a chain that ends at a refused block is told of as the tip")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 5);
    EngineDriver driver{consensus, {test_root()}};
    driver.refused.insert(line[3].id);
    driver.withheld.insert(line[0].id); // so that they all come at once
    driver.tell_headers(line);
    driver.settle();
    driver.store(line[0].id);
    driver.settle();
    CHECK(driver.chain().back().id == line[2].id);
    CHECK(driver.tips == std::vector{line[2].id});
    CHECK(driver.engine().best().id == line[2].id);
}

TEST_CASE("headers that come while the chain moves are followed when it has arrived")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 6);
    const auto branch = line_of(line[1], 6, {.sealer = 1, .mark = 1});
    const auto third = line_of(branch[2], 9, {.sealer = 2, .mark = 2});
    for (std::size_t moves = 0; moves < 10; ++moves)
        for (const bool is_refused : {false, true}) {
            EngineDriver driver = grown(consensus, line);
            driver.tell_headers(branch);
            for (const KnownHeader& header : branch) driver.store(header.id);
            for (std::size_t i = 0; i < moves && driver.is_moving(); ++i) driver.move();
            driver.tell_headers(third);
            for (const KnownHeader& header : third) driver.store(header.id);
            if (is_refused) driver.refused.insert(third[1].id);
            driver.settle();
            CHECK(driver.chain().back().id == (is_refused ? branch.back().id : third.back().id));
        }
}

TEST_CASE("of chains of the same work the same one is followed, whichever comes first")
{
    const TestConsensus consensus;
    Dice dice{11};
    for (int round = 0; round < 2; ++round) {
        // Three chains of the same work, of which two part later.
        const KnownHeader root = test_root();
        std::vector<KnownHeader> blocks;
        const auto add = [&](const KnownHeader& parent, std::uint8_t work) {
            const auto place = std::uint8_t(dice.below(2));
            blocks.push_back(child_of(parent, {.data = Data{.work = work, .place = place},
                                               .sealer = std::uint8_t(blocks.size()),
                                               .mark = std::uint8_t(dice.below(200))}));
            return blocks.back();
        };
        const KnownHeader stem = add(root, 1);
        (void)add(add(stem, 1), 1);
        (void)add(stem, 2);
        (void)add(add(root, 2), 1);
        std::vector<std::size_t> order(blocks.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::set<BlockId> tips;
        std::size_t orders = 0;
        do {
            EngineDriver driver{consensus, {root}};
            for (int again = 0; again < 3; ++again) // so that parents are there at last
                for (const std::size_t i : order) driver.tell_header(blocks[i]);
            driver.settle();
            tips.insert(driver.chain().back().id);
            ++orders;
        } while (std::ranges::next_permutation(order).found);
        CHECK(orders == 720);
        CHECK(tips.size() == 1);
    }
}

TEST_CASE("an engine that starts anew from the last part of a chain goes on")
{
    const TestConsensus consensus{{.reorganisation_max = 5}};
    const auto line = line_of(test_root(), 30);
    EngineDriver driver = grown(consensus, std::span{line}.first(20));
    driver.restart();
    CHECK(driver.engine().tip().id == line[19].id);
    driver.tell_headers(line); // from the beginning on: known, and long forgotten
    CHECK(driver.asks.back().known.front() == line[19].id);
    driver.tell_headers(std::span{line}.subspan(20));
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
    driver.restart();
    const auto branch = line_of(line[24], 6, {.sealer = 1, .mark = 1});
    driver.tell_headers(branch);
    driver.settle();
    CHECK(driver.chain().back().id == branch.back().id);
    CHECK(driver.engine().known_ids().front() == branch.back().id);
}

TEST_CASE("ids of old blocks are kept, thinned out, for peers that know no others")
{
    const TestConsensus consensus{{.reorganisation_max = 50}};
    const auto line = line_of(test_root(), 2200);
    EngineDriver driver = grown(consensus, line);
    const std::vector<BlockId> ids = driver.engine().known_ids();
    for (const BlockId& id : {test_root().id, line[1023].id, line[2047].id, line[2199].id})
        CHECK(std::ranges::count(ids, id) == 1);
    CHECK(ids.back() == test_root().id);
    CHECK(ids.size() < 25);
    CHECK(!driver.engine().find(line[2100].id));
    CHECK(driver.engine().find(line[2199 - 50].id));
}
