#pragma once

#include "base/entropy.hpp"
#include "os/disk.hpp"
#include "plots/disk_scan.hpp"
#include "plots/survey.hpp"

#include <functional>
#include <memory>

// One round over many plots: each disk is read in one go, all disks at the same time, and what
// is wrong with one plot stops nobody.

namespace cairn {

/// The best place of all plots.
struct RoundAnswer {
    std::string path; ///< of the plot
    Hit hit;
    Claim claim;
};

/// How long one disk took.
struct DiskTime {
    Disk disk;
    std::size_t plots = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t time_ms = 0;
};

struct RoundReport {
    std::optional<RoundAnswer> best; ///< none where nothing could be read
    std::vector<ScanFault> faults;
    std::vector<DiskTime> disks;
    bool is_abandoned = false; ///< not all was read, because the round was over
};

/// Plots that rounds are answered from.
class PlotScanner {
public:
    PlotScanner();
    PlotScanner(const PlotScanner&) = delete;
    PlotScanner& operator=(const PlotScanner&) = delete;
    ~PlotScanner();

    /// Opens a plot, or all that are in a directory, that are not open yet, by whatever name. What
    /// cannot be opened is returned; it may be tried again.
    std::vector<ScanFault> open(const std::string& path);

    /// Closes a plot, such as one that has faults.
    void close(const std::string& path);

    [[nodiscard]] std::size_t plots() const noexcept;

    /// All that are open.
    [[nodiscard]] std::vector<OwnedPlot> owned() const;

    /// Scoops that a round reads, of all plots.
    [[nodiscard]] std::uint64_t places() const noexcept;

    /// Reads a few bytes of each disk, at a place that is drawn: one that is read does not fall
    /// asleep. Errors are left to the next round.
    void keep_awake(Entropy& entropy) const;

    /// Answers a round. Ends early when `is_over`, which is called from several threads, says so.
    [[nodiscard]] RoundReport scan(const Round& round, const std::function<bool()>& is_over) const;

private:
    struct Group;

    void open_plot(const std::string& path);

    std::vector<std::unique_ptr<Group>> groups_; // by disk
};

} // namespace cairn
