#include "client/segment_maker.hpp"

#include "client/put_testing.hpp"
#include "os/random.hpp"

#include <algorithm>
#include <map>
#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const Ed25519KeyPair& owner()
{
    static const Ed25519KeyPair pair{Secret::copy(noise(32, 1))};
    return pair;
}

PutOptions options_with(unsigned workers)
{
    PutOptions options;
    options.owner = &owner();
    options.profile = Profile{.k = 4, .m = 2, .segment_size = 65536};
    options.workers = workers;
    options.memory_max = 400'000; // four segments
    options.wall_ms = [] { return std::uint64_t{1}; };
    return options;
}

/// Gives out objects and counts how often it is asked.
SegmentMaker::Next list_of(const std::vector<Bytes>& objects, std::size_t& next)
{
    return [&objects, &next]() -> std::optional<PutInput> {
        if (next == objects.size()) return std::nullopt;
        PutInput input;
        input.number = next;
        input.open = [&bytes = objects[next]] { return PutContent{source_of(bytes), {}}; };
        ++next;
        return input;
    };
}

} // namespace

TEST_CASE("segments are those of the object, with any number of workers")
{
    std::vector<Bytes> objects;
    for (std::size_t i = 0; i < 12; ++i) objects.push_back(noise(i * 50'000, i + 1));
    for (const unsigned workers : {0U, 1U, 3U}) {
        CAPTURE(workers);
        const PutOptions options = options_with(workers);
        SystemEntropy entropy;
        std::size_t next = 0;
        SegmentMaker maker{options, entropy, list_of(objects, next), [] {}};
        std::map<std::uint64_t, std::map<std::uint64_t, Bytes>> segments;
        std::size_t ends = 0;
        while (!maker.is_at_end()) {
            for (PutUnit& unit : maker.take()) {
                REQUIRE_FALSE(unit.failure);
                ends += unit.is_last ? 1 : 0;
                Bytes& bytes = segments[unit.source->input.number][unit.index];
                if (!unit.segment) continue;
                for (std::size_t i = 0; i < 6; ++i)
                    CHECK(blake3(unit.segment->shards()[i]) == unit.segment->roots()[i]);
                for (std::size_t i = 0; i < 4; ++i)
                    bytes.insert(bytes.end(), unit.segment->shards()[i].begin(),
                                 unit.segment->shards()[i].end());
                bytes.resize(unit.segment->length());
            }
            std::this_thread::yield();
        }
        CHECK(ends == objects.size());
        for (std::size_t i = 0; i < objects.size(); ++i) {
            Bytes all;
            for (const auto& [index, bytes] : segments[i])
                all.insert(all.end(), bytes.begin(), bytes.end());
            CHECK(all == objects[i]);
        }
    }
}

TEST_CASE("no more is read than there is memory for")
{
    const std::vector<Bytes> objects{noise(2'000'000)};
    for (const unsigned workers : {0U, 2U}) {
        CAPTURE(workers);
        const PutOptions options = options_with(workers);
        SystemEntropy entropy;
        std::size_t next = 0;
        std::atomic<unsigned> wakes = 0;
        SegmentMaker maker{options, entropy, list_of(objects, next), [&] { ++wakes; }};
        std::vector<PutUnit> held;
        while (held.size() < 4)
            for (PutUnit& unit : maker.take()) held.push_back(std::move(unit));
        CHECK(maker.take().empty());
        CHECK_FALSE(maker.pool().has_room());
        CHECK_FALSE(maker.is_at_end());
        held.erase(held.begin());
        while (maker.take().empty()) std::this_thread::yield();
        while (workers > 0 && wakes < 5) std::this_thread::yield(); // one for each unit
    } // and the rest is dropped while workers wait
}

TEST_CASE("the rest of an object that nobody wants is not read")
{
    const std::vector<Bytes> objects{noise(2'000'000), noise(10)};
    const PutOptions options = options_with(0);
    SystemEntropy entropy;
    std::size_t next = 0;
    SegmentMaker maker{options, entropy, list_of(objects, next), [] {}};
    for (const PutUnit& unit : maker.take()) unit.source->is_abandoned = true;
    const auto units = maker.take();
    REQUIRE(units.size() == 1);
    CHECK(units.front().source->input.number == 1);
    CHECK(maker.is_at_end());
}

TEST_CASE("a list of objects that fails ends the work")
{
    const PutOptions options = options_with(1);
    SystemEntropy entropy;
    SegmentMaker maker{options, entropy,
                       []() -> std::optional<PutInput> {
                           throw Error{Exit::ioerr, "no list"};
                       },
                       [] {}};
    std::vector<PutUnit> units;
    while (units.empty()) units = maker.take();
    CHECK(units.front().failure);
    CHECK_FALSE(units.front().source);
    while (!maker.is_at_end()) std::this_thread::yield();
}

TEST_CASE("a code has segments of which three are in flight")
{
    CHECK(put_profile(4, 2).segment_size == segment_size_usual);
    CHECK(put_profile(1, 2).segment_size == 8 * 1024 * 1024);
    CHECK(put_profile(1, 254).segment_size == segment_size_min);
    CHECK(put_profile(200, 55).segment_size == segment_size_usual);
    CHECK(exit_of([] { put_profile(0, 1); }) == Exit::usage);
    CHECK(exit_of([] { put_profile(200, 56); }) == Exit::usage);
}
