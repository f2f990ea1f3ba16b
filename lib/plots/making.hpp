#pragma once

#include "plots/spec.hpp"

#include <functional>
#include <memory>
#include <mutex>

// The bytes of plots: what a stripe holds, made in memory by several threads.

namespace cairn {

/// Makes a NonceMaker for a plot: the one that hashes, unless a test has another.
using MakerFactory = std::function<std::unique_ptr<NonceMaker>(const PlotSpec&)>;

/// The makers that hash, by one of shabal_kernels().
[[nodiscard]] MakerFactory hashed_nonces(ShabalKernel kernel = shabal_kernels().back());

/// Makes the bytes of one plot.
class StripeMaker {
public:
    /// In up to `threads` threads. `made` is called, from any of them, with bytes that are made.
    StripeMaker(const MakerFactory& factory, const PlotSpec& spec, unsigned threads,
                std::function<void(std::uint64_t)> made);

    /// Makes the places `first` to `first + count - 1`, for x1 whole warps of one band: scoop s of
    /// place p comes to (s * count + p - first) * 64 of `memory`, which has room for all.
    void fill(std::uint64_t first, std::uint64_t count, MutableByteView memory);

    /// Calls `work` with a maker that nobody else uses meanwhile; from any thread.
    void with(const std::function<void(NonceMaker&)>& work);

    /// Gives up the memory of makers that nobody uses.
    void rest();

private:
    [[nodiscard]] std::size_t group(); // nonces that a maker makes at a time
    void fill_nonces(const Poc2Plot& plot, std::uint64_t first, std::uint64_t count,
                     std::byte* memory);
    void fill_warps(const X1Plot& plot, std::uint64_t first, std::uint64_t count,
                    std::byte* memory);

    MakerFactory factory_;
    PlotSpec spec_;
    unsigned threads_;
    std::function<void(std::uint64_t)> made_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<NonceMaker>> idle_;
};

/// One scoop of one place.
[[nodiscard]] Bytes make_scoop(const PlotSpec& spec, std::uint64_t place, ScoopNumber scoop,
                               NonceMaker& maker);

} // namespace cairn
