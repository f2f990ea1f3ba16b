#include "plots/scanner.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"
#include "os/parallel.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t buffer_size = 4UL * 1024 * 1024; // bytes, of what is read at a time
constexpr std::size_t buffers = 3; // one is read into; a fast disk gives more than one thread ranks

} // namespace

/// The plots of one disk, and memory to read them into.
struct PlotScanner::Group {
    explicit Group(Disk of_disk) : disk{std::move(of_disk)}
    {
        for (std::size_t i = 0; i < buffers; ++i) memory.emplace_back(buffer_size);
    }

    Disk disk;
    std::vector<std::unique_ptr<PlotFile>> plots;
    std::vector<AlignedBuffer> memory;
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
    for (const auto& group : groups_)
        for (const auto& other : group->plots)
            if (other->is_same(*plot)) return;
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
    std::vector<DiskAnswer> answers(groups_.size());
    RoundReport report;
    report.disks.resize(groups_.size());
    in_parallel(groups_.size(), groups_.size(), [&](std::size_t i) {
        Group& group = *groups_[i];
        const std::uint64_t begun_ms = monotonic_ms();
        answers[i] = scan_disk(group.plots, round, group.memory, is_over);
        report.disks[i] = {group.disk, group.plots.size(), answers[i].bytes_read,
                           monotonic_ms() - begun_ms};
    });
    const DiskAnswer* best = nullptr;
    for (DiskAnswer& answer : answers) {
        report.is_abandoned = report.is_abandoned || answer.is_abandoned;
        std::ranges::move(answer.faults, std::back_inserter(report.faults));
        if (answer.plot == nullptr) continue;
        if (best == nullptr || answer.hit < best->hit) best = &answer;
    }
    if (best != nullptr && !report.is_abandoned)
        report.best = {best->plot->path(), best->hit,
                       claim_of(best->plot->spec(), best->place, round.challenge, round.scoop)};
    return report;
}

} // namespace cairn
