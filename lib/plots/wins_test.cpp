#include "plots/testing.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The best hit of a plot in a round.
Hit best_of(const PlotSpec& spec, ByteView plot, const Challenge& challenge, ScoopNumber scoop)
{
    Hit best{UINT64_MAX};
    for (const PlotRun& run : runs_of(spec, scoop))
        best = std::min(best, best_scoop(challenge, plot.subspan(run.offset, run.size)).hit);
    return best;
}

} // namespace

TEST_CASE("who has a share of the capacity wins that share of the rounds")
{
    constexpr std::size_t rounds = 20'000;
    std::vector<PlotSpec> plots{small_poc2(64), small_plot(2, 2), small_plot(3, 2, 0),
                                small_plot(4, 1, 2), small_poc2(17)};
    std::uint64_t first = 0;
    for (PlotSpec& plot : plots) // no nonce in two of them
        plot = with_range(plot, {first += 1'000'000, range_of(plot).count});
    std::vector<Bytes> contents;
    double all = 0;
    for (const PlotSpec& plot : plots) {
        contents.push_back(whole_plot(plot));
        all += static_cast<double>(places(plot));
    }
    std::vector<std::size_t> wins(plots.size());
    for (std::size_t round = 0; round < rounds; ++round) {
        Challenge challenge;
        std::ranges::copy(noise(32, 1000 + round), challenge.bytes.begin());
        const ScoopNumber scoop{static_cast<std::uint16_t>(scoop_of(challenge).value % 64)};
        std::size_t winner = 0;
        Hit best{UINT64_MAX};
        for (std::size_t i = 0; i < plots.size(); ++i) {
            const Hit hit = best_of(plots[i], contents[i], challenge, scoop);
            if (hit < best) winner = i;
            best = std::min(best, hit);
        }
        ++wins[winner];
    }
    double chi_square = 0;
    for (std::size_t i = 0; i < plots.size(); ++i) {
        const double expected = rounds * static_cast<double>(places(plots[i])) / all;
        const double more = static_cast<double>(wins[i]) - expected;
        chi_square += more * more / expected;
    }
    // Four degrees of freedom: one fair draw in ten thousand is above; the draw is always the same.
    CHECK(chi_square < 23.5);
    // Equal shares for all would be found out.
    double wrong = 0;
    for (const std::size_t won : wins) {
        const double expected = static_cast<double>(rounds) / static_cast<double>(plots.size());
        const double more = static_cast<double>(won) - expected;
        wrong += more * more / expected;
    }
    CHECK(wrong > 1000);
}
