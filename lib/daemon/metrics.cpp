#include "daemon/metrics.hpp"

namespace cairn {

void MetricsWriter::begin(const char* name, const char* type, const char* help)
{
    name_ = "cairn_" + daemon_ + '_' + name;
    text_ += "# HELP " + name_ + ' ' + help + "\n# TYPE " + name_ + ' ' + type + '\n';
}

void MetricsWriter::value(std::uint64_t value, const std::string& labels)
{
    text_ += name_ + labels + ' ' + std::to_string(value) + '\n';
}

void MetricsWriter::gauge(const char* name, const char* help, std::uint64_t number)
{
    begin(name, "gauge", help);
    value(number);
}

void MetricsWriter::counter(const char* name, const char* help, std::uint64_t number)
{
    begin(name, "counter", help);
    value(number);
}

void put_hub(MetricsWriter& writer, const HubStatus& hub)
{
    writer.gauge("links", "Links that are up.", hub.links);
    writer.gauge("half_open", "Connections that are not yet links.", hub.half_open);
    writer.gauge("waiting_bytes", "Bytes that wait for peers to take them.", hub.waiting);
    writer.gauge("credit_bytes", "Bytes that peers may send.", hub.credit_used);
    writer.counter("wire_received_bytes_total", "Bytes received, as they came.", hub.received);
    writer.counter("wire_sent_bytes_total", "Bytes sent, as they left.", hub.sent);
    writer.counter("refused_total", "Connections refused.", hub.refused);
    writer.counter("evicted_total", "Links that made room for others.", hub.evicted);
    writer.counter("violations_total", "Links cut because the peer broke the rules.",
                   hub.violations);
}

} // namespace cairn
