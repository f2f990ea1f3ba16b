#pragma once

#include "plots/plot_part.hpp"

#include <exception>

namespace cairn {

struct PlotterOptions {
    unsigned threads = 1;
    std::uint64_t memory_max = 0; ///< bytes for stripes: one, or several that are written meanwhile
    MakerFactory factory = hashed_nonces();
    std::function<void(std::uint64_t)> made;      ///< bytes; from any thread
    std::function<void(std::uint64_t)> written;   ///< bytes; from any thread
    std::function<void(const PlotPart&)> begun;   ///< a plot; from the caller's thread
    std::function<void(std::uint64_t)> all_begun; ///< bytes to be made; from the caller's thread
    std::function<void(const PlotPart&)> done;    ///< a plot; from any thread
};

/// One plot to be made.
struct PlotTask {
    std::string directory;
    PlotSpec spec;
    std::uint64_t stripe_places = 0; ///< how many places are made at a time; those of a warp for x1
};

/// How a task ended.
struct PlotOutcome {
    std::uint64_t resumed = 0;  ///< bytes that an earlier run had made
    std::exception_ptr failure; ///< none where the plot is complete
};

/// Makes plots, their stripes in turns: while those of one are written those of the next are made,
/// so that all disks and all processors have work. A task that fails does not end the others.
/// Returns how each ended. One that needs more memory for a stripe than there may be fails with
/// Error{oserr}.
[[nodiscard]] std::vector<PlotOutcome> make_plots(std::span<const PlotTask> tasks,
                                                  const PlotterOptions& options);

/// Bytes of memory for one stripe.
[[nodiscard]] std::uint64_t stripe_size(const PlotTask& task);

} // namespace cairn
