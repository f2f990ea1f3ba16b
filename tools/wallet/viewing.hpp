#pragma once

#include "options.hpp"

namespace cairn {

/// "cairn-wallet balance", "history" and "receipt": what an account has, and what became of it.
class Viewing {
public:
    explicit Viewing(const WalletOptions& wallet) : wallet_{&wallet} {}

    void declare(Cli& cli);

    /// Whether one of these verbs was given.
    [[nodiscard]] bool is_chosen() const noexcept;
    [[nodiscard]] Exit run(Console& console) const;

private:
    [[nodiscard]] Exit show_balance(Console& console) const;
    [[nodiscard]] Exit show_history(Console& console) const;
    [[nodiscard]] Exit show_receipt(Console& console) const;

    const WalletOptions* wallet_; // lives longer
    Cli* balance_ = nullptr;
    Cli* history_ = nullptr;
    Cli* receipt_ = nullptr;
    std::optional<std::string> account_;
    std::string id_;
    std::uint64_t count_ = 100;
    std::optional<std::string> before_;
    bool has_no_blocks_ = false;
};

} // namespace cairn
