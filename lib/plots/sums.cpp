#include "plots/sums.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace cairn {
namespace {

constexpr std::uint32_t version = 1;

Bytes to_header(const PlotSpec& spec, const Stripes& stripes)
{
    Bytes header;
    Writer writer{header};
    writer.put(as_bytes(SumFile::magic));
    writer.integer(version);
    writer.integer(static_cast<std::uint32_t>(side_of(spec)));
    writer.integer(stripes.places);
    writer.integer(stripes.count);
    writer.put(digest_of(spec).bytes);
    assert(header.size() == SumFile::header_size);
    return header;
}

} // namespace

bool Stripes::are_possible(const PlotSpec& spec, std::uint64_t places_each)
{
    if (places_each == 0 || places_each > cairn::places(spec)) return false;
    const auto* const plot = std::get_if<X1Plot>(&spec);
    if (plot == nullptr) return true;
    const std::uint64_t warps = places_each / plot->shape.side;
    return places_each % plot->shape.side == 0 && (warps == 1 || warps == plot->band);
}

Stripes Stripes::of(const PlotSpec& spec, std::uint64_t places_each)
{
    assert(are_possible(spec, places_each));
    return {places_each, divide_up(cairn::places(spec), places_each)};
}

std::uint64_t Stripes::places_of(const PlotSpec& spec, std::uint64_t stripe) const
{
    return std::min(places, cairn::places(spec) - first_of(stripe));
}

SumFile::SumFile(DirectFile file, std::size_t side, Stripes stripes)
    : file_{std::move(file)},
      side_{side},
      stripes_{stripes}
{
}

SumFile SumFile::make(const std::string& path, const PlotSpec& spec, const Stripes& stripes)
{
    SumFile sums{DirectFile::open_to_write(path), side_of(spec), stripes};
    sums.file_.write_at(0, to_header(spec, stripes));
    return sums;
}

SumFile SumFile::open(const std::string& path, const PlotSpec& spec)
{
    DirectFile file = DirectFile::open(path);
    Bytes header(header_size);
    file.read_at(0, header);
    const Stripes stripes = parse_sum_header(header).stripes;
    if (!Stripes::are_possible(spec, stripes.places) ||
        !std::ranges::equal(header, to_header(spec, Stripes::of(spec, stripes.places))))
        throw Error{Exit::data, "'" + path + "' has the sums of another plot"};
    SumFile sums{std::move(file), side_of(spec), stripes};
    if (sums.file_.size() != sums.offset_of(stripes.count))
        throw Error{Exit::data, "'" + path + "' has not the size that it must have"};
    return sums;
}

std::uint64_t SumFile::offset_of(std::uint64_t stripe) const noexcept
{
    return header_size + stripe * side_ * Blake3Digest::size;
}

void SumFile::put(std::uint64_t stripe, std::span<const Blake3Digest> sums)
{
    assert(sums.size() == side_ && stripe < stripes_.count);
    file_.write_at(offset_of(stripe), std::as_bytes(sums));
    file_.sync();
}

Blake3Digest SumFile::take(std::uint64_t stripe, ScoopNumber scoop) const
{
    assert(stripe < stripes_.count && scoop.value < side_);
    Blake3Digest sum;
    file_.read_at(offset_of(stripe) + scoop.value * Blake3Digest::size, sum.bytes);
    return sum;
}

SumFacts parse_sum_header(ByteView header)
{
    Reader reader{header, "the file of sums"};
    if (as_text(reader.take(SumFile::magic.size())) != SumFile::magic ||
        reader.integer<std::uint32_t>() != version)
        throw Error{Exit::data, "this is not a file of sums, version 1"};
    SumFacts facts;
    facts.side = reader.integer<std::uint32_t>();
    facts.stripes.places = reader.integer<std::uint64_t>();
    facts.stripes.count = reader.integer<std::uint64_t>();
    facts.plot = reader.fixed<Blake3Digest>();
    reader.finish();
    const bool is_possible = facts.side > 0 && facts.side <= scoops && facts.stripes.places > 0 &&
                             facts.stripes.places <= nonces_max && facts.stripes.count > 0 &&
                             facts.stripes.count <= nonces_max;
    if (!is_possible) throw Error{Exit::data, "the file of sums has numbers that no plot has"};
    return facts;
}

std::string sum_name(const std::string& plot_path)
{
    return plot_path + ".sum";
}

} // namespace cairn
