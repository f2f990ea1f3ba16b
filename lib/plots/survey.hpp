#pragma once

#include "plots/spec.hpp"

#include <string>

// Which plots of an owner there are, so that none has what another has already.

namespace cairn {

/// How many are in both.
[[nodiscard]] std::uint64_t shared(const PlotRange& one, const PlotRange& other) noexcept;

/// Whether two plots have equal content as far as their ranges are equal: the same owner, form,
/// scale and size of nonces.
[[nodiscard]] bool are_alike(const PlotSpec& one, const PlotSpec& other);

/// A plot in a directory, finished or not.
struct OwnedPlot {
    std::string path; ///< the name that it has or will have
    bool is_finished = false;
    PlotSpec spec;
};

/// The plots in a directory that are like `spec`, sorted by their range. Throws Error{noinput} when
/// there is no such directory. What cannot be read is left out.
[[nodiscard]] std::vector<OwnedPlot> owned_plots(const std::string& directory,
                                                 const PlotSpec& spec);

/// Two plots that have something in common, which is of use only once.
struct PlotOverlap {
    std::string path;
    std::string other;
    std::uint64_t count = 0; ///< nonces or warps

    /// In words for people.
    [[nodiscard]] std::string to_text() const;
};

/// All of them.
[[nodiscard]] std::vector<PlotOverlap> overlaps_of(std::vector<OwnedPlot> plots);

/// The files of plots in a directory that were begun and are not finished, and which nobody works
/// on; sums without a plot too. Removes them, unless only asked to look. Throws Error{noinput}.
std::vector<std::string> clean_plots(const std::string& directory, bool is_trial);

} // namespace cairn
