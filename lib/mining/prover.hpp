#pragma once

#include "mining/round.hpp"
#include "plots/survey.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

// Answers rounds from plots that somebody's money depends on: what has become unreadable is named
// and tried again, and no answer is given that was not made again from its nonces.

namespace cairn {

struct Proof {
    std::optional<Answer> answer; ///< none where nothing could be read, or not all was
    std::string path;             ///< of the plot
    std::vector<ScanFault> faults;
    std::vector<DiskTime> disks;
    std::uint64_t time_ms = 0;
    bool is_abandoned = false;
};

class Prover {
public:
    /// Makes the hits of claims again: hits_of(), unless a test has another.
    using HitsOf = std::function<std::vector<Hit>(std::span<const Claim>)>;

    /// `paths` are plots, and directories of plots. Nothing is opened yet.
    explicit Prover(std::vector<std::string> paths, HitsOf hits = {});

    /// Opens what is there and not open, closes what is gone. Returns what could not be opened.
    std::vector<ScanFault> refresh();

    [[nodiscard]] const PlotScanner& scanner() const noexcept { return scanner_; }

    /// The best answer to a round. A plot whose scoops are not what its nonces give is not asked
    /// again as long as this lives; one that cannot be read is closed until the next refresh().
    /// Ends early when `is_over`, which is called from several threads, says so.
    [[nodiscard]] Proof prove(
        const Announcement& announcement,
        const std::function<bool()>& is_over = [] { return false; });

private:
    std::vector<std::string> paths_;
    HitsOf hits_;
    PlotScanner scanner_;
    std::map<std::string, std::string> rotten_; // and why
};

/// Adds what was done for a round to its answer; without an answer it is the round that is told.
[[nodiscard]] Json to_json(const Proof& proof, const Announcement& announcement);

} // namespace cairn
