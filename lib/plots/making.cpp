#include "plots/making.hpp"

#include "os/parallel.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

MakerFactory hashed_nonces(ShabalKernel kernel)
{
    return [kernel](const PlotSpec& spec) -> std::unique_ptr<NonceMaker> {
        if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
            return std::make_unique<HashedNonces>(plot->account, kernel);
        return std::make_unique<HashedNonces>(plot_id(std::get<X1Plot>(spec).owner), kernel);
    };
}

StripeMaker::StripeMaker(const MakerFactory& factory, const PlotSpec& spec, unsigned threads,
                         std::function<void(std::uint64_t)> made)
    : factory_{factory},
      spec_{spec},
      threads_{threads},
      made_{std::move(made)}
{
}

void StripeMaker::rest()
{
    const std::lock_guard lock{mutex_};
    idle_.clear();
}

std::size_t StripeMaker::group()
{
    std::size_t size = 0;
    with([&](const NonceMaker& maker) { size = maker.size(); });
    return size;
}

void StripeMaker::with(const std::function<void(NonceMaker&)>& work)
{
    std::unique_ptr<NonceMaker> maker;
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            maker = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!maker) maker = factory_(spec_);
    work(*maker);
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(maker));
}

void StripeMaker::fill_nonces(const Poc2Plot& plot, std::uint64_t first, std::uint64_t count,
                              std::byte* memory)
{
    const std::size_t at_once = group();
    in_parallel(divide_up(count, at_once), threads_, [&](std::size_t batch) {
        const std::size_t begin = batch * at_once;
        const std::size_t size = std::min<std::size_t>(at_once, count - begin);
        with([&](NonceMaker& maker) {
            maker.make({plot.start.value + first + begin}, size);
            maker.copy_scoops(0, plot.side - 1, memory + begin * scoop_size,
                              {.scoop = count * scoop_size, .nonce = scoop_size});
        });
        made_(size * plot.side * scoop_size);
    });
}

void StripeMaker::fill_warps(const X1Plot& plot, std::uint64_t first, std::uint64_t count,
                             std::byte* memory)
{
    const WarpShape& shape = plot.shape;
    assert(first % shape.side == 0 && count % shape.side == 0);
    const std::size_t at_once = group();
    const std::size_t batches = divide_up(shape.side, at_once);
    const std::size_t warps = count / shape.side;
    for (std::size_t term = 0; term < shape.terms(); ++term)
        in_parallel(warps * batches, threads_, [&](std::size_t number) {
            const std::size_t warp = number / batches;
            const std::size_t begin = number % batches * at_once;
            const std::size_t size = std::min(at_once, shape.side - begin);
            const WarpPart part{.shape = shape,
                                .warp = plot.first_warp + first / shape.side + warp,
                                .term = term,
                                .first = begin,
                                .count = size,
                                .stride = count * scoop_size};
            with([&](NonceMaker& maker) {
                add_nonces(part, maker, memory + warp * shape.row_size());
            });
            made_(size * shape.row_size() / shape.terms());
        });
}

void StripeMaker::fill(std::uint64_t first, std::uint64_t count, MutableByteView memory)
{
    assert(memory.size() >= count * side_of(spec_) * scoop_size);
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec_))
        fill_nonces(*plot, first, count, memory.data());
    else
        fill_warps(std::get<X1Plot>(spec_), first, count, memory.data());
    rest();
}

Bytes make_scoop(const PlotSpec& spec, std::uint64_t place, ScoopNumber scoop, NonceMaker& maker)
{
    assert(place < places(spec) && scoop.value < side_of(spec));
    Bytes bytes(scoop_size);
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec)) {
        maker.make({plot->start.value + place}, 1);
        maker.copy_scoops(scoop.value, scoop.value, bytes.data(), {});
        return bytes;
    }
    const auto& plot = std::get<X1Plot>(spec);
    const WarpShape& shape = plot.shape;
    const std::uint64_t warp = plot.first_warp + place / shape.side;
    const std::size_t x = place % shape.side;
    for (std::size_t term = 0; term < shape.terms(); ++term) {
        const std::size_t nonce = term % 2 == 0 ? x : scoop.value;
        const std::size_t wanted = term % 2 == 0 ? scoop.value : x;
        maker.make(shape.nonce(warp, term, nonce), 1);
        maker.add_scoops(wanted, wanted, bytes.data(), {});
    }
    return bytes;
}

} // namespace cairn
