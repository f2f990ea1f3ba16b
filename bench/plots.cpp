// How fast rounds are answered from a plot, and answers checked without one:
//     plots PLOT ROUNDS
// prints, each of the best of five times so many rounds:
//     scan M R T      millions of scoops a second from memory; from the plot; from the plot if
//                     nothing but its reads took time: T stands for the disk alone
//     verify A B      what is left of the kernel's rate of nonces in checking one answer; in
//                     checking many by one thread

#include "base/error.hpp"
#include "mining/batch.hpp"
#include "os/direct_file.hpp"
#include "plots/disk_scan.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace cairn;

namespace {

constexpr int repetitions = 5;

/// Seconds that the fastest of some calls took.
template <class Work>
double best_s(const Work& work)
{
    double best = 1e300;
    for (int i = 0; i < repetitions; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
        best = std::min(best, taken.count());
    }
    return best;
}

ScoopNumber scoop_in(int round)
{
    return {static_cast<std::uint16_t>(round * 2503 % 4096)};
}

void measure_scan(const std::string& path, int rounds)
{
    constexpr std::size_t memory_size = 4UL * 1024 * 1024;
    std::vector<std::unique_ptr<PlotFile>> plots;
    plots.push_back(std::make_unique<PlotFile>(path));
    const PlotFile& plot = *plots.front();
    std::vector<AlignedBuffer> memory;
    for (int i = 0; i < 3; ++i) memory.emplace_back(memory_size);
    const MutableByteView list = memory.front().bytes();
    std::ranges::fill(list, std::byte{7});
    const std::uint64_t scanned = places(plot.spec()) * static_cast<std::uint64_t>(rounds);
    const std::uint64_t loops = std::max<std::uint64_t>(scanned * scoop_size / memory_size, 1);
    std::uint64_t sum = 0; // so that everything is used
    const double memory_s = best_s([&] {
        for (std::uint64_t i = 0; i < loops; ++i) sum += best_scoop(Challenge{}, list).index + 1;
    });
    const auto never = [] { return false; };
    const double plot_s = best_s([&] {
        for (int i = 0; i < rounds; ++i)
            sum += scan_disk(plots, {Challenge{}, scoop_in(i)}, memory, never).place + 1;
    });
    const double reads_s = best_s([&] {
        for (int i = 0; i < rounds; ++i)
            for (PlotRun run : runs_of(plot.spec(), scoop_in(i)))
                while (run.size > 0) run = run.behind(plot.read_part(run, list).size());
    });
    if (sum == 0) std::abort();
    const auto in_memory = static_cast<double>(loops * memory_size / scoop_size);
    const auto in_plot = static_cast<double>(scanned);
    std::printf("scan %.2f %.2f %.2f\n", in_memory / memory_s / 1e6, in_plot / plot_s / 1e6,
                in_plot / reads_s / 1e6);
}

void measure_verify()
{
    NonceGroup group;
    const auto seeds = [](std::size_t count) {
        std::vector<NonceSeed> seeds;
        for (std::uint64_t i = 0; i < count; ++i)
            seeds.push_back(to_seed(NumericAccount{1}, NonceNumber{i}));
        return seeds;
    };
    std::vector<Claim> claims;
    for (std::uint64_t i = 0; i < 4 * group.size(); ++i)
        claims.push_back({NonceClaim{{1}, {i}}, {}, {7}});
    const double one_s = best_s([&] { group.make(seeds(1)); });
    const double check_s = best_s([&] { std::ignore = hits_of(std::span{claims}.first(1)); });
    const double all_s = best_s([&] { group.make(seeds(group.size())); });
    const double checks_s = best_s([&] { std::ignore = hits_in_parallel(claims, 1); });
    std::printf("verify %.3f %.3f\n", one_s / check_s, 4 * all_s / checks_s);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: bench_plots PLOT ROUNDS\n", stderr);
        return 64;
    }
    try {
        measure_scan(argv[1], std::max(1, std::atoi(argv[2])));
        measure_verify();
    } catch (const Error& error) {
        std::fprintf(stderr, "bench_plots: %s\n", error.what());
        return static_cast<int>(error.code());
    }
    return 0;
}
