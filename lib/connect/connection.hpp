#pragma once

#include "cli/cli.hpp"
#include "client/session.hpp"
#include "format/link.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// The options of every tool that speaks with providers.
struct ConnectionOptions {
    std::optional<std::string> providers;
    std::optional<std::string> trace;
    std::uint64_t timeout_ms = 30'000; ///< without progress, whatever is waited for

    /// Declares --providers, --timeout and --trace, under the title "Network".
    void declare(Cli& cli);
};

/// The providers that a command line and a link name, and a session with them.
class Connection {
public:
    /// The providers of the list and those of the hints, each once. `owner` may be null and must
    /// outlive it. Throws Error{usage} when there is no provider, Error{noinput} or Error{data}
    /// when the list cannot be read.
    Connection(const ConnectionOptions& options, const NetworkId& network,
               const std::vector<ProviderHint>& hints = {}, const Ed25519KeyPair* owner = nullptr);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    [[nodiscard]] Session& session() noexcept;
    [[nodiscard]] Hub& hub() noexcept;

    /// "cairn1...@host:port", as lists and messages name a provider.
    [[nodiscard]] std::string name_of(std::size_t provider) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// "cairn1...@host:port".
std::string to_text(const ProviderName& name);

} // namespace cairn
