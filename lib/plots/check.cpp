#include "plots/check.hpp"

#include "os/directory.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cairn {
namespace {

constexpr std::size_t memory_size = 4UL * 1024 * 1024; // bytes read at a time

class PlotChecker {
public:
    PlotChecker(const PlotFile& plot, const PlotCheckOptions& options, Entropy& entropy)
        : plot_{&plot},
          spec_{&plot.spec()},
          options_{&options},
          entropy_{&entropy},
          maker_{options.factory, plot.spec(), options.threads, [](std::uint64_t) {}}
    {
        const std::string path = sum_name(plot.path());
        if (exists(path)) sums_.emplace(SumFile::open(path, *spec_));
        report_.has_sums = sums_.has_value();
    }

    PlotReport run()
    {
        if (!options_->is_full)
            check_samples();
        else if (sums_)
            check_all_sums();
        else
            check_all_nonces();
        return std::move(report_);
    }

private:
    std::uint64_t drawn(std::uint64_t below)
    {
        std::array<std::byte, 8> bytes{};
        entropy_->fill(bytes);
        std::uint64_t value = 0;
        for (const std::byte byte : bytes)
            value = value << 8U | std::to_integer<std::uint64_t>(byte);
        return value % below; // an even choice is wanted, not a secret
    }

    ScoopNumber drawn_scoop() { return {static_cast<std::uint16_t>(drawn(side_of(*spec_)))}; }

    void note(const PlotRun& run, ScoopNumber scoop, const char* what)
    {
        if (report_.faults.size() < PlotReport::faults_max)
            report_.faults.push_back({run.offset, run.size, run.place, scoop, what});
    }

    Blake3Digest sum_of(const PlotRun& run)
    {
        Blake3 hash;
        for (PlotRun rest = run; rest.size > 0;) {
            const ByteView part = plot_->read_part(rest, memory_.bytes());
            hash.update(part);
            count(part.size());
            rest = rest.behind(part.size());
        }
        return hash.digest();
    }

    void count(std::uint64_t bytes)
    {
        report_.bytes_read += bytes;
        if (options_->read) options_->read(bytes);
    }

    [[nodiscard]] PlotRun run_in(std::uint64_t stripe, ScoopNumber scoop) const
    {
        const Stripes& stripes = sums_->stripes();
        return run_of(*spec_, scoop, stripes.first_of(stripe), stripes.places_of(*spec_, stripe));
    }

    void check_run(std::uint64_t stripe, ScoopNumber scoop)
    {
        const PlotRun run = run_in(stripe, scoop);
        if (sum_of(run) != sums_->take(stripe, scoop)) note(run, scoop, "differs from its sum");
    }

    void check_scoop(std::uint64_t place, ScoopNumber scoop)
    {
        const PlotRun run = run_of(*spec_, scoop, place, 1);
        const ByteView stored = plot_->read_part(run, memory_.bytes());
        count(stored.size());
        ++report_.scoops_made;
        maker_.with([&](NonceMaker& maker) {
            if (!std::ranges::equal(make_scoop(*spec_, place, scoop, maker), stored))
                note(run, scoop, "is not what its nonces give");
        });
    }

    void check_samples()
    {
        const std::uint64_t scoops_wanted =
            sums_ ? divide_up(options_->samples, 4) : options_->samples;
        if (sums_)
            for (std::uint64_t i = 0; i < options_->samples; ++i)
                check_run(drawn(sums_->stripes().count), drawn_scoop());
        for (std::uint64_t i = 0; i < scoops_wanted; ++i)
            check_scoop(drawn(places(*spec_)), drawn_scoop());
        const double share = 1 - std::pow(0.01, 1.0 / static_cast<double>(options_->samples));
        report_.unseen_ppm = static_cast<std::uint64_t>(share * 1e6);
    }

    /// In the order of the file, so that a disk reads it in one go.
    void check_all_sums()
    {
        const Stripes& stripes = sums_->stripes();
        std::uint64_t group = stripes.count; // stripes whose runs alternate
        if (const auto* const plot = std::get_if<X1Plot>(spec_))
            group = std::max<std::uint64_t>(plot->band * plot->shape.side / stripes.places, 1);
        for (std::uint64_t first = 0; first < stripes.count; first += group)
            for (std::size_t s = 0; s < side_of(*spec_); ++s)
                for (std::uint64_t i = first; i < std::min(first + group, stripes.count); ++i)
                    check_run(i, {static_cast<std::uint16_t>(s)});
        for (std::uint64_t i = 0; i < divide_up(options_->samples, 4); ++i)
            check_scoop(drawn(places(*spec_)), drawn_scoop());
    }

    void check_all_nonces()
    {
        std::uint64_t each = 4096;
        if (const auto* const plot = std::get_if<X1Plot>(spec_)) each = plot->shape.side;
        const Stripes stripes = Stripes::of(*spec_, std::min(each, places(*spec_)));
        const std::size_t side = side_of(*spec_);
        AlignedBuffer expected{stripes.places * side * scoop_size};
        for (std::uint64_t i = 0; i < stripes.count; ++i) {
            const std::uint64_t first = stripes.first_of(i);
            const std::uint64_t count_of = stripes.places_of(*spec_, i);
            maker_.fill(first, count_of, expected.bytes());
            for (std::size_t s = 0; s < side; ++s) {
                const ScoopNumber scoop{static_cast<std::uint16_t>(s)};
                const PlotRun run = run_of(*spec_, scoop, first, count_of);
                const auto row = std::as_const(expected).bytes().subspan(s * count_of * scoop_size,
                                                                         count_of * scoop_size);
                if (sum_of(run) != blake3(row)) note(run, scoop, "is not what its nonces give");
            }
            report_.scoops_made += count_of * side;
        }
    }

    const PlotFile* plot_;
    const PlotSpec* spec_;
    const PlotCheckOptions* options_;
    Entropy* entropy_;
    StripeMaker maker_;
    std::optional<SumFile> sums_;
    AlignedBuffer memory_{memory_size};
    PlotReport report_;
};

} // namespace

PlotReport check_plot(const PlotFile& plot, const PlotCheckOptions& options, Entropy& entropy)
{
    return PlotChecker{plot, options, entropy}.run();
}

} // namespace cairn
