#include "engine/testing.hpp"

using namespace cairn;

namespace {

using Data = TestConsensus::Data;

constexpr Data unproven{.truth = TestConsensus::Truth::unproven};

ChainEngineOptions options_of(std::span<const KnownHeader> line, std::uint32_t height)
{
    return {.proofs_at_once = 4, .checkpoint = {{{height}, line[height - 1].id}}};
}

} // namespace

TEST_CASE("without the way to the checkpoint nothing is followed, and then that alone")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 10, {.data = unproven});
    const auto other = line_of(line[4], 10, {.data = Data{.work = 9}, .sealer = 1, .mark = 1});
    EngineDriver driver{consensus, {test_root()}, options_of(line, 8)};
    driver.tell_headers(std::span{line}.first(5));
    REQUIRE(driver.asks.size() == 1);
    CHECK(driver.asks[0].known == std::vector{line[4].id});
    driver.settle();
    CHECK(driver.wants.empty());
    CHECK(!driver.engine().find(line[0].id));

    driver.tell_headers(other); // proven, and much work
    REQUIRE(driver.faults.size() == 1);
    CHECK(driver.faults[0].points == 100);
    CHECK(driver.wants.empty());

    driver.tell(arrival(std::span{line}.first(6), {2}));
    driver.tell(arrival(std::span{line}.subspan(6), {2}));
    CHECK(driver.asks.back().known == std::vector{test_root().id}); // now for good
    CHECK(driver.wants.empty());
    driver.tell(arrival(std::span{line}.first(5), {3}));
    driver.tell_headers(other);
    CHECK(driver.faults.size() == 2); // beside the way
    CHECK(driver.engine().best().id == line[4].id);
    driver.tell_headers(line);
    driver.settle();
    CHECK(driver.chain().back().id == line[7].id);
    REQUIRE(driver.faults.size() == 3); // behind it proofs are looked at
    CHECK(driver.faults[2].reason == "a header that is not proven");
    driver.tell_headers(other);
    CHECK(driver.faults.size() == 4);
    const auto next = line_of(line[7], 3);
    driver.tell_headers(next);
    driver.settle();
    CHECK(driver.chain().back().id == next.back().id);
    // After a start as well.
    driver.restart();
    driver.tell_headers(other);
    driver.tell_headers(line_of(next.back(), 1));
    driver.settle();
    CHECK(driver.chain().size() == 13);
}

TEST_CASE("a chain that nobody has proven is not taken for the one with the checkpoint")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 30);
    const auto cheap = line_of(test_root(), 25, {.data = {.work = 9, .truth = unproven.truth}});
    EngineDriver driver{consensus, {test_root()}, options_of(line, 20)};
    for (std::size_t i = 0; i < cheap.size(); i += 5)
        driver.tell(arrival(std::span{cheap}.subspan(i, 5), {9}));
    driver.settle();
    CHECK(driver.chain().size() == 1);
    CHECK(driver.wants.empty());
    REQUIRE(!driver.faults.empty());
    CHECK(driver.faults[0].points == 100);
    CHECK(driver.faults[0].peer == PeerNumber{9});
    driver.tell_headers(line); // the way
    driver.tell_headers(line); // the headers
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
}

TEST_CASE("so many peers show their ways at a time, and who is slow makes room")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 1200);
    ChainEngineOptions options = options_of(line, 1100);
    options.ways_max = 2;
    EngineDriver driver{consensus, {test_root()}, options};
    for (std::uint64_t peer = 1; peer <= 3; ++peer)
        driver.tell(arrival(std::span{line}.first(10), {peer}));
    CHECK(driver.asks.size() == 2);
    CHECK(driver.wakes.size() == 2);
    driver.tell(arrival(std::span{line}.subspan(10, 490), {2}));
    driver.now_s += 60;
    driver.tell(ClockTicked{});
    CHECK(driver.asks.size() == 4);
    CHECK(driver.asks.back().peer == PeerNumber{3});
    driver.tell(arrival(std::span{line}.first(600), {3}));
    driver.tell(arrival(std::span{line}.first(600), {1})); // has to wait
    CHECK(driver.asks.size() == 5);
    driver.tell(arrival(std::span{line}.subspan(500), {2})); // is there
    CHECK(driver.asks.back().peer == PeerNumber{2});
    CHECK(driver.faults.empty());
    driver.tell_headers(line);
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
}

TEST_CASE("a way may begin anywhere in what is known, and has all its blocks in order")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 30, {.data = unproven});
    std::vector<KnownHeader> chain{test_root()};
    chain.insert(chain.end(), line.begin(), line.begin() + 10);
    const auto branch = line_of(line[6], 9, {.sealer = 1, .mark = 1});
    std::vector<KnownHeader> parted{chain.begin(), chain.begin() + 8};
    parted.insert(parted.end(), branch.begin(), branch.end());
    for (const bool is_parted : {false, true}) {
        CAPTURE(is_parted);
        const auto& begun = is_parted ? parted : chain;
        EngineDriver driver{consensus, begun, options_of(line, 25)};
        driver.may_lose_work = true;
        driver.tell_headers(std::span{line}.first(5)); // known, but there may be more
        REQUIRE(driver.asks.size() == 1);
        CHECK(driver.asks[0].known == std::vector{line[4].id});
        driver.tell_headers(line);
        CHECK(driver.asks.back().known == std::vector{line[is_parted ? 6 : 9].id});
        CHECK(driver.chain().back().id == begun.back().id); // until more is here
        driver.tell_header(child_of(begun.back(), {.sealer = 7}));
        CHECK(driver.faults.size() == 1);
        driver.tell_headers(line);
        driver.settle();
        CHECK(driver.chain().back().id == line[24].id);
    }
}

TEST_CASE("a chain that has left the checkpoint's too long ago stops")
{
    const TestConsensus consensus{{.reorganisation_max = 3}};
    const auto line = line_of(test_root(), 8);
    for (const std::size_t ahead : {2U, 3U, 4U}) {
        CAPTURE(ahead);
        const auto other = line_of(line[0], ahead, {.sealer = 1, .mark = 1});
        std::vector<KnownHeader> chain{test_root(), line[0]};
        chain.insert(chain.end(), other.begin(), other.end());
        EngineDriver driver{consensus, chain, options_of(line, 8)};
        driver.may_lose_work = true;
        driver.tell_headers(line);
        CHECK(driver.engine().is_halted() == (ahead > 3));
        if (ahead > 3) continue;
        driver.tell_headers(line);
        driver.settle();
        CHECK(driver.chain().back().id == line[7].id);
    }
}

TEST_CASE("a refused block before the checkpoint stops everything")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 12);
    EngineDriver driver{consensus, {test_root()}, options_of(line, 8)};
    driver.refused.insert(line[3].id);
    driver.tell_headers(line);
    driver.tell_headers(std::span{line}.first(6));
    driver.settle();
    CHECK(driver.chain().back().id == line[2].id);
    CHECK(!driver.engine().is_halted());
    driver.tell_headers(std::span{line}.subspan(6, 1));
    CHECK(driver.engine().is_halted());
    CHECK(driver.halts.size() == 1);
}
