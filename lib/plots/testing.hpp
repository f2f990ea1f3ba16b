#pragma once

#include "capacity/drawn_nonces_testing.hpp"
#include "os/testing.hpp"
#include "plots/plotter.hpp"

#include <filesystem>

// For *_test.cpp files only.

namespace cairn {

inline PlotOwner test_owner(std::uint64_t seed = 1)
{
    PlotOwner owner;
    std::ranges::copy(noise(32, seed), owner.chain.begin());
    std::ranges::copy(noise(32, seed + 1), owner.account.begin());
    return owner;
}

/// A plot of warps with 64 scoops of 64 places: 256 KiB each.
inline X1Plot small_plot(std::uint64_t warps, std::uint64_t band, unsigned scale = 1)
{
    return {.owner = test_owner(),
            .shape = {.side = 64, .scale = scale},
            .first_warp = 3,
            .warps = warps,
            .band = band};
}

inline Poc2Plot small_poc2(std::uint64_t nonces)
{
    return {.account = {7}, .start = {1000}, .nonces = nonces, .side = 64};
}

/// Options with drawn nonces.
inline PlotterOptions drawn_options(unsigned threads = 2)
{
    PlotterOptions options;
    options.threads = threads;
    options.memory_max = 64UL * 1024 * 1024;
    options.factory = [](const PlotSpec&) { return std::make_unique<DrawnNonces>(5); };
    options.made = options.written = [](std::uint64_t) {};
    return options;
}

/// All of a plot, from the definition.
inline Bytes whole_plot(const PlotSpec& spec)
{
    Bytes bytes(file_size(spec));
    if (const auto* const plot = std::get_if<X1Plot>(&spec))
        std::ranges::copy(to_header(*plot), bytes.begin());
    DrawnNonces maker;
    for (std::uint64_t place = 0; place < places(spec); ++place)
        for (std::uint16_t s = 0; s < side_of(spec); ++s)
            std::ranges::copy(make_scoop(spec, place, {s}, maker),
                              bytes.begin() +
                                  static_cast<std::ptrdiff_t>(run_of(spec, {s}, place, 1).offset));
    return bytes;
}

} // namespace cairn
