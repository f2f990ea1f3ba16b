#pragma once

#include "joining.hpp"
#include "options.hpp"

namespace cairn {

/// "cairn-wallet send", "register", "assign" and "revoke": made, agreed to, signed and sent in one
/// go.
class Spending {
public:
    explicit Spending(const WalletOptions& wallet) : wallet_{&wallet} {}

    void declare(Cli& cli);

    /// Whether one of these verbs was given.
    [[nodiscard]] bool is_chosen() const noexcept;
    [[nodiscard]] Exit run(Console& console) const;

private:
    void declare_terms(Cli& verb);
    [[nodiscard]] Call call(const std::optional<Ed25519KeyPair>& node_key) const;

    const WalletOptions* wallet_; // lives longer
    Cli* send_ = nullptr;
    Cli* register_ = nullptr;
    Cli* assign_ = nullptr;
    Cli* revoke_ = nullptr;
    std::vector<std::string> payments_;
    std::string reference_;
    std::optional<std::string> json_;
    Joining joining_;
    std::string salt_;
    std::string key_;
    std::uint64_t lane_ = 0;
    std::uint64_t valid_blocks_ = 240;
    std::optional<std::string> fee_;
    std::optional<std::string> fee_max_;
    bool is_agreed_ = false;
    WaitOptions wait_;
};

/// A call as JSON in a text, or in the file of that name, '-' being standard input; with a node key
/// one that leaves out this key and its consent. Throws Error{noinput}, Error{data}.
[[nodiscard]] Call load_call(const std::string& text,
                             const std::optional<Ed25519KeyPair>& node_key);

/// A call of "coins.transfer". Throws Error{usage}, Error{data}.
[[nodiscard]] Call transfer_call(const std::vector<std::string>& payments,
                                 const std::string& reference);

} // namespace cairn
