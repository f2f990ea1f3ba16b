#pragma once

#include "plots/journal.hpp"
#include "plots/making.hpp"

#include <memory>

namespace cairn {

/// What a plot is called until it is complete, and what stands beside it meanwhile.
inline constexpr std::string_view part_end = ".part";
inline constexpr std::string_view journal_end = ".journal";

/// Whether a plot is in a directory, complete; what a run that was killed in its last moment left
/// beside it is removed. Throws Error{cantcreat} when another plot has its name, else as PlotFile.
[[nodiscard]] bool is_finished(const std::string& directory, const PlotSpec& spec);

/// A plot that is being made: NAME.part, which gets its name when all of it is on the disk and was
/// looked at, and beside it a journal and the sums. Throws Error{cantcreat} when it cannot
/// be made, Error{tempfail} when another process makes the same plot or has made it meanwhile,
/// Error{ioerr} when the disk fails or is full, Error{data} when what it reads back is not what it
/// wrote, or what an earlier run left is not whole.
class PlotPart {
public:
    /// Begins, or goes on where an earlier run stopped, in stripes of the size that run had.
    PlotPart(const std::string& directory, const PlotSpec& spec, std::uint64_t places_each);

    [[nodiscard]] const PlotSpec& spec() const noexcept { return spec_; }
    [[nodiscard]] const Stripes& stripes() const noexcept { return journal_.stripes(); }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Stripes that are on the disk.
    [[nodiscard]] std::uint64_t done() const noexcept { return journal_.done(); }

    /// Why it is written by the page cache; empty if it is not.
    [[nodiscard]] const std::string& reason_for_cache() const noexcept
    {
        return file_.reason_for_cache();
    }

    /// Whether the file system has room for all of it that nobody else can take.
    [[nodiscard]] bool is_reserved() const noexcept { return is_reserved_; }

    /// Writes the next stripe, which lies in memory as StripeMaker makes it.
    void write(ByteView stripe, const std::function<void(std::uint64_t)>& written);

    /// Reads some scoops of the plot again, makes them anew and compares; then the plot is
    /// complete. Needs all stripes.
    void finish(NonceMaker& maker);

private:
    void check_samples(NonceMaker& maker);

    PlotSpec spec_;
    std::string path_;
    PlotJournal journal_;
    DirectFile file_;
    SumFile sums_;
    bool is_reserved_ = true;
};

} // namespace cairn
