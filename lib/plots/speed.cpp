#include "plots/speed.hpp"

#include "os/clock.hpp"
#include "os/direct_file.hpp"
#include "os/parallel.hpp"
#include "os/process.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>

namespace cairn {
namespace {

constexpr std::uint64_t piece_size = 4UL * 1024 * 1024; // bytes: a row of a band of 16 warps

std::uint64_t per_second(std::uint64_t amount, std::uint64_t time_ms)
{
    return amount * 1000 / std::max<std::uint64_t>(time_ms, 1);
}

} // namespace

std::uint64_t nonce_rate_milli(const PlotSpec& spec, unsigned threads, std::uint64_t time_ms)
{
    std::atomic<std::uint64_t> made = 0;
    const MakerFactory factory = hashed_nonces();
    const std::uint64_t begun_ms = monotonic_ms();
    in_parallel(threads, threads, [&](std::size_t thread) {
        const auto maker = factory(spec);
        for (std::uint64_t next = thread << 32U; monotonic_ms() - begun_ms < time_ms;) {
            maker->make({next}, maker->size());
            next += maker->size();
            made += maker->size();
        }
    });
    return per_second(made * 1000, monotonic_ms() - begun_ms);
}

std::uint64_t plot_rate(const PlotSpec& spec, std::uint64_t nonces_milli)
{
    const std::uint64_t rate = nonces_milli * (side_of(spec) * scoop_size / 1000);
    const auto* const plot = std::get_if<X1Plot>(&spec);
    return plot == nullptr ? rate : rate / plot->shape.terms();
}

DiskSpeed measure_disk(const std::string& directory, std::uint64_t size, Entropy& entropy)
{
    assert(size >= 16 * piece_size);
    const std::uint64_t pieces = size / piece_size;
    AlignedBuffer buffer{piece_size};
    entropy.fill(buffer.bytes());
    const std::string path = directory + "/.cairn-speed-" + std::to_string(process_number());
    const CleanUp clean{path, CleanUp::Kind::file};
    DirectFile file = DirectFile::open_to_write(path);
    file.allocate(pieces * piece_size);

    DiskSpeed speed;
    speed.is_direct = file.reason_for_cache().empty();
    std::uint64_t begun_ms = monotonic_ms();
    for (std::uint64_t i = 0; i < pieces; ++i) file.write_at(i * piece_size, buffer.bytes());
    file.sync();
    speed.write_rate = per_second(pieces * piece_size, monotonic_ms() - begun_ms);

    begun_ms = monotonic_ms();
    for (std::uint64_t i = 0; i < pieces; ++i) file.read_at(i * piece_size, buffer.bytes());
    speed.read_rate = per_second(pieces * piece_size, monotonic_ms() - begun_ms);

    // Here and there: a step that meets all pieces before it meets one again.
    constexpr std::uint64_t step = 7919;
    const std::uint64_t runs = std::min<std::uint64_t>(pieces, 64);
    begun_ms = monotonic_ms();
    for (std::uint64_t i = 0; i < runs; ++i)
        file.read_at(i * step % pieces * piece_size, buffer.bytes());
    speed.run_ms = (monotonic_ms() - begun_ms) / runs;
    return speed;
}

} // namespace cairn
