// The speed of the erasure code beside ISA-L's own, in turns within one run:
//     erasure [--quick]
// MB of source data (10^6 bytes) per second of CPU time, medians of the rounds; the ratio is the
// median of the rounds' ratios. Decoding misses as many data shards as the code bears.

#include "erasure/code.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

using namespace cairn;

namespace {

struct Effort {
    int rounds;
    double round_s;
};

double cpu_s()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// CPU seconds for one call, measured over a round.
double seconds(double round_s, auto&& call)
{
    const double start = cpu_s();
    double elapsed = 0;
    std::size_t calls = 0;
    for (std::size_t batch = 1; elapsed < round_s; batch *= 2) {
        for (std::size_t i = 0; i < batch; ++i) call();
        calls += batch;
        elapsed = cpu_s() - start;
    }
    return elapsed / static_cast<double>(calls);
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct Rates {
    double isal; // MB/s
    double ours; // MB/s
    double ratio;
};

Rates compare(Effort effort, std::size_t source_size, auto&& isal, auto&& ours)
{
    std::vector<double> isal_s;
    std::vector<double> ours_s;
    std::vector<double> ratios;
    isal(); // warms the caches and touches the memory
    ours();
    for (int round = 0; round < effort.rounds; ++round) {
        isal_s.push_back(seconds(effort.round_s, isal));
        ours_s.push_back(seconds(effort.round_s, ours));
        ratios.push_back(isal_s.back() / ours_s.back());
    }
    const double size_mb = static_cast<double>(source_size) / 1e6;
    return {.isal = size_mb / median(isal_s),
            .ours = size_mb / median(ours_s),
            .ratio = median(ratios)};
}

void print(const char* task, CodeShape shape, std::size_t size, Rates rates)
{
    std::printf("%-6s %3u+%-3u %8zu B  isal %8.0f  ours %8.0f MB/s  ratio %5.2f\n", task,
                shape.data, shape.parity, size, rates.isal, rates.ours, rates.ratio);
}

void measure(CodeShape shape, std::size_t size, Effort effort)
{
    const unsigned shards = shape.data + shape.parity;
    Bytes memory(shards * size);
    for (std::size_t i = 0; i < memory.size(); ++i)
        memory[i] = static_cast<std::byte>(i * 0x9e3779b97f4a7c15U >> 56U);
    const auto shard = [&](unsigned i) { return MutableByteView{&memory[i * size], size}; };

    const Code isal{shape, Kernel::isal};
    const Code ours{shape};
    std::vector<ByteView> data;
    std::vector<MutableByteView> parity;
    for (unsigned i = 0; i < shape.data; ++i) data.push_back(shard(i));
    for (unsigned i = shape.data; i < shards; ++i) parity.push_back(shard(i));
    print("encode", shape, size,
          compare(
              effort, shape.data * size, [&] { isal.encode(data, parity); },
              [&] { ours.encode(data, parity); }));

    // The first data shards are lost; parity makes up for them.
    const unsigned lost = std::min(shape.data, shape.parity);
    LossPattern pattern;
    std::vector<ByteView> present;
    std::vector<MutableByteView> wanted;
    for (unsigned i = 0; i < lost; ++i) {
        pattern.wanted.push_back(i);
        wanted.push_back(shard(i));
    }
    for (unsigned i = lost; i < lost + shape.data; ++i) {
        pattern.present.push_back(i);
        present.push_back(shard(i));
    }
    const Rebuild isal_rebuild{isal, pattern};
    const Rebuild our_rebuild{ours, pattern};
    print("decode", shape, size,
          compare(
              effort, shape.data * size, [&] { isal_rebuild.apply(present, wanted); },
              [&] { our_rebuild.apply(present, wanted); }));
}

} // namespace

int main(int argc, char** argv)
{
    const bool is_quick = argc > 1 && std::string_view{argv[1]} == "--quick";
    const Effort effort{.rounds = is_quick ? 7 : 21, .round_s = is_quick ? 0.002 : 0.01};
    const std::vector<CodeShape> shapes{{1, 2},   {2, 1}, {4, 2},   {10, 4},   {10, 6},  {16, 4},
                                        {16, 16}, {4, 8}, {29, 51}, {100, 30}, {200, 55}};
    for (const CodeShape shape : shapes)
        for (const std::size_t size_kib : {4U, 64U, 1024U}) measure(shape, size_kib << 10U, effort);
}
