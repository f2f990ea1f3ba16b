#include "plots/scanner.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/parallel.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t memory_size = 4UL * 1024 * 1024; // bytes that a disk's thread reads at a time

/// What one thread found on its disk.
struct Found {
    const PlotFile* plot = nullptr; // none: nothing
    PlotAnswer answer;
    std::vector<ScanFault> faults;
    DiskTime time;
    bool is_abandoned = false;
};

} // namespace

/// The plots of one disk, and memory to read them into.
struct PlotScanner::Group {
    explicit Group(Disk of_disk) : disk{std::move(of_disk)} {}

    Found scan(const Round& round, const std::function<bool()>& is_over)
    {
        Found found;
        found.time = {disk, plots.size(), 0, 0};
        const std::uint64_t begun_ms = monotonic_ms();
        for (const auto& plot : plots) {
            try {
                const auto answer =
                    best_answer(*plot, round.challenge, round.scoop, memory.bytes(), is_over);
                if (!answer) {
                    found.is_abandoned = true;
                    break;
                }
                found.time.bytes_read += answer->bytes_read;
                if (found.plot != nullptr && !(answer->hit < found.answer.hit)) continue;
                found.plot = plot.get();
                found.answer = *answer;
            } catch (const Error& error) {
                found.faults.push_back({plot->path(), error.what()});
            }
        }
        found.time.time_ms = monotonic_ms() - begun_ms;
        return found;
    }

    Disk disk;
    std::vector<std::unique_ptr<PlotFile>> plots;
    AlignedBuffer memory{memory_size};
};

PlotScanner::PlotScanner() = default;
PlotScanner::~PlotScanner() = default;

void PlotScanner::open_plot(const std::string& path)
{
    for (const auto& group : groups_)
        for (const auto& plot : group->plots)
            if (plot->path() == path) return;
    auto plot = std::make_unique<PlotFile>(path);
    if (side_of(plot->spec()) != scoops)
        throw Error{Exit::data, "'" + path + "' has nonces of another size"};
    const Disk disk = disk_of(path);
    auto group =
        std::ranges::find_if(groups_, [&](const auto& each) { return each->disk == disk; });
    if (group == groups_.end()) {
        groups_.push_back(std::make_unique<Group>(disk));
        group = groups_.end() - 1;
    }
    (*group)->plots.push_back(std::move(plot));
}

std::vector<ScanFault> PlotScanner::open(const std::string& path)
{
    std::vector<ScanFault> faults;
    const auto attempt = [&](const std::string& name, const auto& work) {
        try {
            work();
        } catch (const Error& error) {
            faults.push_back({name, error.what()});
        }
    };
    if (!is_directory(path)) {
        attempt(path, [&] { open_plot(path); });
        return faults;
    }
    attempt(path, [&] {
        for (const std::string& name : find_plots(path)) attempt(name, [&] { open_plot(name); });
    });
    return faults;
}

void PlotScanner::close(const std::string& path)
{
    for (const auto& group : groups_)
        std::erase_if(group->plots, [&](const auto& plot) { return plot->path() == path; });
    std::erase_if(groups_, [](const auto& group) { return group->plots.empty(); });
}

std::size_t PlotScanner::plots() const noexcept
{
    std::size_t count = 0;
    for (const auto& group : groups_) count += group->plots.size();
    return count;
}

std::vector<OwnedPlot> PlotScanner::owned() const
{
    std::vector<OwnedPlot> owned;
    for (const auto& group : groups_)
        for (const auto& plot : group->plots) owned.push_back({plot->path(), true, plot->spec()});
    return owned;
}

std::uint64_t PlotScanner::places() const noexcept
{
    std::uint64_t sum = 0;
    for (const auto& group : groups_)
        for (const auto& plot : group->plots) sum += cairn::places(plot->spec());
    return sum;
}

void PlotScanner::keep_awake(Entropy& entropy) const
{
    in_parallel(groups_.size(), groups_.size(), [&](std::size_t i) {
        const PlotFile& plot = *groups_[i]->plots.front();
        std::uint32_t drawn = 0;
        entropy.fill(std::as_writable_bytes(std::span{&drawn, 1}));
        const std::uint64_t units = file_size(plot.spec()) / AlignedBuffer::alignment;
        AlignedBuffer buffer{AlignedBuffer::alignment};
        try {
            if (units > 0) plot.read_at(drawn % units * AlignedBuffer::alignment, buffer.bytes());
        } catch (const Error&) { // NOLINT(bugprone-empty-catch): the next round tells
        }
    });
}

RoundReport PlotScanner::scan(const Round& round, const std::function<bool()>& is_over) const
{
    std::vector<Found> found(groups_.size());
    in_parallel(groups_.size(), groups_.size(),
                [&](std::size_t i) { found[i] = groups_[i]->scan(round, is_over); });
    RoundReport report;
    const Found* best = nullptr;
    for (Found& each : found) {
        report.disks.push_back(each.time);
        report.is_abandoned = report.is_abandoned || each.is_abandoned;
        std::ranges::move(each.faults, std::back_inserter(report.faults));
        if (each.plot == nullptr) continue;
        if (best == nullptr || each.answer.hit < best->answer.hit) best = &each;
    }
    if (best != nullptr)
        report.best = {
            best->plot->path(), best->answer.hit,
            claim_of(best->plot->spec(), best->answer.place, round.challenge, round.scoop)};
    return report;
}

} // namespace cairn
