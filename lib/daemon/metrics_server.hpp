#pragma once

#include <functional>
#include <memory>
#include <string>

namespace cairn {

/// Gives one text to whoever asks by HTTP, on one address, one after another, in a thread of its
/// own: enough for Prometheus and curl, and nothing more.
class MetricsServer {
public:
    /// Listens at "host:port". `text` is called from the thread. Throws as listen_at() does.
    MetricsServer(const std::string& address, std::function<std::string()> text);
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;
    ~MetricsServer();

    /// "host:port", as it is bound.
    [[nodiscard]] const std::string& listening() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
