#include "plots/survey.hpp"

#include "base/error.hpp"
#include "os/append_file.hpp"
#include "os/direct_file.hpp"
#include "os/directory.hpp"
#include "plots/plot_file.hpp"
#include "plots/plot_part.hpp"
#include "plots/sums.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace cairn {
namespace {

/// The plot that an unfinished file is about; of one without a header what its name tells.
std::optional<PlotSpec> spec_of_part(const std::string& path, const std::string& name,
                                     const PlotSpec& like)
{
    const PlotKind kind = kind_of(name);
    if (kind == PlotKind::poc2) return *parse_poc2_name(name);
    if (kind != PlotKind::x1) return std::nullopt;
    try {
        const DirectFile file = DirectFile::open(path + std::string{part_end});
        Bytes header(x1_header_size);
        file.read_at(0, header);
        return parse_x1_header(header);
    } catch (const Error&) { // killed before there was one
        const std::optional<PlotRange> range = x1_range_of(name);
        if (!range) return std::nullopt;
        const PlotSpec spec = with_range(like, *range);
        return name_of(spec) == name ? std::optional{spec} : std::nullopt;
    }
}

std::string path_of(std::string directory, const std::string& name)
{
    return directory.append("/").append(name);
}

std::string without(const std::string& name, std::string_view end)
{
    return name.ends_with(end) ? name.substr(0, name.size() - end.size()) : std::string{};
}

/// The names of plots that are not finished.
std::set<std::string> unfinished(const std::vector<std::string>& names)
{
    std::set<std::string> found;
    for (const std::string& name : names)
        for (const std::string& end : {sum_name("") + std::string{part_end}, std::string{part_end},
                                       std::string{journal_end}}) {
            const std::string plot = without(name, end);
            const PlotKind kind = kind_of(plot);
            if (kind == PlotKind::poc2 || kind == PlotKind::x1) found.insert(plot);
        }
    return found;
}

} // namespace

std::uint64_t shared(const PlotRange& one, const PlotRange& other) noexcept
{
    const PlotRange& low = one.first <= other.first ? one : other;
    const PlotRange& high = one.first <= other.first ? other : one;
    const std::uint64_t between = high.first - low.first;
    return between >= low.count ? 0 : std::min(low.count - between, high.count);
}

bool are_alike(const PlotSpec& one, const PlotSpec& other)
{
    const PlotRange none{.first = 0, .count = 1};
    return with_range(one, none) == with_range(other, none);
}

std::vector<OwnedPlot> owned_plots(const std::string& directory, const PlotSpec& spec)
{
    std::vector<OwnedPlot> plots;
    const auto add = [&](const std::string& path, bool is_finished, const PlotSpec& found) {
        if (are_alike(found, spec)) plots.push_back({path, is_finished, found});
    };
    const std::vector<std::string> names = list_directory(directory);
    for (const std::string& path : find_plots(directory)) {
        try {
            add(path, true, PlotFile{path}.spec());
        } catch (const Error&) { // NOLINT(bugprone-empty-catch): whoever reads plots tells of it
        }
    }
    for (const std::string& name : unfinished(names)) {
        const std::string path = path_of(directory, name);
        if (exists(path)) continue;
        if (const auto found = spec_of_part(path, name, spec)) add(path, false, *found);
    }
    std::ranges::sort(plots, {}, [](const OwnedPlot& plot) { return range_of(plot.spec); });
    return plots;
}

std::vector<PlotOverlap> overlaps_of(std::vector<OwnedPlot> plots)
{
    std::ranges::sort(plots, {}, [](const OwnedPlot& plot) { return range_of(plot.spec); });
    std::vector<PlotOverlap> overlaps;
    for (std::size_t i = 0; i < plots.size(); ++i)
        for (std::size_t k = i + 1; k < plots.size(); ++k) {
            const std::uint64_t count = shared(range_of(plots[i].spec), range_of(plots[k].spec));
            if (count > 0 && are_alike(plots[i].spec, plots[k].spec))
                overlaps.push_back({plots[i].path, plots[k].path, count});
        }
    return overlaps;
}

std::string PlotOverlap::to_text() const
{
    return "'" + path + "' and '" + other + "' have " + std::to_string(count) +
           " nonces or warps in common";
}

std::vector<std::string> clean_plots(const std::string& directory, bool is_trial)
{
    const std::vector<std::string> names = list_directory(directory);
    const std::set<std::string> present{names.begin(), names.end()};
    std::vector<std::string> removed;
    const auto remove = [&](const std::string& name) {
        if (!present.contains(name)) return;
        const std::string path = path_of(directory, name);
        if (!is_trial) remove_file(path);
        removed.push_back(path);
    };
    const std::string part{part_end};
    const std::string journal{journal_end};
    for (const std::string& name : unfinished(names)) {
        // Nobody works on it while we have its journal.
        std::optional<AppendFile> lock;
        if (present.contains(name + journal)) {
            try {
                lock.emplace(AppendFile::open(path_of(directory, name + journal)));
            } catch (const Error& error) {
                if (error.code() == Exit::tempfail) continue;
                throw;
            }
        }
        remove(name + part);
        remove(sum_name(name) + part);
        if (!present.contains(name)) remove(sum_name(name));
        remove(name + journal);
    }
    for (const std::string& name : names) {
        const std::string plot = without(name, sum_name(""));
        const PlotKind kind = kind_of(plot);
        const bool is_sum = kind == PlotKind::poc2 || kind == PlotKind::x1;
        if (is_sum && !present.contains(plot) && !present.contains(plot + journal)) remove(name);
    }
    return removed;
}

} // namespace cairn
