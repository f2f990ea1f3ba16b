#pragma once

#include "net/local_api.hpp"

namespace cairn {

/// Asks a daemon of this machine, cairn-api(7). Throws as call_local; Error{data} for a reply that
/// is no JSON.
class LocalClient {
public:
    struct Answer {
        Json json;
        Bytes body;
    };

    LocalClient(std::string endpoint, std::uint64_t timeout_ms);

    [[nodiscard]] const std::string& endpoint() const noexcept { return endpoint_; }

    /// Throws Error{to_exit(status)} with what the daemon says where the status is not ok.
    [[nodiscard]] Answer ask(const std::string& method, const Json& request = Json::object(),
                             Bytes body = {}) const;

    /// The same; none where the status is no.
    [[nodiscard]] std::optional<Answer> find(const std::string& method, const Json& request) const;

private:
    std::string endpoint_;
    std::uint64_t timeout_ms_; // of a reply
};

} // namespace cairn
