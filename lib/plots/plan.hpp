#pragma once

#include "os/disk.hpp"
#include "os/file.hpp"
#include "plots/plotter.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Which plots are to be made where, before the first of them is begun: what lasts for hours shall
// not end in a disk that is full.

namespace cairn {

struct PlotWish {
    PlotSpec spec;                        ///< whose plots and of which form; not their range
    std::vector<std::string> directories; ///< each gets one plot, or more where some are unfinished
    std::optional<std::uint64_t> start;   ///< nonce or warp of the first; else 0, or what is free
    std::uint64_t count = 0;      ///< nonces or warps of each; 0: as many as there is room for
    std::uint64_t reserve = 0;    ///< bytes that stay free on each file system
    std::uint64_t memory_max = 0; ///< bytes
    unsigned threads = 1;
    std::uint64_t band = 0; ///< warps of a band; 0: what suits the disk
    /// Bytes that are free on the file system of a directory.
    std::function<std::uint64_t(const std::string& directory)> free_space_of = free_space;
};

struct PlannedPlot {
    PlotTask task;
    Disk disk;
    bool is_finished = false; ///< it is there already
    std::uint64_t room = 0;   ///< bytes that it takes besides those that it has
    std::uint64_t left = 0;   ///< bytes that are still to be made

    /// What the file is called, or will be.
    [[nodiscard]] std::string path() const { return task.directory + '/' + name_of(task.spec); }
};

struct PlotPlan {
    std::vector<PlannedPlot> plots;
    std::uint64_t stripe_memory = 0; ///< bytes of memory that stripes may take
    std::uint64_t next_start = 0;    ///< the first nonce or warp behind all that there is
};

/// Plots that are finished stay as they are, and those that are unfinished are continued. Throws
/// Error{usage} when there is too little memory or no such range, Error{cantcreat} when a plot
/// would have what another has, Error{ioerr} when a file system has too little room.
[[nodiscard]] PlotPlan plan_plots(const PlotWish& wish);

/// About how long a round's reads of one plot take on its disk, in milliseconds, as disks are.
[[nodiscard]] std::uint64_t round_estimate_ms(const PlotSpec& spec, const Disk& disk);

} // namespace cairn
