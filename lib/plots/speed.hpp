#pragma once

#include "base/entropy.hpp"
#include "plots/making.hpp"

#include <string>

// How fast this machine plots and its disks write and read: what a plan of hours is based on.

namespace cairn {

/// Nonces a second that `threads` threads make, measured for about `time_ms`, in thousandths.
[[nodiscard]] std::uint64_t nonce_rate_milli(const PlotSpec& spec, unsigned threads,
                                             std::uint64_t time_ms);

/// Bytes of a plot that so many nonces a second make.
[[nodiscard]] std::uint64_t plot_rate(const PlotSpec& spec, std::uint64_t nonces_milli);

struct DiskSpeed {
    std::uint64_t write_rate = 0; ///< bytes a second, one behind the other, until they are durable
    std::uint64_t read_rate = 0;  ///< the same, of large reads
    std::uint64_t run_ms = 0;     ///< for one run of a band: 4 MiB somewhere, as rounds read
    bool is_direct = false;       ///< without the page cache
};

/// Writes `size` bytes, at least 64 MiB, into a file of a directory and reads them again. Throws as
/// DirectFile.
[[nodiscard]] DiskSpeed measure_disk(const std::string& directory, std::uint64_t size,
                                     Entropy& entropy);

} // namespace cairn
