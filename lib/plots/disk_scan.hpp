#pragma once

#include "os/direct_file.hpp"
#include "plots/plot_file.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// What a round asks.
struct Round {
    Challenge challenge;
    ScoopNumber scoop;
};

/// A plot that could not be read, or not be opened.
struct ScanFault {
    std::string path;
    std::string what;

    friend bool operator==(const ScanFault&, const ScanFault&) = default;
};

/// What one round finds on a disk.
struct DiskAnswer {
    const PlotFile* plot = nullptr; ///< with the best place; none where nothing could be read
    Hit hit;
    std::uint64_t place = 0;
    std::vector<ScanFault> faults;
    std::uint64_t bytes_read = 0;
    bool is_abandoned = false; ///< not all was read
};

/// Reads a round's scoop of each place of plots that lie on one disk, one after the other, and
/// ranks what was read meanwhile: by as many threads as there are buffers, which have at least two
/// alignments each. A plot that cannot be read is left, and the next one begun. Of equal hits the
/// first counts. Ends early when `is_over`, which is called from several threads, says so.
[[nodiscard]] DiskAnswer scan_disk(std::span<const std::unique_ptr<PlotFile>> plots,
                                   const Round& round, std::span<AlignedBuffer> buffers,
                                   const std::function<bool()>& is_over);

} // namespace cairn
