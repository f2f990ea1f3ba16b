#pragma once

#include "os/append_file.hpp"
#include "plots/sums.hpp"

namespace cairn {

/// What of an unfinished plot is on the disk, in a file beside it: whoever is killed goes on with
/// the stripe after the last one noted. Throws as AppendFile.
class PlotJournal {
public:
    static constexpr std::string_view magic = "cairnjnl";

    /// Begins one, or goes on with that of an earlier run, whose stripes may be of another size.
    /// Throws also Error{data} when it is another plot's.
    PlotJournal(const std::string& path, const PlotSpec& spec, std::uint64_t places_each);

    [[nodiscard]] const Stripes& stripes() const noexcept { return stripes_; }

    /// Stripes that are done, from the first on.
    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

    /// One more is done: call it when it is on the disk.
    void note();

    /// The plot is complete.
    void remove() noexcept { file_.remove(); }

private:
    AppendFile file_;
    Bytes begin_; // the first record
    Stripes stripes_;
    std::uint64_t done_ = 0;
};

/// What a journal says without its plot.
struct JournalFacts {
    Blake3Digest plot;        ///< digest_of() of it
    std::uint64_t places = 0; ///< of a stripe
    std::uint64_t done = 0;   ///< stripes
};

/// Throws Error{data} for what begins as no journal does. What is behind the last good record does
/// not count.
[[nodiscard]] JournalFacts parse_journal(ByteView bytes);

} // namespace cairn
