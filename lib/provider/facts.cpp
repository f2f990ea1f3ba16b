#include "provider/facts.hpp"

#include "daemon/metrics.hpp"

namespace cairn {
namespace {

void put_depot(MetricsWriter& writer, const DepotStatus& depot)
{
    writer.gauge("objects", "Shards held, each counted once.", depot.objects);
    writer.gauge("bytes", "Bytes of these shards.", depot.bytes);
    writer.gauge("trash_bytes", "Bytes that were dropped and are not yet removed.",
                 depot.trash_bytes);
    writer.gauge("disk_bytes", "Bytes of all shard and pack files.", depot.disk_bytes);
    writer.gauge("reserved_bytes", "Bytes promised to uploads in progress.", depot.reserved);
    if (depot.capacity != UINT64_MAX)
        writer.gauge("capacity_bytes", "Bytes that shards may take.", depot.capacity);
    writer.gauge("damaged", "Shards found rotten and set aside.", depot.damaged);
    writer.gauge("read_only", "1 after an error of the disk.", depot.is_read_only ? 1 : 0);
    writer.gauge("draining", "1 when no shards are taken.", depot.is_draining ? 1 : 0);
}

void put_counts(MetricsWriter& writer, const ServiceCounts& counts)
{
    writer.gauge("streams", "Uploads, reads and proofs in progress.", counts.streams);
    writer.counter("received_bytes_total", "Bytes of shards received.", counts.received_bytes);
    writer.counter("sent_bytes_total", "Bytes of shards and proofs sent.", counts.sent_bytes);
    writer.counter("faults_total", "Requests that broke the rules.", counts.faults);
    writer.counter("closed_links_total", "Links closed for such requests.", counts.closed_links);
    writer.counter("cut_streams_total", "Streams cut because the peer was too slow.",
                   counts.cut_streams);
    writer.counter("tags_checked_total", "Tags checked before a receipt.", counts.tags_checked);
    writer.counter("tags_refused_total", "Uploads of tags or prover keys refused.",
                   counts.tags_refused);
    writer.counter("proofs_total", "Storage proofs made.", counts.proofs);
    writer.counter("proofs_refused_total", "Storage proofs of what is not here.",
                   counts.proofs_refused);
    writer.begin("calls_total", "counter", "Calls by method and outcome.");
    for (std::size_t i = 0; i < counted_methods.size(); ++i)
        for (std::size_t j = 0; j < call_statuses; ++j)
            if (const std::uint64_t count = counts.calls.at(i).at(j); count > 0)
                writer.value(count, "{method=\"" + std::string{counted_methods.at(i)} +
                                        "\",status=\"" + to_text(static_cast<CallStatus>(j)) +
                                        "\"}");
}

Json calls_of(const ServiceCounts& counts)
{
    Json calls = Json::object();
    for (std::size_t i = 0; i < counted_methods.size(); ++i) {
        Json outcomes = Json::object();
        bool has_any = false;
        for (std::size_t j = 0; j < call_statuses; ++j) {
            const std::uint64_t count = counts.calls.at(i).at(j);
            if (count == 0) continue;
            outcomes.set(to_text(static_cast<CallStatus>(j)), count);
            has_any = true;
        }
        if (has_any) calls.set(counted_methods.at(i), std::move(outcomes));
    }
    return calls;
}

} // namespace

Json to_json(const ProviderFacts& facts)
{
    Json json = Json::object()
                    .set("node", facts.node)
                    .set("objects", facts.depot.objects)
                    .set("size_bytes", facts.depot.bytes)
                    .set("trash_bytes", facts.depot.trash_bytes)
                    .set("disk_bytes", facts.depot.disk_bytes)
                    .set("reserved_bytes", facts.depot.reserved)
                    .set("capacity_bytes",
                         facts.depot.capacity == UINT64_MAX ? Json{} : Json{facts.depot.capacity})
                    .set("damaged", facts.depot.damaged)
                    .set("is_read_only", facts.depot.is_read_only)
                    .set("is_draining", facts.depot.is_draining)
                    .set("is_running", facts.counts != nullptr);
    if (facts.counts == nullptr) return json;
    return json.set("listening", facts.listening)
        .set("uptime_s", facts.uptime_s)
        .set("links", facts.counts->links.load())
        .set("streams", facts.counts->streams.load())
        .set("received_bytes", facts.counts->received_bytes.load())
        .set("sent_bytes", facts.counts->sent_bytes.load())
        .set("faults", facts.counts->faults.load())
        .set("tags_checked", facts.counts->tags_checked.load())
        .set("tags_refused", facts.counts->tags_refused.load())
        .set("proofs", facts.counts->proofs.load())
        .set("proofs_refused", facts.counts->proofs_refused.load())
        .set("calls", calls_of(*facts.counts));
}

std::string to_metrics(const ProviderFacts& facts)
{
    MetricsWriter writer{"store"};
    writer.gauge("uptime_seconds", "Since the start.", facts.uptime_s);
    put_depot(writer, facts.depot);
    put_hub(writer, facts.hub);
    if (facts.counts != nullptr) put_counts(writer, *facts.counts);
    return writer.take();
}

} // namespace cairn
