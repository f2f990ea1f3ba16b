#pragma once

#include "os/direct_file.hpp"
#include "plots/spec.hpp"

#include <functional>

namespace cairn {

/// A finished plot, open for reading. Throws Error{noinput} when it cannot be opened, Error{data}
/// when it is no plot, is not finished, or has not the size that it must have, Error{ioerr} when
/// the disk fails.
class PlotFile {
public:
    explicit PlotFile(const std::string& path);

    [[nodiscard]] const PlotSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Whether both are the same file, by whatever names.
    [[nodiscard]] bool is_same(const PlotFile& other) const { return file_.is_same(other.file_); }

    /// Fills `buffer` from a place of the file.
    void read_at(std::uint64_t offset, MutableByteView buffer) const
    {
        file_.read_at(offset, buffer);
    }

    /// Reads the begin of a run, straight from the disk where that can be: as many scoops as fit
    /// `memory`, which is an AlignedBuffer of at least two alignments. What is returned lies in it.
    [[nodiscard]] ByteView read_part(const PlotRun& run, MutableByteView memory) const;

private:
    std::string path_;
    DirectFile file_;
    PlotSpec spec_;
};

/// The plots in a directory, sorted, by their names: finished ones only. Throws Error{noinput}.
[[nodiscard]] std::vector<std::string> find_plots(const std::string& directory);

/// Plots as command lines name them: where there is a directory, all that are in it.
[[nodiscard]] std::vector<std::string> expand_plots(const std::vector<std::string>& paths);

} // namespace cairn
