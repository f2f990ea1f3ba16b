#include "engine/testing.hpp"

using namespace cairn;

// Many headers for one place, and chains that have parted long ago.

TEST_CASE("of headers that one key seals behind one parent two are kept, and many cost their peer")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 50);
    driver.tell_headers(line);
    driver.settle();
    std::vector<KnownHeader> twins;
    for (std::uint8_t mark = 1; mark <= 60; ++mark) {
        twins.push_back(child_of(line[20], {.mark = mark}));
        driver.tell_header(twins.back());
    }
    CHECK(driver.equivocations.size() == 1);
    CHECK(driver.engine().find(twins[0].id) != nullptr);
    CHECK(driver.engine().find(twins[1].id) == nullptr);
    REQUIRE(driver.faults.size() == 59);
    unsigned points = 0;
    for (const PeerFault& fault : driver.faults) points += fault.points;
    CHECK(points >= 100);
    // Who tells of what is on top of its chain cannot know which two are here.
    for (std::size_t i = 0; i < 7; ++i) CHECK(driver.faults[i].points == 0);
    CHECK(driver.faults[7].points == 2);
    CHECK(driver.chain().back().id == line.back().id);
}

TEST_CASE("peers that have met other twins of a key are not charged for theirs, however often")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    auto line = line_of(test_root(), 2);
    driver.tell_headers(line);
    driver.settle();
    for (std::uint8_t block = 0; block < 100; ++block) {
        driver.tell_header(child_of(line.back(), {.mark = 1}));
        driver.tell_header(child_of(line.back(), {.mark = 2}));
        const KnownHeader third = child_of(line.back(), {.mark = 3});
        for (std::uint64_t peer = 5; peer < 8; ++peer) driver.tell(arrival({&third, 1}, {peer}));
        const std::array grown{third, child_of(third, {.mark = block})};
        driver.tell(arrival(grown, {9}));
        driver.settle();
        line.insert(line.end(), grown.begin(), grown.end());
        CHECK(driver.chain().back().id == line.back().id);
    }
    CHECK(driver.faults.size() == 300);
    for (const PeerFault& fault : driver.faults) CHECK(fault.points == 0);
}

TEST_CASE("a third header of a key is taken where it leads to more work")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.proofs_at_once = 3}};
    const auto line = line_of(test_root(), 20);
    driver.tell_headers(line);
    driver.settle();
    driver.tell_header(child_of(line[9], {.mark = 1}));
    const auto long_one = line_of(child_of(line[9], {.mark = 2}), 10, {.mark = 3});
    std::vector<KnownHeader> branch{child_of(line[9], {.mark = 2})};
    branch.insert(branch.end(), long_one.begin(), long_one.end());
    driver.tell_headers(std::span{branch}.first(10)); // as much work
    CHECK(driver.faults.size() == 1);
    CHECK(driver.engine().find(branch[0].id) == nullptr);
    driver.tell_headers(branch);
    driver.settle();
    CHECK(driver.faults.size() == 1);
    CHECK(driver.chain().back().id == branch.back().id);
}

TEST_CASE("a peer tells of so many headers behind one parent, whatever their keys")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.siblings_max = 4}};
    const auto line = line_of(test_root(), 5);
    driver.tell_headers(line);
    driver.settle();
    const auto tell = [&](std::uint8_t sealer, std::uint64_t peer) {
        const KnownHeader child = child_of(line[2], {.sealer = sealer, .mark = sealer});
        driver.tell(arrival({&child, 1}, {peer}));
        return driver.engine().find(child.id) != nullptr;
    };
    for (std::uint8_t sealer = 1; sealer <= 10; ++sealer) CHECK(tell(sealer, 7) == (sealer <= 4));
    CHECK(driver.faults.size() == 6);
    CHECK(tell(11, 8)); // nobody uses up what others may tell of
    CHECK(driver.faults.size() == 6);
}

TEST_CASE("a peer that was cut off for long is not charged for its chain")
{
    const TestConsensus consensus{{.reorganisation_max = 5}};
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 8);
    const auto other = line_of(line[0], 30, {.sealer = 1, .mark = 1});
    driver.tell_headers(std::span{line}.first(4));
    driver.tell_headers(std::span{other}.first(2)); // not too deep yet
    driver.settle();
    driver.tell_headers(std::span{line}.subspan(4));
    driver.settle();
    for (std::size_t i = 2; i < other.size(); ++i) driver.tell_header(other[i]);
    driver.tell_headers(other);
    driver.tell_headers(std::span{other}.subspan(1));
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
    CHECK(!driver.faults.empty());
    for (const PeerFault& fault : driver.faults) CHECK(fault.points == 0);
    // A block that the ledger refuses is another matter.
    const auto bad = line_of(line.back(), 2, {.mark = 4});
    driver.refused.insert(bad[0].id);
    driver.tell_header(bad[0]);
    driver.settle();
    driver.tell_header(bad[1]);
    CHECK(driver.faults.back().points == 100);
}
