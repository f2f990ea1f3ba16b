#pragma once

#include "ledger/coins.hpp"

// Who has signed a transaction, and for which accounts that is enough.

namespace cairn {

class Signers {
public:
    /// Of a transaction that lives longer.
    explicit Signers(const Transaction& transaction);

    /// Whether they may act for an account, none where it is not there; what it takes is needed.
    [[nodiscard]] bool cover(const AccountId& id, const std::optional<Account>& account);

    /// Whether there is no signature and no descriptor that no account needs.
    [[nodiscard]] bool are_all_needed() const;

private:
    struct Signer {
        Ed25519PublicKey key;
        bool is_needed = false;
    };
    struct Known {
        DescriptorId id;
        const Descriptor* descriptor = nullptr;
        bool is_needed = false;
    };

    template <class IsMeant>
    bool cover_by_descriptor(IsMeant is_meant);

    std::vector<Signer> signers_; // ascending
    std::vector<Known> descriptors_;
};

} // namespace cairn
