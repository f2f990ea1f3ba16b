#pragma once

#include "joining.hpp"
#include "options.hpp"

namespace cairn {

/// "cairn-wallet build", "sign", "join", "submit", "descriptor" and "address": transactions that go
/// from machine to machine before they are sent.
class Offline {
public:
    explicit Offline(const WalletOptions& wallet) : wallet_{&wallet} {}

    void declare(Cli& cli);

    /// Whether one of these verbs was given.
    [[nodiscard]] bool is_chosen() const noexcept;
    [[nodiscard]] Exit run(Console& console) const;

private:
    /// What a transaction is to do, and who has to agree in it.
    struct Wanted {
        Call call;
        std::optional<Ed25519KeyPair> node_key;
    };

    void declare_build(Cli& cli);
    void declare_output(Cli& verb);
    [[nodiscard]] Exit build(Console& console) const;
    [[nodiscard]] Wanted wanted() const;
    [[nodiscard]] Transaction build_here(Wanted wanted, const SpendTerms& terms) const;
    [[nodiscard]] Transaction build_with_node(Wanted wanted, const SpendTerms& terms,
                                              Console& console) const;
    [[nodiscard]] SpendTerms terms() const;
    [[nodiscard]] Transaction read_all() const;
    [[nodiscard]] Exit sign_draft(Console& console) const;
    [[nodiscard]] Exit join() const;
    [[nodiscard]] Exit submit(Console& console) const;
    [[nodiscard]] Exit show_descriptor(Console& console) const;
    [[nodiscard]] Exit show_address(Console& console) const;
    void write(const Transaction& draft) const;

    const WalletOptions* wallet_; // lives longer
    Cli* build_ = nullptr;
    Cli* sign_ = nullptr;
    Cli* join_ = nullptr;
    Cli* submit_ = nullptr;
    Cli* descriptor_ = nullptr;
    Cli* address_ = nullptr;
    std::vector<std::string> operands_; // payments, files or keys
    std::string reference_;
    std::optional<std::string> json_;
    Joining joining_;
    std::vector<std::string> attached_;
    std::optional<std::string> chain_;
    std::optional<std::string> fee_;
    std::optional<std::string> fee_max_;
    std::optional<std::uint64_t> sequence_;
    std::optional<std::uint64_t> valid_until_;
    std::optional<std::uint64_t> signatures_;
    std::uint64_t valid_blocks_ = 240;
    std::uint64_t lane_ = 0;
    std::uint64_t threshold_ = 0;
    std::optional<std::string> output_;
    bool is_cbor_ = false;
    bool is_replacing_ = false;
    bool is_agreed_ = false;
    WaitOptions wait_;
};

} // namespace cairn
