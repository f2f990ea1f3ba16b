#include "plots/plot_file.hpp"

#include "base/error.hpp"
#include "os/clock.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

std::string_view base_name(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

PlotSpec read_spec(const DirectFile& file, const std::string& path)
{
    switch (kind_of(base_name(path))) {
    case PlotKind::poc2:
        return *parse_poc2_name(base_name(path));
    case PlotKind::poc1:
        throw Error{Exit::data, "'" + path + "' is a plot of the form PoC1, which is not read"};
    case PlotKind::none:
        if (base_name(path).ends_with(".part"))
            throw Error{Exit::data, "'" + path + "' is a plot that is not finished"};
        break;
    case PlotKind::x1:
        break;
    }
    if (file.size() < x1_header_size) throw Error{Exit::data, "'" + path + "' is not a plot"};
    Bytes header(x1_header_size);
    file.read_at(0, header);
    return parse_x1_header(header);
}

} // namespace

PlotFile::PlotFile(const std::string& path)
    : path_{path},
      file_{DirectFile::open(path)},
      spec_{read_spec(file_, path)}
{
    const std::uint64_t size = file_size(spec_);
    if (file_.size() != size)
        throw Error{Exit::data, "'" + path + "' has " + std::to_string(file_.size()) +
                                    " bytes, and a plot of its name has " + std::to_string(size)};
}

void PlotFile::read_run(const PlotRun& run, MutableByteView memory,
                        const std::function<bool(ByteView, std::uint64_t)>& take) const
{
    constexpr std::uint64_t alignment = AlignedBuffer::alignment;
    const std::uint64_t size_max = memory.size() / alignment * alignment;
    assert(size_max > alignment);
    const std::uint64_t end = run.offset + run.size;
    std::uint64_t place = run.place;
    for (std::uint64_t at = run.offset; at < end;) {
        // Whole units of the disk, as far as the file has them.
        const std::uint64_t begin = at / alignment * alignment;
        const std::uint64_t wanted =
            std::min(divide_up(end, alignment) * alignment, begin + size_max);
        const std::uint64_t last = std::min(wanted, file_size(spec_));
        const MutableByteView part = memory.first(last - begin);
        file_.read_at(begin, part);
        const ByteView taken = part.subspan(at - begin, std::min(last, end) - at);
        if (!take(taken, place)) return;
        place += taken.size() / scoop_size;
        at += taken.size();
    }
}

std::vector<std::string> find_plots(const std::string& directory)
{
    std::vector<std::string> paths;
    for (const std::string& name : list_directory(directory)) {
        const PlotKind kind = kind_of(name);
        if (kind != PlotKind::poc2 && kind != PlotKind::x1) continue;
        paths.push_back(directory);
        paths.back().append("/").append(name);
    }
    return paths;
}

std::vector<std::string> expand_plots(const std::vector<std::string>& paths)
{
    std::vector<std::string> plots;
    for (const std::string& path : paths) {
        if (!is_directory(path)) {
            plots.push_back(path);
            continue;
        }
        const std::vector<std::string> found = find_plots(path);
        plots.insert(plots.end(), found.begin(), found.end());
    }
    return plots;
}

std::optional<PlotAnswer> best_answer(const PlotFile& plot, const Challenge& challenge,
                                      ScoopNumber scoop, MutableByteView memory,
                                      const std::function<bool()>& is_over)
{
    PlotAnswer answer{.hit = {UINT64_MAX}};
    const std::uint64_t begun_ms = monotonic_ms();
    bool is_complete = true;
    for (const PlotRun& run : runs_of(plot.spec(), scoop)) {
        plot.read_run(run, memory, [&](ByteView part, std::uint64_t place) {
            const RankedScoop best = best_scoop(challenge, part);
            if (answer.bytes_read == 0 || best.hit < answer.hit) {
                answer.hit = best.hit;
                answer.place = place + best.index;
            }
            answer.bytes_read += part.size();
            is_complete = !is_over();
            return is_complete;
        });
        if (!is_complete) return std::nullopt;
    }
    answer.read_ms = monotonic_ms() - begun_ms;
    return answer;
}

} // namespace cairn
