#pragma once

#include "cli/cli.hpp"
#include "crypto/keys.hpp"
#include "ledger/transaction.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// The options of whoever becomes a provider: what it says of itself, and the key of its node,
/// which agrees to serve the account.
class Joining {
public:
    /// The key alone, for calls in JSON.
    void declare_key(Cli& verb);
    void declare(Cli& verb);

    /// Whether a provider says something of itself.
    [[nodiscard]] bool is_chosen() const;

    /// A call of "registry.join" without the node's consent. Throws Error{usage} where the key or
    /// the bond is missing, or an amount is none.
    [[nodiscard]] Call call() const;

    /// None where no key is named. Throws Error{noinput}, Error{data}, Error{noperm}.
    [[nodiscard]] std::optional<Ed25519KeyPair> load_key() const;

private:
    std::optional<std::string> key_; // file
    std::optional<std::string> bond_;
    std::optional<std::string> price_;
    std::optional<std::uint64_t> capacity_; // bytes
    std::vector<std::string> addresses_;
    bool is_professional_ = false;
};

} // namespace cairn
