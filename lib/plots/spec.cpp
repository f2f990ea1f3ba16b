#include "plots/spec.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace cairn {
namespace {

constexpr std::uint32_t x1_version = 1;
constexpr std::string_view x1_end = ".x1";

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>; // for clang 14

/// The band that a warp is in.
struct Band {
    std::uint64_t first = 0; // warp of the file
    std::uint64_t warps = 0;
};

Band band_of(const X1Plot& plot, std::uint64_t warp)
{
    const std::uint64_t first = warp / plot.band * plot.band;
    return {first, std::min(plot.band, plot.warps - first)};
}

/// Where a band has a scoop of its first place.
std::uint64_t offset_of(const X1Plot& plot, const Band& band, ScoopNumber scoop)
{
    return x1_header_size + band.first * plot.shape.size() +
           scoop.value * band.warps * plot.shape.row_size();
}

/// Parts of a name between separators.
std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool are_numbers(std::span<const std::string_view> parts)
{
    return std::ranges::all_of(parts, [](auto part) { return parse_number(part).has_value(); });
}

void refuse(bool is_wrong, const char* why)
{
    if (is_wrong) throw Error{Exit::data, std::string{"the plot's header is malformed: "} + why};
}

} // namespace

std::string name_of(const PlotSpec& spec)
{
    return std::visit(Overloaded{[](const Poc2Plot& plot) {
                                     return std::to_string(plot.account.value) + '_' +
                                            std::to_string(plot.start.value) + '_' +
                                            std::to_string(plot.nonces);
                                 },
                                 [](const X1Plot& plot) {
                                     const PlotId id = plot_id(plot.owner);
                                     return "cairn-" + to_hex_text(ByteView{id.bytes}.first(4)) +
                                            '-' + std::to_string(plot.first_warp) + '-' +
                                            std::to_string(plot.warps) + std::string{x1_end};
                                 }},
                      spec);
}

Blake3Digest digest_of(const PlotSpec& spec)
{
    if (const auto* const plot = std::get_if<X1Plot>(&spec)) return blake3(to_header(*plot));
    return blake3(as_bytes(name_of(spec)));
}

std::uint64_t file_size(const PlotSpec& spec)
{
    const bool has_header = std::holds_alternative<X1Plot>(spec);
    return places(spec) * side_of(spec) * scoop_size + (has_header ? x1_header_size : 0);
}

PlotRange range_of(const PlotSpec& spec)
{
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
        return {plot->start.value, plot->nonces};
    const auto& plot = std::get<X1Plot>(spec);
    return {plot.first_warp, plot.warps};
}

PlotSpec with_range(PlotSpec spec, const PlotRange& range)
{
    if (auto* const plot = std::get_if<Poc2Plot>(&spec)) {
        plot->start = {range.first};
        plot->nonces = range.count;
        return spec;
    }
    auto& plot = std::get<X1Plot>(spec);
    plot.first_warp = range.first;
    plot.warps = range.count;
    plot.band = std::min(plot.band, range.count);
    return spec;
}

std::uint64_t places(const PlotSpec& spec)
{
    return std::visit(Overloaded{[](const Poc2Plot& plot) { return plot.nonces; },
                                 [](const X1Plot& plot) { return plot.warps * plot.shape.side; }},
                      spec);
}

std::size_t side_of(const PlotSpec& spec)
{
    return std::visit(Overloaded{[](const Poc2Plot& plot) { return plot.side; },
                                 [](const X1Plot& plot) { return plot.shape.side; }},
                      spec);
}

std::vector<PlotRun> runs_of(const PlotSpec& spec, ScoopNumber scoop)
{
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
        return {run_of(spec, scoop, 0, plot->nonces)};
    const auto& plot = std::get<X1Plot>(spec);
    std::vector<PlotRun> runs;
    for (std::uint64_t warp = 0; warp < plot.warps; warp += plot.band) {
        const Band band = band_of(plot, warp);
        runs.push_back({offset_of(plot, band, scoop), band.warps * plot.shape.row_size(),
                        band.first * plot.shape.side});
    }
    return runs;
}

PlotRun run_of(const PlotSpec& spec, ScoopNumber scoop, std::uint64_t first, std::uint64_t count)
{
    assert(scoop.value < side_of(spec) && count > 0 && first + count <= places(spec));
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
        return {(scoop.value * plot->nonces + first) * scoop_size, count * scoop_size, first};
    const auto& plot = std::get<X1Plot>(spec);
    const Band band = band_of(plot, first / plot.shape.side);
    assert(first + count <= (band.first + band.warps) * plot.shape.side);
    const std::uint64_t offset =
        offset_of(plot, band, scoop) + (first - band.first * plot.shape.side) * scoop_size;
    return {offset, count * scoop_size, first};
}

Claim claim_of(const PlotSpec& spec, std::uint64_t place, const Challenge& challenge,
               ScoopNumber scoop)
{
    assert(side_of(spec) == scoops && place < places(spec));
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
        return {NonceClaim{plot->account, {plot->start.value + place}}, challenge, scoop};
    const auto& plot = std::get<X1Plot>(spec);
    return {WarpClaim{.owner = plot.owner,
                      .scale = plot.shape.scale,
                      .warp = plot.first_warp + place / scoops,
                      .place = static_cast<std::uint16_t>(place % scoops)},
            challenge, scoop};
}

Bytes to_header(const X1Plot& plot)
{
    Bytes header;
    Writer writer{header};
    writer.put(as_bytes(x1_magic));
    writer.integer(x1_version);
    writer.integer(static_cast<std::uint32_t>(plot.shape.scale));
    writer.put(plot.owner.chain);
    writer.put(plot.owner.account);
    writer.integer(plot.owner.salt);
    writer.integer(static_cast<std::uint32_t>(plot.shape.side));
    writer.integer(plot.first_warp);
    writer.integer(plot.warps);
    writer.integer(plot.band);
    writer.zeros(x1_header_size - Blake3Digest::size - header.size());
    writer.put(blake3(header).bytes);
    return header;
}

X1Plot parse_x1_header(ByteView header)
{
    Reader reader{header, "the plot's header"};
    if (as_text(reader.take(x1_magic.size())) != x1_magic)
        throw Error{Exit::data, "this is not a plot of the form x1"};
    const auto version = reader.integer<std::uint32_t>();
    if (version != x1_version)
        throw Error{Exit::config,
                    "the plot has version " + std::to_string(version) + ", and 1 is known"};
    X1Plot plot;
    plot.shape.scale = reader.integer<std::uint32_t>();
    std::ranges::copy(reader.take(plot.owner.chain.size()), plot.owner.chain.begin());
    std::ranges::copy(reader.take(plot.owner.account.size()), plot.owner.account.begin());
    plot.owner.salt = reader.integer<std::uint32_t>();
    plot.shape.side = reader.integer<std::uint32_t>();
    plot.first_warp = reader.integer<std::uint64_t>();
    plot.warps = reader.integer<std::uint64_t>();
    plot.band = reader.integer<std::uint64_t>();
    reader.zeros(reader.left() - std::min(reader.left(), Blake3Digest::size));
    const auto digest = reader.fixed<Blake3Digest>();
    reader.finish();
    refuse(header.size() != x1_header_size, "its size");
    refuse(digest != blake3(header.first(header.size() - Blake3Digest::size)), "its digest");
    refuse(plot.shape.scale > scale_max, "the scale");
    refuse(plot.shape.side == 0 || plot.shape.side > scoops, "the scoops of a nonce");
    refuse(plot.warps == 0 || plot.warps > warps_max, "the number of warps");
    refuse(plot.first_warp > warp_number_max, "the first warp");
    refuse(plot.band == 0 || plot.band > plot.warps, "the band");
    return plot;
}

std::optional<PlotRange> x1_range_of(std::string_view name)
{
    if (!name.ends_with(x1_end)) return std::nullopt;
    name.remove_suffix(x1_end.size());
    const auto parts = split(name, '-');
    if (parts.size() != 4 || parts[0] != "cairn" ||
        !parse_hex<Fixed<struct PlotPrefixTag, 4>>(parts[1]))
        return std::nullopt;
    const auto first = parse_number(parts[2]);
    const auto count = parse_number(parts[3]);
    if (!first || !count || *first > warp_number_max || *count == 0 || *count > warps_max)
        return std::nullopt;
    return PlotRange{*first, *count};
}

PlotKind kind_of(std::string_view name)
{
    if (x1_range_of(name)) return PlotKind::x1;
    if (parse_poc2_name(name)) return PlotKind::poc2;
    const auto parts = split(name, '_');
    return parts.size() == 4 && are_numbers(parts) ? PlotKind::poc1 : PlotKind::none;
}

std::optional<Poc2Plot> parse_poc2_name(std::string_view name)
{
    const auto parts = split(name, '_');
    if (parts.size() != 3 || !are_numbers(parts)) return std::nullopt;
    const Poc2Plot plot{.account = {*parse_number(parts[0])},
                        .start = {*parse_number(parts[1])},
                        .nonces = *parse_number(parts[2])};
    if (plot.nonces == 0 || plot.nonces > nonces_max) return std::nullopt;
    if (plot.start.value > UINT64_MAX - (plot.nonces - 1)) return std::nullopt;
    return plot;
}

} // namespace cairn
