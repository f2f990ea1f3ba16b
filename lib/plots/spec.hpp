#pragma once

#include "capacity/claim.hpp"
#include "hash/blake3.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

// What a plot file holds, and where in it everything is. cairn-plot(5) specifies both forms.

namespace cairn {

/// A plot of the family's form: all metadata is in its name.
struct Poc2Plot {
    NumericAccount account;
    NonceNumber start;
    std::uint64_t nonces = 0;  ///< at least 1; start + nonces is at most 2^64
    std::size_t side = scoops; ///< scoops of a nonce; less only in tests

    friend auto operator<=>(const Poc2Plot&, const Poc2Plot&) = default;
};

/// A plot of the native form: warps, in bands that are stored scoop by scoop.
struct X1Plot {
    PlotOwner owner;
    WarpShape shape; ///< its side is less than 4096 only in tests
    std::uint64_t first_warp = 0;
    std::uint64_t warps = 0; ///< at least 1, at most warps_max
    std::uint64_t band = 1;  ///< warps of a band, at least 1; the last band may have fewer

    friend auto operator<=>(const X1Plot&, const X1Plot&) = default;
};

using PlotSpec = std::variant<Poc2Plot, X1Plot>;

inline constexpr std::uint64_t warps_max = std::uint64_t{1} << 24U;       ///< of a file: 16 PiB
inline constexpr std::uint64_t warp_number_max = std::uint64_t{1} << 40U; ///< of the first
inline constexpr std::uint64_t nonces_max = std::uint64_t{1} << 36U;      ///< of a file: 16 PiB
inline constexpr std::size_t x1_header_size = 4096;                       // bytes
inline constexpr std::string_view x1_magic = "cairn-x1";                  // it begins so

/// The file's name: "<account>_<start>_<nonces>" or "cairn-<8 hex>-<first warp>-<warps>.x1".
[[nodiscard]] std::string name_of(const PlotSpec& spec);

/// Names the same plot in journals and sums: BLAKE3 of the header, or of the name.
[[nodiscard]] Blake3Digest digest_of(const PlotSpec& spec);

/// Bytes of the whole file.
[[nodiscard]] std::uint64_t file_size(const PlotSpec& spec);

/// Nonces of a plot of the family's form, warps of one of ours.
struct PlotRange {
    std::uint64_t first = 0;
    std::uint64_t count = 0;

    [[nodiscard]] std::uint64_t end() const noexcept { return first + count; }

    friend auto operator<=>(const PlotRange&,
                            const PlotRange&) = default; // NOLINT(modernize-use-nullptr)
};

[[nodiscard]] PlotRange range_of(const PlotSpec& spec);

/// The same plot, but for its range.
[[nodiscard]] PlotSpec with_range(PlotSpec spec, const PlotRange& range);

/// Scoops that a round reads: nonces, or places of all warps.
[[nodiscard]] std::uint64_t places(const PlotSpec& spec);

/// How many scoops there are in a nonce: what a scoop's number is below.
[[nodiscard]] std::size_t side_of(const PlotSpec& spec);

/// A part of the file whose scoops belong to one round, one place after the other.
struct PlotRun {
    std::uint64_t offset = 0; ///< bytes
    std::uint64_t size = 0;   ///< bytes
    std::uint64_t place = 0;  ///< of the first

    /// What of it is behind so many bytes, whole scoops.
    [[nodiscard]] PlotRun behind(std::uint64_t bytes) const noexcept
    {
        return {offset + bytes, size - bytes, place + bytes / scoop_size};
    }

    friend auto operator<=>(const PlotRun&, const PlotRun&) = default;
};

/// All that a round about `scoop` reads: one run, or one of each band.
[[nodiscard]] std::vector<PlotRun> runs_of(const PlotSpec& spec, ScoopNumber scoop);

/// Where the places `first` to `first + count - 1` have a scoop. Needs all of them in one band.
[[nodiscard]] PlotRun run_of(const PlotSpec& spec, ScoopNumber scoop, std::uint64_t first,
                             std::uint64_t count);

/// What the plot says of one place in a round. Needs a plot of full size.
[[nodiscard]] Claim claim_of(const PlotSpec& spec, std::uint64_t place, const Challenge& challenge,
                             ScoopNumber scoop);

/// The header of a file of the native form.
[[nodiscard]] Bytes to_header(const X1Plot& plot);

/// Reads a header, whoever wrote it. Throws Error{data} for what is none, Error{config} for a
/// version that is not known.
[[nodiscard]] X1Plot parse_x1_header(ByteView header);

/// Whether a name says that the file is a plot, and of which form.
enum class PlotKind : std::uint8_t { none, poc2, poc1, x1 };
[[nodiscard]] PlotKind kind_of(std::string_view name);

/// The warps that a name of our form tells; none for other names.
[[nodiscard]] std::optional<PlotRange> x1_range_of(std::string_view name);

/// The plot that a name of the family's form describes; none for other names.
[[nodiscard]] std::optional<Poc2Plot> parse_poc2_name(std::string_view name);

} // namespace cairn
