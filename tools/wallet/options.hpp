#pragma once

#include "cli/cli.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "wallet/spend.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What most verbs need to know: the node, and whose account it is about.
struct WalletOptions {
    std::optional<std::string> node;
    std::optional<std::string> directory;
    std::optional<std::string> identity;
    std::optional<std::string> account;
    std::optional<std::string> from; ///< a descriptor
    PassphraseOptions passphrase{};
    std::uint64_t timeout_ms = 600'000;

    void declare(Cli& cli);

    [[nodiscard]] bool has_node() const { return node || directory; }

    /// Throws Error{usage} where none is named.
    [[nodiscard]] NodeClient client() const;

    /// Throws Error{usage} without -i.
    [[nodiscard]] Identity load() const;

    /// Throws Error{noinput}, Error{data}.
    [[nodiscard]] std::optional<Descriptor> descriptor() const;

    /// Of `operand`, or else --account, --from, or `key`. Throws Error{usage} without any.
    [[nodiscard]] AccountId account_id_of(const std::optional<std::string>& operand,
                                          const std::optional<Ed25519PublicKey>& key) const;

    /// The same where the key is loaded only if it is needed.
    [[nodiscard]] AccountId account_id_of(const std::optional<std::string>& operand) const;
};

/// A descriptor's text, or the file that has it. Throws Error{noinput}, Error{data}.
[[nodiscard]] Descriptor load_descriptor(const std::string& text);

/// Whether and how long to wait for a block.
struct WaitOptions {
    std::optional<std::string> until; ///< "" or "final"

    void declare(Cli& verb);

    /// Waits until a transaction that the node has is done, or is final; hands it over again where
    /// the node has lost it. Throws Error{no} where it failed or cannot be done any more,
    /// Error{tempfail} when the time is over.
    [[nodiscard]] TransactionView wait(const NodeClient& node, const Transaction& transaction,
                                       std::uint64_t timeout_ms) const;
};

/// Shows on standard error what is about to be signed, `text` and the draft itself to programs, and
/// asks on the terminal. Throws
/// Error{usage} where there is none and `is_agreed` is not set, Error{no} when the answer is not
/// yes.
void agree(const Transaction& draft, const std::string& text, bool is_agreed, Console& console);

/// Tells that a transaction is on its way, or what became of it.
void tell_sent(const Transaction& transaction, const std::optional<TransactionView>& view,
               Console& console);

} // namespace cairn
