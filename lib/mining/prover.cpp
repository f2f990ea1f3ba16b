#include "mining/prover.hpp"

#include "os/clock.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <array>

namespace cairn {

Prover::Prover(std::vector<std::string> paths, HitsOf hits)
    : paths_{std::move(paths)},
      hits_{hits ? std::move(hits) : [](std::span<const Claim> claims) { return hits_of(claims); }}
{
}

std::vector<ScanFault> Prover::refresh()
{
    for (const OwnedPlot& plot : scanner_.owned())
        if (!exists(plot.path)) scanner_.close(plot.path);
    std::vector<ScanFault> faults;
    for (const std::string& path : paths_)
        std::ranges::move(scanner_.open(path), std::back_inserter(faults));
    for (const auto& [path, why] : rotten_) {
        scanner_.close(path);
        if (exists(path)) faults.push_back({path, why});
    }
    return faults;
}

Proof Prover::prove(const Announcement& announcement, const std::function<bool()>& is_over)
{
    const Round round = round_of(announcement);
    const std::uint64_t begun_ms = monotonic_ms();
    Proof proof;
    for (;;) {
        RoundReport report = scanner_.scan(round, is_over);
        for (const ScanFault& fault : report.faults) scanner_.close(fault.path);
        std::ranges::move(report.faults, std::back_inserter(proof.faults));
        proof.disks = std::move(report.disks);
        proof.is_abandoned = report.is_abandoned;
        if (!report.best || report.is_abandoned) break;
        const Hit truth = hits_(std::array{report.best->claim}).front();
        if (truth == report.best->hit) {
            proof.path = report.best->path;
            proof.answer = Answer{announcement, report.best->claim, truth,
                                  deadline_of(truth, announcement.target)};
            break;
        }
        const std::string& path = report.best->path;
        const ScanFault fault{path,
                              "'" + path + "' is damaged: a scoop is not what its nonces give"};
        proof.faults.push_back(fault);
        rotten_.emplace(fault.path, fault.what);
        scanner_.close(fault.path);
    }
    proof.time_ms = monotonic_ms() - begun_ms;
    return proof;
}

Json to_json(const Proof& proof, const Announcement& announcement)
{
    Json json = proof.answer ? to_json(*proof.answer) : to_json(announcement);
    if (proof.answer) json.set("file", proof.path);
    if (proof.is_abandoned) json.set("is_abandoned", true);
    json.set("time_ms", proof.time_ms);
    Json disks = Json::array();
    for (const DiskTime& disk : proof.disks)
        disks.push(Json::object()
                       .set("disk", disk.disk.name)
                       .set("plots", disk.plots)
                       .set("read_bytes", disk.bytes_read)
                       .set("time_ms", disk.time_ms));
    json.set("disks", disks);
    Json faults = Json::array();
    for (const ScanFault& fault : proof.faults)
        faults.push(Json::object().set("file", fault.path).set("error", fault.what));
    return json.set("faults", faults);
}

} // namespace cairn
