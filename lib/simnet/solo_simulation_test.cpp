#include "base/error.hpp"
#include "simnet/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

// Chains of one producer.

namespace {

constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t hour_ms = 3600 * second_ms;

/// Six nodes; the last one has a role.
SimOptions some_nodes(std::uint64_t seed, SimRole role = SimRole::honest)
{
    SimOptions options;
    options.genesis = parse_genesis(*genesis_profile("points"));
    SoloRules rules;
    rules.interval_ms = 10 * second_ms;
    options.genesis.engine = rules;
    options.miners.resize(6);
    options.miners.back().role = role;
    options.seed = seed;
    options.duration_ms = hour_ms;
    options.delay_max_ms = 500;
    return options;
}

/// The producer crashes twice a minute, after another number of writes each time.
void add_crashes(SimOptions& options)
{
    for (std::uint64_t i = 0; i < 100; ++i)
        options.faults.push_back({.kind = SimFault::Kind::crash,
                                  .begin_ms = 30 * second_ms * i,
                                  .end_ms = 30 * second_ms * i + 25 * second_ms,
                                  .node = solo_producer(options),
                                  .amount = static_cast<std::int64_t>(i % 8)});
}

} // namespace

TEST_CASE("one node makes all blocks, and all others follow it")
{
    const SimReport report = simulate(some_nodes(1));
    CHECK(told(report) == "");
    CHECK(report.blocks >= 358);
    CHECK(report.blocks_of.front() == report.blocks);
    CHECK(report.interval_mean_ms == 10 * second_ms);
    CHECK(report.depth_max == 0);
    CHECK(simulate(some_nodes(1)).trace == report.trace);
}

TEST_CASE("followers that crash, are cut off or slow, or have wrong clocks do no harm")
{
    for (const SimRole role :
         {SimRole::honest, SimRole::fast_clock, SimRole::withholding, SimRole::header_spam}) {
        INFO(to_text(role));
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            SimOptions options = some_nodes(seed, role);
            options.faults = drawn_faults(options);
            const SimReport report = simulate(options);
            CHECK(told(report) == "");
            CHECK(report.depth_max == 0);
            CHECK(report.equivocations == 0);
        }
    }
}

TEST_CASE("a producer that has crashed goes on with the block that it was about to seal")
{
    SimOptions options = some_nodes(1);
    add_crashes(options);
    const SimReport report = simulate(options);
    CHECK(told(report) == "");
    CHECK(report.blocks > 60);
    options.mutant = SimMutant::guard_forgotten;
    CHECK(told(simulate(options)).find("has sealed two blocks") != std::string::npos);
    options.mutant = SimMutant::draft_forgotten;
    CHECK(told(simulate(options)).find("has made no block since") != std::string::npos);
    options.mutant = SimMutant::told_early;
    CHECK(told(simulate(options)).find("tells of a block that it may lose") != std::string::npos);
}

TEST_CASE("who sees two blocks of one height by the producer halts, and stays where it is")
{
    std::uint64_t halted = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        SimOptions options = some_nodes(seed, SimRole::equivocating);
        options.faults = drawn_faults(options);
        const SimReport report = simulate(options);
        CHECK(told(report) == "");
        CHECK(report.equivocations > 0);
        CHECK(report.halted > 0);
        halted += report.halted;
    }
    CHECK(halted > 16);
    SimOptions options = some_nodes(1, SimRole::equivocating);
    options.mutant = SimMutant::no_halt;
    CHECK(told(simulate(options)).find("goes on although it has") != std::string::npos);
}

TEST_CASE("a key that is not the producer's, and a seal that is none, are noticed if taken")
{
    for (const SimMutant mutant : {SimMutant::any_key, SimMutant::no_seal}) {
        INFO(to_text(mutant));
        bool is_caught = false;
        for (std::uint64_t seed = 1; seed <= 8 && !is_caught; ++seed) {
            SimOptions options = some_nodes(seed, SimRole::header_spam);
            options.mutant = mutant;
            is_caught = !simulate(options).violations.empty();
        }
        CHECK(is_caught);
    }
}

TEST_CASE("the producer is the first that does not keep to the rules of one, or the first")
{
    SimOptions options = some_nodes(1);
    CHECK(solo_producer(options) == 0);
    options.miners[3].role = SimRole::header_spam;
    CHECK(solo_producer(options) == 0);
    options.miners[4].role = SimRole::fast_clock;
    CHECK(solo_producer(options) == 4);
    options.miners[5].role = SimRole::multi_fork;
    CHECK_THROWS_AS((void)simulate(options), Error);
}
