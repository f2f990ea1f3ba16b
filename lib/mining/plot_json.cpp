#include "mining/plot_json.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"

namespace cairn {

Json to_json(const PlotSpec& spec)
{
    if (const auto* const plot = std::get_if<Poc2Plot>(&spec))
        return Json::object()
            .set("form", "poc2")
            .set("account", Json::decimal(plot->account.value))
            .set("start", Json::decimal(plot->start.value))
            .set("nonces", plot->nonces);
    const auto& plot = std::get<X1Plot>(spec);
    return Json::object()
        .set("form", "x1")
        .set("chain", to_hex_text(plot.owner.chain))
        .set("account", to_hex_text(plot.owner.account))
        .set("salt", plot.owner.salt)
        .set("plot_id", to_hex_text(plot_id(plot.owner).bytes))
        .set("scale", plot.shape.scale)
        .set("start", Json::decimal(plot.first_warp))
        .set("warps", plot.warps)
        .set("band", plot.band);
}

Json to_json(const PlannedPlot& plot)
{
    return Json::object()
        .set("file", plot.path())
        .merge(to_json(plot.task.spec))
        .set("size_bytes", file_size(plot.task.spec))
        .set("room_bytes", plot.room)
        .set("disk", plot.disk.name)
        .set("is_rotational", plot.disk.is_rotational)
        .set("round_ms", round_estimate_ms(plot.task.spec, plot.disk));
}

std::string to_text(const PlannedPlot& plot)
{
    if (plot.is_finished) return plot.path() + ": there already";
    const std::uint64_t runs = runs_of(plot.task.spec, {0}).size();
    return plot.path() + ": " + format_size(file_size(plot.task.spec)) + " on " +
           (plot.disk.is_rotational ? "the rotating disk " : "the disk ") + plot.disk.name +
           "; a round reads " + std::to_string(runs) + (runs == 1 ? " run" : " runs") +
           ", in about " + format_duration(round_estimate_ms(plot.task.spec, plot.disk));
}

Json to_json(const PlotReport& report)
{
    Json faults = Json::array();
    for (const PlotFault& fault : report.faults)
        faults.push(Json::object()
                        .set("offset_bytes", fault.offset)
                        .set("size_bytes", fault.size)
                        .set("place", Json::decimal(fault.place))
                        .set("scoop", fault.scoop.value)
                        .set("error", fault.what));
    Json json = Json::object()
                    .set("is_good", report.faults.empty())
                    .set("has_sums", report.has_sums)
                    .set("read_bytes", report.bytes_read)
                    .set("scoops_made", report.scoops_made);
    if (report.unseen_ppm > 0) json.set("unseen_ppm", report.unseen_ppm);
    return json.set("faults", faults);
}

Json to_json(const DiskSpeed& speed, const Disk& disk)
{
    return Json::object()
        .set("disk", disk.name)
        .set("is_rotational", disk.is_rotational)
        .set("is_direct", speed.is_direct)
        .set("write_bytes_per_s", speed.write_rate)
        .set("read_bytes_per_s", speed.read_rate)
        .set("run_ms", speed.run_ms);
}

} // namespace cairn
