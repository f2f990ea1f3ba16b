// How fast nonces are made and scoops are ranked, by each kernel that this machine can run:
//     capacity [ROUNDS]
// One line for each, of the best of the rounds (default 5):
//     KERNEL nonces N1 N2 cycles C scan M
// N1 and N2 are nonces a second by one thread and by two, C the cycles of a permutation for each
// lane, by a clock that a chain of multiplications gives in the same round, and M millions of
// scoops a second, from memory, by one thread.

#include "capacity/hit.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace cairn;

namespace {

double now_s()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Cycles a second: a multiplication takes three, on all processors of the last ten years.
double clock_hz()
{
    constexpr int steps = 20'000'000;
    std::uint64_t value = 3;
    const double begun_s = now_s();
    for (int i = 0; i < steps; ++i) {
        value *= value;
        asm volatile("" : "+r"(value)); // NOLINT(hicpp-no-assembler): the chain must stay
    }
    return 3.0 * steps / (now_s() - begun_s);
}

std::vector<NonceSeed> seeds_for(const NonceGroup& group)
{
    std::vector<NonceSeed> seeds;
    for (std::uint64_t i = 0; i < group.size(); ++i)
        seeds.push_back(to_seed(NumericAccount{1}, NonceNumber{i}));
    return seeds;
}

double make_s(NonceGroup& group, const std::vector<NonceSeed>& seeds)
{
    const double begun_s = now_s();
    group.make(seeds);
    return now_s() - begun_s;
}

/// Two threads, each with a group of its own.
double make_twice_s(ShabalKernel kernel)
{
    NonceGroup first{kernel};
    NonceGroup second{kernel};
    const auto seeds = seeds_for(first);
    const double begun_s = now_s();
    std::thread other{[&] { second.make(seeds); }};
    first.make(seeds);
    other.join();
    return now_s() - begun_s;
}

double scan_s(ShabalKernel kernel, ByteView list)
{
    const double begun_s = now_s();
    const RankedScoop best = best_scoop(Challenge{}, list, kernel);
    if (best.index >= list.size()) std::abort(); // it is used
    return now_s() - begun_s;
}

void measure(ShabalKernel kernel, int rounds)
{
    constexpr std::size_t scanned = std::size_t{1} << 18U; // scoops: 16 MiB
    const Bytes list(scanned * scoop_size, std::byte{7});
    NonceGroup group{kernel};
    const auto seeds = seeds_for(group);
    double cycles = 1e300;
    double alone_s = 1e300;
    double twice_s = 1e300;
    double scanned_s = 1e300;
    for (int round = 0; round < rounds; ++round) {
        const double hz = clock_hz();
        const double made_s = make_s(group, seeds);
        const auto lanes = static_cast<double>(nonce_permutations * group.size());
        cycles = std::min(cycles, made_s * hz / lanes);
        alone_s = std::min(alone_s, made_s);
        twice_s = std::min(twice_s, make_twice_s(kernel));
        scanned_s = std::min(scanned_s, scan_s(kernel, list));
    }
    const auto size = static_cast<double>(group.size());
    std::printf("%-8s nonces %6.1f %6.1f  cycles %6.1f  scan %6.2f\n", to_text(kernel),
                size / alone_s, 2 * size / twice_s, cycles,
                static_cast<double>(scanned) / scanned_s / 1e6);
}

} // namespace

int main(int argc, char** argv)
{
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
    for (const ShabalKernel kernel : shabal_kernels()) measure(kernel, rounds);
}
