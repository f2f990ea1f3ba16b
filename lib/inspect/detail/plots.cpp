#include "base/cursor.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "inspect/detail/objects.hpp"
#include "mining/plot_json.hpp"
#include "plots/journal.hpp"
#include "plots/sums.hpp"

// Plots and what stands beside them, cairn-plot(5). Only the front of a plot is looked at.

namespace cairn::detail {
namespace {

Json plot_json(const PlotSpec& spec, const Peeked& peeked)
{
    Json json = kind_json("plot").merge(to_json(spec)).set("size_bytes", file_size(spec));
    if (const auto size = peeked.input->size()) json.set("is_whole", *size == file_size(spec));
    return json;
}

Json sums_json(const Peeked& peeked)
{
    const SumFacts facts = parse_sum_header(
        ByteView{peeked.front}.first(std::min(SumFile::header_size, peeked.front.size())));
    Json json = kind_json("plot-sums")
                    .set("plot", to_hex_text(facts.plot.bytes))
                    .set("stripe_places", Json::decimal(facts.stripes.places))
                    .set("stripes", Json::decimal(facts.stripes.count))
                    .set("scoops", facts.side);
    if (const auto size = peeked.input->size())
        json.set("is_whole", *size == SumFile::header_size +
                                          facts.stripes.count * facts.side * Blake3Digest::size);
    return json;
}

Json journal_json(const Peeked& peeked)
{
    const JournalFacts facts = parse_journal(peeked.front);
    return kind_json("plot-journal")
        .set("plot", to_hex_text(facts.plot.bytes))
        .set("stripe_places", Json::decimal(facts.places))
        .set("stripes_done", Json::decimal(facts.done));
}

} // namespace

std::optional<Json> inspect_plots(const Peeked& peeked)
{
    const std::string_view text = as_text(peeked.front);
    if (text.starts_with(x1_magic))
        return plot_json(parse_x1_header(ByteView{peeked.front}.first(
                             std::min(x1_header_size, peeked.front.size()))),
                         peeked);
    if (text.starts_with(SumFile::magic)) return sums_json(peeked);
    if (text.starts_with(PlotJournal::magic)) return journal_json(peeked);
    // The family's form says nothing but by its name and size.
    const std::string& name = peeked.input->name();
    const auto plot = parse_poc2_name(std::string_view{name}.substr(name.rfind('/') + 1));
    if (plot && peeked.input->size() == file_size(*plot)) return plot_json(*plot, peeked);
    return std::nullopt;
}

} // namespace cairn::detail
