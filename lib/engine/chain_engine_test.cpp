#include "engine/testing.hpp"

using namespace cairn;

namespace {

std::vector<BlockId> ids_of(std::span<const KnownHeader> headers)
{
    std::vector<BlockId> ids;
    for (const KnownHeader& known : headers) ids.push_back(known.id);
    return ids;
}

/// The ids of a driver's chain behind its first block.
std::vector<BlockId> chain_of(const EngineDriver& driver)
{
    return ids_of(std::span{driver.chain()}.subspan(1));
}

} // namespace

TEST_CASE("a chain grows block by block, each asked for, connected and told of")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 5);
    for (const KnownHeader& header : line) {
        driver.tell_header(header);
        CHECK(driver.wants.back() == header.id);
        CHECK(driver.engine().best().id == header.id);
        CHECK(driver.engine().tip().id == header.header.parent);
        driver.settle();
    }
    CHECK(chain_of(driver) == ids_of(line));
    CHECK(driver.tips == ids_of(line));
    CHECK(driver.wants == ids_of(line));
    CHECK(driver.asks.empty());
    CHECK(driver.faults.empty());
    driver.tell_headers(line); // again: nothing new, but there may be more behind
    CHECK(driver.asks.size() == 1);
    CHECK(driver.asks.back().known == std::vector{line.back().id});
    driver.tell_headers({});
    CHECK(driver.asks.size() == 1);
    CHECK(driver.wants.size() == 5);
}

TEST_CASE("many headers are proven some at a time, and then more are asked for")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.proofs_at_once = 16}};
    const auto line = line_of(test_root(), 100);
    driver.tell_headers(line);
    CHECK(consensus.most_at_once() == 16);
    CHECK(driver.asks.size() == 1);
    CHECK(driver.asks[0].known == std::vector{line.back().id});
    CHECK(driver.wants == ids_of(line));
    driver.settle();
    CHECK(chain_of(driver) == ids_of(line));
}

TEST_CASE("a peer whose chain has parted too far in the past is not asked again and again")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 60);
    const auto answer = std::span{line}.subspan(20, 30); // from where nothing is known
    driver.tell_header(line[55]);
    driver.tell_headers(answer);
    CHECK(driver.asks.size() == 1);
    CHECK(driver.faults.size() == 1);
    driver.tell_headers(answer); // an announcement of many
    driver.tell_headers(answer); // and the answer
    CHECK(driver.asks.size() == 2);
    CHECK(driver.faults.size() == 2);
    driver.tell_headers(std::span{line}.first(20));
    driver.tell_headers(answer);
    driver.settle();
    CHECK(driver.chain().back().id == line[49].id);
    CHECK(driver.faults.size() == 2);
}

TEST_CASE("headers whose parents are unknown make the engine ask for what is between")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 60);
    driver.tell_headers(std::span{line}.first(50));
    driver.settle();
    driver.asks.clear();
    driver.tell_header(line[55]);
    REQUIRE(driver.asks.size() == 1);
    const std::vector<BlockId>& known = driver.asks[0].known;
    CHECK(known.front() == line[49].id);
    CHECK(known.back() == test_root().id); // whatever chain a peer has, this block is in it
    CHECK(known[10] == line[39].id);
    CHECK(known.size() < 20);
    CHECK(driver.faults.empty());
    driver.tell_headers(std::span{line}.subspan(45)); // some of them known
    driver.settle();
    CHECK(driver.chain().back().id == line.back().id);
}

TEST_CASE("what no honest peer sends costs it")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 3);
    const auto points = [&](std::vector<KnownHeader> headers) {
        EngineDriver driver{consensus, {test_root()}};
        driver.tell_headers(line);
        driver.settle();
        driver.asks.clear();
        driver.tell(arrival(headers, {9}));
        unsigned sum = 0;
        for (const PeerFault& fault : driver.faults) {
            CHECK(fault.peer == PeerNumber{9});
            CHECK(!fault.reason.empty());
            sum += fault.points;
        }
        CHECK(driver.chain().back().id == line.back().id);
        CHECK(driver.asks.empty());
        return sum;
    };
    const auto changed = [&](auto change) {
        KnownHeader child = child_of(line.back());
        change(child.header);
        child.id = block_id(child.header);
        return child;
    };
    using Data = TestConsensus::Data;
    CHECK(points({child_of(line.back(), {.data = Data{.truth = TestConsensus::Truth::wrong}})}) ==
          100);
    CHECK(points({child_of(line.back(),
                           {.data = Data{.truth = TestConsensus::Truth::unproven}})}) == 100);
    CHECK(points({changed([](Header& header) { header.height.value += 1; })}) == 100);
    CHECK(points({changed([](Header& header) { header.height.value -= 1; })}) == 100);
    CHECK(points({changed([](Header& header) { header.height.value = 0; })}) == 100);
    CHECK(points({changed([](Header& header) { header.chain = filled<NetworkId>(8); })}) == 100);
    // Headers that do not follow each other: what is before them is of use.
    const auto more = line_of(line.back(), 2, {.mark = 1});
    const auto other = line_of(line.front(), 1, {.mark = 2});
    CHECK(points({line[2], other[0]}) == 100);
    CHECK(points({line[2], line[2]}) == 100);
    CHECK(points({line[1], line[0]}) == 100);
}

TEST_CASE("whatever is behind the first headers of a message, it has to follow them")
{
    const TestConsensus consensus;
    const auto line = line_of(test_root(), 16);
    const auto lost = line_of(child_of(test_root(), {.mark = 9}), 2);
    for (const std::size_t before : {1U, 15U, 16U}) {
        CAPTURE(before);
        EngineDriver driver{consensus, {test_root()}};
        std::vector<KnownHeader> headers{line.begin(), line.begin() + std::ptrdiff_t(before)};
        headers.push_back(lost[1]); // behind nothing that is known
        driver.tell_headers(headers);
        REQUIRE(driver.faults.size() == 1);
        CHECK(driver.faults[0].points == 100);
        CHECK(driver.asks.empty());
        CHECK(driver.engine().best().id == line[before - 1].id);
    }
}

TEST_CASE("headers before a wrong one are taken, those behind it are not")
{
    const TestConsensus consensus;
    for (const auto truth : {TestConsensus::Truth::wrong, TestConsensus::Truth::unproven})
        for (const std::size_t place : {0U, 3U, 15U, 16U, 20U}) {
            auto line = line_of(test_root(), place);
            line.push_back(child_of(place == 0 ? test_root() : line.back(),
                                    {.data = TestConsensus::Data{.truth = truth}}));
            line.push_back(child_of(line.back()));
            EngineDriver driver{consensus, {test_root()}};
            driver.tell_headers(line);
            driver.settle();
            CHECK(driver.faults.size() == 1);
            CHECK(driver.chain().size() == place + 1);
            CHECK(!driver.engine().find(line.back().id));
            CHECK(driver.asks.empty());
        }
}

TEST_CASE("headers ahead of their time are held, and taken at the second")
{
    const TestConsensus consensus{{.future_s = 15}};
    EngineDriver driver{consensus, {test_root()}};
    driver.now_s = 1000;
    const KnownHeader just = child_of(test_root(), {.step_s = 15});
    const KnownHeader late = child_of(test_root(), {.step_s = 16, .mark = 1});
    driver.tell_header(just);
    CHECK(driver.engine().best().id == just.id);
    driver.settle();
    const KnownHeader next = child_of(just, {.step_s = 3}); // 18 s ahead
    for (int i = 0; i < 3; ++i) driver.tell_header(next);   // from every peer
    driver.tell_header(late);
    CHECK(driver.engine().best().id == just.id);
    CHECK(driver.faults.empty());
    REQUIRE(driver.wakes.size() == 2);
    CHECK(driver.wakes[0].time_s == 1003);
    CHECK(driver.wakes[1].time_s == 1001);
    driver.now_s = 1002;
    driver.tell(ClockTicked{});
    CHECK(driver.engine().find(late.id));
    CHECK(!driver.engine().find(next.id));
    driver.now_s = 1003;
    driver.tell(ClockTicked{});
    driver.settle();
    CHECK(driver.chain().back().id == next.id);
    // In one message: those before are taken, and those behind come when they are asked for.
    const auto line = line_of(next, 4, {.step_s = 10}); // times 1028, 1038, ...
    driver.now_s = 1013;
    driver.tell_headers(line);
    driver.settle();
    CHECK(driver.chain().back().id == line[0].id);
    driver.now_s = 1023;
    driver.tell(ClockTicked{});
    driver.settle();
    CHECK(driver.chain().back().id == line[1].id);
}

TEST_CASE("of headers ahead of their time those are kept that come first")
{
    const TestConsensus consensus{{.future_s = 15}};
    EngineDriver driver{consensus, {test_root()}, {.future_max = 3}};
    driver.now_s = 1000;
    std::vector<KnownHeader> headers;
    for (std::uint8_t i = 0; i < 6; ++i)
        headers.push_back(child_of(test_root(), {.step_s = 40U - i, .sealer = i, .mark = i}));
    for (const KnownHeader& header : headers) driver.tell_header(header);
    CHECK(driver.wakes.size() == 6); // each was among the first three when it came
    driver.tell_header(headers[0]);
    CHECK(driver.wakes.size() == 6);
    // What is wrong with its seal or itself takes no place.
    driver.tell_header(
        child_of(test_root(), {.data = TestConsensus::Data{.truth = TestConsensus::Truth::wrong},
                               .step_s = 20}));
    CHECK(driver.wakes.size() == 6);
    CHECK(driver.faults.size() == 1);
    driver.now_s = 2000;
    driver.tell(ClockTicked{});
    for (std::size_t i = 0; i < 6; ++i)
        CHECK((driver.engine().find(headers[i].id) != nullptr) == (i >= 3));
}

TEST_CASE("headers are taken so far ahead of the chain, and asked for again when it follows")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.headers_ahead_max = 40}};
    const auto line = line_of(test_root(), 100);
    driver.tell_headers(line);
    CHECK(driver.faults.empty());
    CHECK(driver.asks.empty());
    CHECK(driver.engine().best().id == line[39].id);
    while (driver.asks.empty()) {
        if (driver.is_moving())
            driver.move();
        else
            driver.store(driver.wants[driver.chain().size() - 1]);
    }
    CHECK(driver.asks.size() == 1);
    CHECK(driver.asks[0].known.front() == line[39].id);
    CHECK(driver.engine().tip().id == line[19].id);
    driver.tell_headers(std::span{line}.subspan(40));
    CHECK(driver.engine().best().id == line[59].id);
}

TEST_CASE("so many bodies are asked for at a time")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}, {.bodies_ahead_max = 8}};
    const auto line = line_of(test_root(), 30);
    driver.tell_headers(line);
    CHECK(driver.wants.size() == 8);
    driver.settle();
    CHECK(chain_of(driver) == ids_of(line));
    CHECK(driver.wants == ids_of(line));
}

TEST_CASE("two blocks of one key at one place are told of once")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 3);
    driver.tell_headers(line);
    driver.settle();
    driver.tell_header(child_of(line[0], {.sealer = 1, .mark = 1})); // another key
    driver.tell_header(line[1]);
    CHECK(driver.equivocations.empty());
    const KnownHeader twin = child_of(line[0], {.mark = 2});
    driver.tell_header(twin);
    driver.tell_header(child_of(line[0], {.mark = 3}));
    driver.tell_header(twin);
    REQUIRE(driver.equivocations.size() == 1);
    CHECK(driver.equivocations[0].first == sealed(line[1]));
    CHECK(driver.equivocations[0].second == sealed(twin));
    CHECK(driver.halts.empty());
    // After a start as well.
    driver.restart();
    driver.tell_header(child_of(line[1], {.mark = 2}));
    CHECK(driver.equivocations.size() == 2);
}

TEST_CASE("where one key makes all blocks, two of one height end everything")
{
    const TestConsensus consensus{{.reorganisation_max = 0, .halts = true}};
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 5);
    driver.tell_headers(line);
    driver.settle();
    driver.tell_header(child_of(line[2], {.mark = 1})); // long past: nobody knows of it any more
    CHECK(!driver.engine().is_halted());
    const std::vector<KnownHeader> twins = line_of(line[3], 2, {.mark = 1});
    driver.tell_headers(twins);
    CHECK(driver.equivocations.size() == 1);
    CHECK(driver.halts.size() == 1);
    CHECK(driver.engine().is_halted());
    CHECK(driver.engine().tip().id == line.back().id);
    driver.tell_header(child_of(line.back()));
    driver.tell(ClockTicked{});
    CHECK(driver.halts.size() == 1);
    CHECK(driver.wants.size() == 5);
}

TEST_CASE("the engine is not told what it has not asked for")
{
    const TestConsensus consensus;
    EngineDriver driver{consensus, {test_root()}};
    const auto line = line_of(test_root(), 2);
    driver.tell_headers(line);
    const auto status = [&](const EngineEvent& event) {
        return exit_of([&] { (void)driver.engine().step(event, 0); });
    };
    CHECK(status(BlockConnected{line[0].id}) == Exit::bug);
    CHECK(status(BlockDisconnected{test_root().id}) == Exit::bug);
    CHECK(status(BlockRefused{line[0].id}) == Exit::bug);
    driver.store(line[0].id);
    CHECK(status(BlockConnected{line[1].id}) == Exit::bug);
    CHECK(status(BlockDisconnected{line[0].id}) == Exit::bug);
    CHECK(status(BlockRefused{line[1].id}) == Exit::bug);
    driver.settle();
    CHECK(driver.chain().back().id == line[1].id);
    driver.store(filled<BlockId>(3)); // bodies may come at any time
    driver.store(line[0].id);
    CHECK(driver.chain().back().id == line[1].id);
}
