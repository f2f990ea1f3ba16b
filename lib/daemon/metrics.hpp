#pragma once

#include "net/zmq_hub.hpp"

#include <cstdint>
#include <string>

// What a daemon tells of itself to those who watch it, as Prometheus reads it.

namespace cairn {

/// Metrics of one daemon: their names begin with "cairn_" and its name.
class MetricsWriter {
public:
    explicit MetricsWriter(std::string daemon) : daemon_{std::move(daemon)} {}

    /// A metric, of which values follow. `type` is "gauge" or "counter".
    void begin(const char* name, const char* type, const char* help);
    void value(std::uint64_t value, const std::string& labels = {});

    void gauge(const char* name, const char* help, std::uint64_t number);
    void counter(const char* name, const char* help, std::uint64_t number);

    std::string take() { return std::move(text_); }

private:
    std::string daemon_;
    std::string name_;
    std::string text_;
};

void put_hub(MetricsWriter& writer, const HubStatus& hub);

} // namespace cairn
