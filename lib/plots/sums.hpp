#pragma once

#include "os/direct_file.hpp"
#include "plots/spec.hpp"

// The sums beside a plot: one BLAKE3 for each scoop of each stripe, so that a check of the whole
// plot is one pass over the disk instead of making it again. cairn-plot(5) specifies the file.

namespace cairn {

/// How a plot is cut into stripes, the units that it is made in: warps or whole bands, or as many
/// nonces as fit memory.
struct Stripes {
    std::uint64_t places = 0; ///< of each stripe but perhaps the last
    std::uint64_t count = 0;

    /// Whether a plot may have stripes of so many places.
    static bool are_possible(const PlotSpec& spec, std::uint64_t places_each);

    /// Needs a possible number.
    static Stripes of(const PlotSpec& spec, std::uint64_t places_each);

    /// The places of one stripe.
    [[nodiscard]] std::uint64_t first_of(std::uint64_t stripe) const { return stripe * places; }
    [[nodiscard]] std::uint64_t places_of(const PlotSpec& spec, std::uint64_t stripe) const;

    friend auto operator<=>(const Stripes&, const Stripes&) = default;
};

/// The sums of a plot, in a file of their own. Throws as DirectFile.
class SumFile {
public:
    static constexpr std::size_t header_size = 64; // bytes
    static constexpr std::string_view magic = "cairnsum";

    /// Makes the file, or goes on with one that is there.
    static SumFile make(const std::string& path, const PlotSpec& spec, const Stripes& stripes);

    /// Reads what is there. Throws Error{data} when it is not the plot's.
    static SumFile open(const std::string& path, const PlotSpec& spec);

    [[nodiscard]] const Stripes& stripes() const noexcept { return stripes_; }

    /// Writes the sums of a stripe, one for each scoop, durably.
    void put(std::uint64_t stripe, std::span<const Blake3Digest> sums);

    /// The sum of one scoop of a stripe.
    [[nodiscard]] Blake3Digest take(std::uint64_t stripe, ScoopNumber scoop) const;

private:
    SumFile(DirectFile file, std::size_t side, Stripes stripes);

    [[nodiscard]] std::uint64_t offset_of(std::uint64_t stripe) const noexcept;

    DirectFile file_;
    std::size_t side_;
    Stripes stripes_;
};

/// What the header of a file of sums says.
struct SumFacts {
    Blake3Digest plot; ///< digest_of() of its plot
    std::uint32_t side = 0;
    Stripes stripes;
};

/// Throws Error{data} for what is no such header, and for numbers that no plot has.
[[nodiscard]] SumFacts parse_sum_header(ByteView header);

/// "<plot>.sum"
[[nodiscard]] std::string sum_name(const std::string& plot_path);

} // namespace cairn
