#include "plots/plan.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "os/directory.hpp"
#include "os/file.hpp"
#include "os/input.hpp"
#include "plots/journal.hpp"
#include "plots/plot_part.hpp"
#include "plots/sums.hpp"
#include "plots/survey.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn {
namespace {

constexpr std::uint64_t band_warps = 16;     // where nothing has to move
constexpr std::uint64_t band_warps_max = 64; // what is made at a time
constexpr std::uint64_t stripe_nonces_max = 65'536;
constexpr std::uint64_t unit_nonces = 64;                 // a row of so many is a block of the disk
constexpr std::uint64_t beside_size = 32UL * 1024 * 1024; // bytes: the process itself, and reads

/// Bytes of memory for the nonces that are being made.
std::uint64_t makers_size(unsigned threads)
{
    constexpr std::uint64_t each = nonce_size + 16UL * 1024;
    return threads * NonceGroup{}.size() * each;
}

/// Makes the plan, directory by directory.
class Planner {
public:
    explicit Planner(const PlotWish& wish)
        : wish_{&wish},
          row_{side_of(wish.spec) * scoop_size},
          unit_size_{std::holds_alternative<Poc2Plot>(wish.spec) ? row_ : side_of(wish.spec) * row_}
    {
        const std::uint64_t beside = makers_size(wish.threads) + beside_size;
        if (wish.memory_max < beside + unit_size_)
            throw Error{Exit::usage,
                        format_size(wish.memory_max) +
                            " of memory are not enough: " + std::to_string(wish.threads) +
                            " threads and one stripe need " + format_size(beside + unit_size_)};
        plan_.stripe_memory = wish.memory_max - beside;
        for (const std::string& directory : wish.directories)
            std::ranges::move(owned_plots(directory, wish.spec), std::back_inserter(owned_));
        for (const OwnedPlot& plot : owned_)
            plan_.next_start = std::max(plan_.next_start, range_of(plot.spec).end());
    }

    PlotPlan run()
    {
        std::uint64_t start = wish_->start.value_or(0);
        std::set<std::string> met;
        for (const std::string& directory : wish_->directories) {
            if (!met.insert(directory).second)
                throw Error{Exit::usage, "'" + directory + "' is named twice"};
            if (wish_->count == 0) {
                fill(directory);
                continue;
            }
            add_range(directory, {start, wish_->count});
            start += wish_->count;
        }
        check_room();
        return std::move(plan_);
    }

private:
    /// Bytes that may still be taken on the file system of a directory.
    std::uint64_t& left_in(const std::string& directory)
    {
        const auto [found, is_new] = left_.try_emplace(file_system_of(directory), 0);
        if (is_new) {
            const std::uint64_t free = wish_->free_space_of(directory);
            found->second = free - std::min(free, wish_->reserve);
        }
        return found->second;
    }

    /// Bytes for a plot and what stands beside it.
    [[nodiscard]] static std::uint64_t room_for(const PlotTask& task)
    {
        constexpr std::uint64_t block = 4096;      // bytes
        constexpr std::uint64_t map_share = 4'096; // the file system's own, of all it maps
        const std::uint64_t stripes = Stripes::of(task.spec, task.stripe_places).count;
        const std::uint64_t sums =
            SumFile::header_size + stripes * side_of(task.spec) * Blake3Digest::size;
        const std::uint64_t size = file_size(task.spec);
        return size + size / map_share + sums + (stripes + 1) * 64 + 4 * block;
    }

    /// Bytes that an earlier run has made, as far as its journal can be read.
    [[nodiscard]] static std::uint64_t made(const std::string& path, const PlotSpec& spec)
    {
        constexpr std::size_t size_max = 256UL * 1024 * 1024; // bytes, of millions of stripes
        const std::string journal = path + std::string{journal_end};
        if (!exists(journal)) return 0;
        try {
            const JournalFacts facts = parse_journal(read_small_file(journal, size_max));
            const std::uint64_t done = std::min(facts.done * facts.places, places(spec));
            return done * side_of(spec) * scoop_size;
        } catch (const Error&) {
            return 0; // whoever goes on with it tells
        }
    }

    /// The plot with a band that suits the disk, unless it was begun with another.
    [[nodiscard]] PlotTask task_for(const std::string& directory, PlotSpec spec, const Disk& disk,
                                    bool is_begun) const
    {
        const std::uint64_t units = plan_.stripe_memory / unit_size_; // that memory holds
        const std::uint64_t at_once = std::max<std::uint64_t>(units / 2, 1);
        if (auto* const plot = std::get_if<X1Plot>(&spec)) {
            const std::uint64_t written =
                disk.is_rotational ? std::min(at_once, band_warps_max) : band_warps;
            const std::uint64_t wanted = wish_->band > 0 ? wish_->band : written;
            if (!is_begun) plot->band = std::min(wanted, plot->warps);
            const bool is_whole = disk.is_rotational && plot->band <= at_once;
            return {directory, spec, (is_whole ? plot->band : 1) * plot->shape.side};
        }
        std::uint64_t count = std::min(at_once, stripe_nonces_max);
        if (count > unit_nonces) count -= count % unit_nonces;
        return {directory, spec, std::min(count, places(spec))};
    }

    void add(const std::string& directory, const PlotSpec& spec, bool is_begun)
    {
        const Disk disk = disk_of(directory);
        PlannedPlot plot{.task = task_for(directory, spec, disk, is_begun), .disk = disk};
        const std::string path = directory + '/' + name_of(spec);
        plot.is_finished = is_finished(directory, spec);
        if (!plot.is_finished) {
            const std::uint64_t needed = room_for(plot.task);
            const std::uint64_t there = allocated_size(path + std::string{part_end});
            plot.room = needed - std::min(needed, there);
            plot.left = file_size(spec) - made(path, spec);
        }
        needed_[file_system_of(directory)] += plot.room;
        plan_.next_start = std::max(plan_.next_start, range_of(spec).end());
        plan_.plots.push_back(std::move(plot));
    }

    /// The plot with just this range.
    void add_range(const std::string& directory, const PlotRange& range)
    {
        check_range(range);
        PlotSpec spec = with_range(wish_->spec, range);
        bool is_begun = false;
        for (const OwnedPlot& other : owned_) {
            const std::uint64_t count = shared(range_of(other.spec), range);
            if (count == 0) continue;
            is_begun = other.path == directory + '/' + name_of(spec);
            if (!is_begun) fail_overlap(other, range, count);
            spec = other.spec;
        }
        add(directory, spec, is_begun);
    }

    /// What was begun there, then one that takes the room that is left.
    void fill(const std::string& directory)
    {
        for (const OwnedPlot& other : owned_)
            if (!other.is_finished && other.path == directory + '/' + name_of(other.spec))
                add(directory, other.spec, true);
        const std::uint64_t begun = needed_[file_system_of(directory)];
        const std::uint64_t left = left_in(directory) - std::min(left_in(directory), begun);
        const bool is_first = wish_->start && !has_new_;
        PlotRange range{.first = is_first ? *wish_->start : plan_.next_start,
                        .count = left / unit_size_};
        const bool has_warps = std::holds_alternative<X1Plot>(wish_->spec);
        range.count = std::min(range.count, has_warps ? warps_max : nonces_max);
        range.count = std::min(range.count, UINT64_MAX - range.first);
        if (!has_warps) range.count -= range.count % unit_nonces;
        const std::uint64_t step = has_warps ? 1 : unit_nonces;
        const Disk disk = disk_of(directory);
        while (range.count > 0 &&
               room_for(task_for(directory, with_range(wish_->spec, range), disk, false)) > left)
            range.count -= step;
        if (range.count == 0) return;
        has_new_ = true;
        add_range(directory, range);
    }

    [[noreturn]] void fail_overlap(const OwnedPlot& other, const PlotRange& range,
                                   std::uint64_t count) const
    {
        const char* const unit = std::holds_alternative<X1Plot>(wish_->spec) ? " warps" : " nonces";
        throw Error{Exit::cantcreat,
                    "a plot of" + std::string{unit} + " from " + std::to_string(range.first) +
                        " on would have " + std::to_string(count) + " that '" + other.path +
                        "' has already",
                    "--start " + std::to_string(plan_.next_start)};
    }

    void check_range(const PlotRange& range) const
    {
        const bool has_warps = std::holds_alternative<X1Plot>(wish_->spec);
        const bool is_possible =
            has_warps ? range.first <= warp_number_max && range.count <= warps_max
                      : range.count <= nonces_max && range.first <= UINT64_MAX - (range.count - 1);
        if (!is_possible)
            throw Error{Exit::usage, "there is no plot of " + std::to_string(range.count) +
                                         (has_warps ? " warps" : " nonces") + " from " +
                                         std::to_string(range.first) + " on"};
    }

    void check_room()
    {
        for (const std::string& directory : wish_->directories) {
            const std::uint64_t needed = needed_[file_system_of(directory)];
            if (needed <= left_in(directory)) continue;
            throw Error{Exit::ioerr, "'" + directory + "' has " + format_size(left_in(directory)) +
                                         " free, besides the reserve of " +
                                         format_size(wish_->reserve) + ", and the plots need " +
                                         format_size(needed)};
        }
    }

    const PlotWish* wish_;
    std::uint64_t row_;       // bytes of a nonce
    std::uint64_t unit_size_; // bytes of a nonce or a warp
    std::vector<OwnedPlot> owned_;
    std::map<std::uint64_t, std::uint64_t> left_;   // bytes by file system
    std::map<std::uint64_t, std::uint64_t> needed_; // bytes by file system
    bool has_new_ = false;
    PlotPlan plan_;
};

} // namespace

PlotPlan plan_plots(const PlotWish& wish)
{
    return Planner{wish}.run();
}

std::uint64_t round_estimate_ms(const PlotSpec& spec, const Disk& disk)
{
    // A seek and half a turn of a disk; a command of one without moving parts.
    const double run_ms = disk.is_rotational ? 12 : 0.1;
    const double bytes_per_ms = disk.is_rotational ? 150e3 : 400e3;
    const double runs = static_cast<double>(runs_of(spec, {0}).size());
    const auto bytes = static_cast<double>(places(spec) * scoop_size);
    return static_cast<std::uint64_t>(runs * run_ms + bytes / bytes_per_ms);
}

} // namespace cairn
