#include "simnet/testing.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t minute_ms = 60 * second_ms;
constexpr std::uint64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 86'400'000;
constexpr std::uint64_t tib = std::uint64_t{1} << 40U;

/// Miners who have a TiB together, the last ones of which do not keep to the rules.
SimOptions some_miners(std::size_t count, std::uint64_t seed, std::vector<SimRole> others = {})
{
    SimOptions options;
    options.genesis = parse_genesis(*genesis_profile("ccc"));
    options.seed = seed;
    options.duration_ms = 3 * hour_ms;
    options.delay_max_ms = 500;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_other = i + others.size() >= count;
        options.miners.push_back(
            {is_other ? others[i + others.size() - count] : SimRole::honest, tib / count, false});
    }
    return options;
}

PocRules& rules_of(SimOptions& options)
{
    return std::get<PocRules>(options.genesis.engine);
}

/// Whether one of some seeds shows that something is wrong.
bool is_caught(SimOptions options, std::uint64_t seeds)
{
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        options.seed = seed;
        options.faults = drawn_faults(options);
        if (!simulate(options).violations.empty()) return true;
    }
    return false;
}

} // namespace

TEST_CASE("honest nodes are of one mind, and blocks come as often as they should")
{
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const SimReport report = simulate(some_miners(8, seed));
        CHECK(told(report) == "");
        CHECK(report.interval_mean_ms > 55 * second_ms);
        CHECK(report.interval_mean_ms < 65 * second_ms);
        CHECK(report.made - report.blocks < report.blocks / 10); // few are made in vain
        CHECK(report.final_undone == 0);
        CHECK(report.depth_max <= 2);
    }
}

TEST_CASE("a seed gives one history, and another one another")
{
    const SimOptions options = some_miners(5, 7);
    const SimReport report = simulate(options);
    CHECK(simulate(options).trace == report.trace);
    CHECK(simulate(some_miners(5, 8)).trace != report.trace);
}

TEST_CASE("nodes that crash, are cut off or slow, or have wrong clocks do no harm")
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SimOptions options = some_miners(8, seed);
        options.faults = drawn_faults(options);
        CHECK(told(simulate(options)) == "");
    }
}

TEST_CASE("one in eight who does not keep to the rules does no harm" *
          doctest::test_suite("answers"))
{
    for (const SimRole role : {SimRole::fast_clock, SimRole::withholding, SimRole::private_fork,
                               SimRole::multi_fork, SimRole::equivocating, SimRole::future_flood,
                               SimRole::header_spam, SimRole::twin_flood, SimRole::many_faced}) {
        INFO(to_text(role));
        const SimReport report = simulate(some_miners(8, 3, {role}));
        CHECK(told(report) == "");
        CHECK(report.final_undone == 0);
        const bool is_twice = role == SimRole::equivocating || role == SimRole::twin_flood ||
                              role == SimRole::many_faced;
        CHECK((report.equivocations > 0) == is_twice);
        CHECK(report.blocks_of.back() < report.blocks / 5);
    }
}

TEST_CASE("a network that was split in halves for a minute is one after thirty seconds")
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SimOptions options = some_miners(8, seed);
        options.faults = {{.kind = SimFault::Kind::partition,
                           .begin_ms = hour_ms,
                           .end_ms = hour_ms + minute_ms,
                           .node = 4,
                           .amount = 0}};
        options.duration_ms = hour_ms + minute_ms + 30 * second_ms;
        const SimReport report = simulate(options);
        CHECK(told(report) == "");
        CHECK(report.tips == 1);
        CHECK(report.final_undone == 0);
    }
}

TEST_CASE("two clocks that are a day off change nothing")
{
    SimOptions options = some_miners(8, 5);
    const SimReport without = simulate(options);
    for (const std::int64_t amount : {day_ms, -day_ms})
        options.faults.push_back({.kind = SimFault::Kind::skew,
                                  .begin_ms = 0,
                                  .end_ms = options.duration_ms,
                                  .node = amount > 0 ? 6U : 7U,
                                  .amount = amount});
    const SimReport report = simulate(options);
    std::set<std::string> others; // than those of the two, who are beside themselves
    for (const SimViolation& violation : report.violations)
        if (!violation.what.starts_with("node 6") && !violation.what.starts_with("node 7"))
            others.insert(violation.what);
    CHECK(others.empty());
    CHECK(report.interval_mean_ms < 80 * second_ms); // six of eight make blocks, and soon as many
    CHECK(without.violations.empty());
}

TEST_CASE("rules that are left out are noticed" * doctest::test_suite("answers"))
{
    for (const SimMutant mutant :
         {SimMutant::no_future_limit, SimMutant::no_delay, SimMutant::no_proof,
          SimMutant::no_base_target, SimMutant::no_seal, SimMutant::tie_by_arrival,
          SimMutant::undo_forgotten}) {
        const bool is_future = mutant == SimMutant::no_future_limit;
        SimOptions options =
            some_miners(8, 0, {is_future ? SimRole::future_flood : SimRole::header_spam});
        options.duration_ms = hour_ms;
        CHECK_FALSE(is_caught(options, 4));
        options.mutant = mutant;
        CHECK_MESSAGE(is_caught(options, 32), std::string{to_text(mutant)});
    }
}

TEST_CASE(
    "who comes late with a checkpoint ends on the chain of all, whatever cheap one it is shown")
{
    for (const std::size_t cheap : {1U, 5U}) {
        CAPTURE(cheap);
        SimOptions options =
            some_miners(6 + cheap, 1, std::vector<SimRole>(cheap, SimRole::cheap_chain));
        for (std::size_t i = 6; i < options.miners.size(); ++i)
            options.miners[i].space_bytes = tib / 100; // they make no blocks
        options.miners[4].is_late = options.miners[5].is_late = true;
        CHECK(told(simulate(options)) == "");
        options.faults = drawn_faults(options);
        CHECK(told(simulate(options)) == "");
        options.mutant = SimMutant::proofs_granted;
        CHECK(told(simulate(options)).find("connected that is not proven") != std::string::npos);
    }
}

TEST_CASE("a node that takes back too much is noticed")
{
    SimOptions options = some_miners(8, 2);
    rules_of(options).reorganisation_max = 8;
    options.faults = {{.kind = SimFault::Kind::partition,
                       .begin_ms = hour_ms,
                       .end_ms = hour_ms + 40 * minute_ms,
                       .node = 3,
                       .amount = 0}};
    const auto has_taken_back = [&] {
        return told(simulate(options)).find("has taken back more") != std::string::npos;
    };
    CHECK_FALSE(has_taken_back());
    options.mutant = SimMutant::no_reorganisation_limit;
    CHECK(has_taken_back());
}

TEST_CASE("a sign guard that is lost in a crash is noticed, and the fault found that shows it")
{
    SimOptions options = some_miners(4, 1);
    for (std::uint64_t i = 0; i < 300; ++i) // after the guard was written, before the block is
        options.faults.push_back({.kind = SimFault::Kind::crash,
                                  .begin_ms = 30 * second_ms * i,
                                  .end_ms = 30 * second_ms * i + 25 * second_ms,
                                  .node = i % 4,
                                  .amount = 1});
    CHECK(told(simulate(options)) == "");
    options.mutant = SimMutant::guard_forgotten;
    CHECK(told(simulate(options)).find("has sealed two blocks") != std::string::npos);
    options.faults.resize(60);
    options.duration_ms = hour_ms;
    REQUIRE_FALSE(simulate(options).violations.empty());
    const std::vector<SimFault> few = shrunk_faults(options);
    CHECK(few.size() < 5);
    options.faults = few;
    CHECK_FALSE(simulate(options).violations.empty());
}

TEST_CASE("roles, faults and mutants have names")
{
    CHECK(parse_role("private-fork") == SimRole::private_fork);
    CHECK_FALSE(parse_role("privat"));
    for (std::size_t i = 0; i < 11; ++i) {
        const auto role = static_cast<SimRole>(i);
        CHECK(parse_role(to_text(role)) == role);
    }
    CHECK(to_text(SimFault{
              .kind = SimFault::Kind::skew, .begin_ms = 1, .end_ms = 2, .node = 3, .amount = -4}) ==
          "skewed clock of node 3 from 1 to 2 ms, -4");
    CHECK(to_text(SimMutant::no_delay) == std::string{"no-delay"});
}
