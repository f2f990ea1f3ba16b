#pragma once

#include "plots/disk_scan.hpp"

#include <algorithm>
#include <vector>

namespace cairn {

/// Which faults of plots were not there before: each is told once, for as long as it is so.
class FaultNews {
public:
    /// `faults` are all that there are now.
    std::vector<ScanFault> take(const std::vector<ScanFault>& faults)
    {
        std::vector<ScanFault> news;
        for (const ScanFault& fault : faults)
            if (std::ranges::find(known_, fault) == known_.end()) news.push_back(fault);
        known_ = faults;
        return news;
    }

private:
    std::vector<ScanFault> known_;
};

} // namespace cairn
