#include "plots/disk_scan.hpp"

#include "base/error.hpp"
#include "os/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <compare>
#include <mutex>
#include <optional>

namespace cairn {
namespace {

/// Scoops that were read.
struct Part {
    std::size_t plot = 0;
    std::uint64_t place = 0; // of the first
    ByteView scoops;
};

/// What is to be read, in its order, for whoever asks next.
class Reading {
public:
    Reading(std::span<const std::unique_ptr<PlotFile>> plots, ScoopNumber scoop)
        : plots_{plots},
          scoop_{scoop}
    {
    }

    /// The next part, in `memory`; none when there is nothing left.
    std::optional<Part> next(MutableByteView memory)
    {
        const std::lock_guard lock{mutex_};
        while (plot_ < plots_.size()) {
            try {
                if (const auto part = next_of_plot(memory)) return part;
            } catch (const Error& error) {
                faults_.push_back({plots_[plot_]->path(), error.what()});
            }
            ++plot_;
            runs_.clear();
        }
        return std::nullopt;
    }

    void move_facts(DiskAnswer& answer)
    {
        answer.faults = std::move(faults_);
        answer.bytes_read = bytes_read_;
    }

private:
    std::optional<Part> next_of_plot(MutableByteView memory)
    {
        const PlotFile& plot = *plots_[plot_];
        if (runs_.empty()) {
            runs_ = runs_of(plot.spec(), scoop_);
            run_ = 0;
        }
        if (run_ == runs_.size()) return std::nullopt;
        PlotRun& run = runs_[run_];
        const Part part{plot_, run.place, plot.read_part(run, memory)};
        bytes_read_ += part.scoops.size();
        run = run.behind(part.scoops.size());
        if (run.size == 0) ++run_;
        return part;
    }

    std::span<const std::unique_ptr<PlotFile>> plots_;
    ScoopNumber scoop_;
    std::mutex mutex_;
    std::size_t plot_ = 0;
    std::vector<PlotRun> runs_; // of the plot; what is left of them
    std::size_t run_ = 0;
    std::vector<ScanFault> faults_;
    std::uint64_t bytes_read_ = 0;
};

/// The best of some parts.
struct Best {
    Hit hit{UINT64_MAX};
    std::size_t plot = SIZE_MAX;
    std::uint64_t place = 0;

    friend auto operator<=>(const Best&, const Best&) = default; // NOLINT(modernize-use-nullptr)
};

} // namespace

DiskAnswer scan_disk(std::span<const std::unique_ptr<PlotFile>> plots, const Round& round,
                     std::span<AlignedBuffer> buffers, const std::function<bool()>& is_over)
{
    Reading reading{plots, round.scoop};
    std::vector<Best> found(buffers.size());
    std::atomic<bool> is_abandoned = false;
    in_parallel(buffers.size(), buffers.size(), [&](std::size_t i) {
        while (const auto part = reading.next(buffers[i].bytes())) {
            const RankedScoop best = best_scoop(round.challenge, part->scoops);
            found[i] = std::min(found[i], Best{best.hit, part->plot, part->place + best.index});
            if (!is_over()) continue;
            is_abandoned = true;
            return;
        }
    });
    DiskAnswer answer;
    reading.move_facts(answer);
    answer.is_abandoned = is_abandoned;
    const Best best = *std::ranges::min_element(found);
    if (best.plot == SIZE_MAX) return answer;
    answer.plot = plots[best.plot].get();
    answer.hit = best.hit;
    answer.place = best.place;
    return answer;
}

} // namespace cairn
