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

void StripeMaker::fill_warp(const X1Plot& plot, std::uint64_t warp, std::size_t stride,
                            std::byte* memory)
{
    const WarpShape& shape = plot.shape;
    const std::size_t at_once = group();
    for (std::size_t term = 0; term < shape.terms(); ++term)
        in_parallel(divide_up(shape.side, at_once), threads_, [&](std::size_t batch) {
            const std::size_t begin = batch * at_once;
            const std::size_t size = std::min(at_once, shape.side - begin);
            with([&](NonceMaker& maker) {
                add_nonces({shape, plot.first_warp + warp, term, begin, size, stride}, maker,
                           memory);
            });
            made_(size * shape.row_size() / shape.terms());
        });
}

void StripeMaker::fill(std::uint64_t first, std::uint64_t count, MutableByteView memory)
{
    assert(memory.size() >= count * side_of(spec_) * scoop_size);
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec_))
        return fill_nonces(*plot, first, count, memory.data());
    const auto& plot = std::get<X1Plot>(spec_);
    const std::size_t side = plot.shape.side;
    assert(first % side == 0 && count % side == 0);
    for (std::uint64_t done = 0; done < count; done += side)
        fill_warp(plot, (first + done) / side, count * scoop_size,
                  memory.data() + done * scoop_size);
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
