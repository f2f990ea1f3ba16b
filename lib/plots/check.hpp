#pragma once

#include "base/entropy.hpp"
#include "plots/making.hpp"
#include "plots/plot_file.hpp"
#include "plots/sums.hpp"

namespace cairn {

struct PlotCheckOptions {
    bool is_full = false;       ///< all of the plot, not samples
    std::uint64_t samples = 32; ///< runs that are read, and a quarter as many scoops made
    unsigned threads = 1;       ///< where nonces are made again
    MakerFactory factory = hashed_nonces();
    std::function<void(std::uint64_t)> read; ///< bytes; from the caller's thread
};

/// Something in a plot that is not as it must be.
struct PlotFault {
    std::uint64_t offset = 0; ///< bytes from the file's begin
    std::uint64_t size = 0;   ///< bytes, some of which are wrong
    std::uint64_t place = 0;  ///< of the first
    ScoopNumber scoop;
    std::string what;
};

struct PlotReport {
    bool has_sums = false;
    std::uint64_t bytes_read = 0;
    std::uint64_t scoops_made = 0; ///< compared with what the nonces give
    std::vector<PlotFault> faults; ///< at most faults_max
    static constexpr std::size_t faults_max = 1000;

    /// Of a plot of which this share or more is wrong, samples would have shown it with a
    /// probability of 99 %: in parts of a million.
    std::uint64_t unseen_ppm = 0;
};

/// Compares a plot with its sums, and some of its scoops with what the nonces give; without sums
/// only the latter, and all of them where the check is full: that takes as long as plotting. Throws
/// Error{ioerr} when the disk fails, Error{data} when the sums are another plot's.
[[nodiscard]] PlotReport check_plot(const PlotFile& plot, const PlotCheckOptions& options,
                                    Entropy& entropy);

} // namespace cairn
