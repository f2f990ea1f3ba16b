#include "plots/plot_file.hpp"

#include "base/error.hpp"
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
    try {
        return parse_x1_header(header);
    } catch (const Error& error) {
        throw Error{error.code(), "'" + path + "': " + error.what()};
    }
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

ByteView PlotFile::read_part(const PlotRun& run, MutableByteView memory) const
{
    constexpr std::uint64_t alignment = AlignedBuffer::alignment;
    const std::uint64_t size_max = memory.size() / alignment * alignment;
    assert(run.size > 0 && size_max > alignment);
    // Whole units of the disk, as far as the file has them.
    const std::uint64_t begin = run.offset / alignment * alignment;
    const std::uint64_t end = run.offset + run.size;
    const std::uint64_t wanted = std::min(divide_up(end, alignment) * alignment, begin + size_max);
    const std::uint64_t last = std::min(wanted, file_size(spec_));
    const MutableByteView part = memory.first(last - begin);
    file_.read_at(begin, part);
    return part.subspan(run.offset - begin, std::min(last, end) - run.offset);
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

} // namespace cairn
