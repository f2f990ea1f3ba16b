#include "simnet/simulation.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t tib = std::uint64_t{1} << 40U;

/// Miners who have a TiB together, the last ones of which do not keep to the rules.
SimOptions some_miners(std::size_t count, std::uint64_t seed, std::vector<SimRole> others = {})
{
    SimOptions options;
    options.genesis = parse_genesis(*genesis_profile("ccc"));
    options.seed = seed;
    options.duration_ms = 4 * hour_ms;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_other = i + others.size() >= count;
        options.miners.push_back(
            {is_other ? others[i + others.size() - count] : SimRole::honest, tib / count});
    }
    return options;
}

} // namespace

TEST_CASE("honest nodes are of one mind, and blocks come as often as they should")
{
    const SimReport report = simulate(some_miners(8, 1));
    for (const SimViolation& violation : report.violations) MESSAGE(violation.what);
    CHECK(report.violations.empty());
    MESSAGE(report.blocks, " blocks, ", report.made, " made, interval ", report.interval_mean_ms,
            " sd ", report.interval_deviation_ms, " events ", report.events);
}
