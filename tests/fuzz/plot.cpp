#include "fuzz.hpp"
#include "plots/journal.hpp"
#include "plots/spec.hpp"
#include "plots/sums.hpp"

#include <algorithm>

// A name, and a header as it is and with the digest that belongs to its first bytes; sums and a
// journal.

namespace cairn {
namespace {

void check_runs(const PlotSpec& spec)
{
    require(places(spec) > 0, "a plot has places");
    const ScoopNumber last{static_cast<std::uint16_t>(side_of(spec) - 1)};
    const PlotRun run = run_of(spec, last, places(spec) - 1, 1);
    require(run.offset + run.size == file_size(spec), "the last scoop is the end of the file");
}

void read_header(ByteView bytes)
{
    const auto plot = accepted([&] { return parse_x1_header(bytes); });
    if (!plot) return;
    require(is_same(to_header(*plot), bytes), "a header is written as it was read");
    require(kind_of(name_of(*plot)) == PlotKind::x1, "a plot has the name of one");
    check_runs(*plot);
}

void read_sums(ByteView bytes)
{
    const auto facts = accepted([&] { return parse_sum_header(bytes); });
    if (facts) require(facts->stripes.places > 0 && facts->side > 0, "stripes have places");
}

void read_journal(ByteView bytes)
{
    const auto facts = accepted([&] { return parse_journal(bytes); });
    if (facts) require(facts->done <= bytes.size() / 64, "each stripe has a record");
}

} // namespace

void fuzz(ByteView input)
{
    const std::string_view name = as_text(input);
    const auto plot = parse_poc2_name(name);
    require(plot.has_value() == (kind_of(name) == PlotKind::poc2), "a name is of one form");
    if (plot) {
        require(name_of(*plot) == name, "a name is written as it was read");
        check_runs(*plot);
    }
    read_header(input);
    Bytes bytes(x1_header_size);
    constexpr std::size_t checked_size = x1_header_size - Blake3Digest::size;
    std::ranges::copy(front(input, checked_size), bytes.begin());
    const Blake3Digest digest = blake3(ByteView{bytes}.first(checked_size));
    std::ranges::copy(digest.bytes, bytes.begin() + checked_size);
    read_header(bytes);
    read_sums(input);
    read_journal(input);
}

} // namespace cairn
