#pragma once

#include "ledger/coins.hpp"
#include "ledger/genesis.hpp"
#include "ledger/ledger.hpp"

#include <map>
#include <optional>
#include <string>

// Transactions before they are sent: written on one machine, signed on others. A draft is a
// Transaction, perhaps without signatures. cairn-wallet(1), "Drafts".

namespace cairn {

/// A draft as JSON of cairn-transaction(5), or the bytes of a transaction or of its body alone.
/// Throws Error{data}, also where an id or a descriptor's account is not that of the rest, or a
/// signature is not by its key.
[[nodiscard]] Transaction read_draft(ByteView bytes);
inline constexpr std::size_t draft_size_max = 1024UL * 1024; // bytes, of the JSON

/// What read_draft() reads: JSON of the whole.
[[nodiscard]] Json draft_json(const Transaction& draft);

/// The signatures and descriptors of all, on the one body that they must have. Where there is one
/// descriptor, which is all that is needed, it has no more signatures than that asks for, since
/// each has to be paid. Throws Error{data} where bodies differ. Needs one draft at least.
[[nodiscard]] Transaction join_drafts(std::span<const Transaction> drafts);

/// Who is to sign for an account.
struct Authority {
    std::optional<Descriptor> descriptor{}; ///< to be attached; none: the account's own key signs
    std::size_t signatures = 1;             ///< that are needed
    std::vector<Descriptor> others{};       ///< of other senders of a group
};

/// How an account, none where it is not there, is spent from by those who have `descriptor` or
/// `key`. Throws Error{noperm} where they cannot.
[[nodiscard]] Authority authority_for(const AccountId& id, const std::optional<Account>& account,
                                      const std::optional<Descriptor>& descriptor,
                                      const std::optional<Ed25519PublicKey>& key);

/// The weight that a draft will have with so many signatures.
[[nodiscard]] std::uint64_t signed_weight(const Transaction& draft, std::size_t signatures);

/// Gives a draft the least fee of what it then weighs.
void set_least_fee(Transaction& draft, const Genesis& genesis, std::size_t signatures);

/// What a draft takes from its sender, without deposits.
struct Cost {
    Amount fee;
    Amount calls;           ///< what its calls name; those of a group only where they are its own
    bool takes_all = false; ///< and all that is left
    Amount total;           ///< of both; 2^64 - 1 atoms where it is more
};
[[nodiscard]] Cost cost_of(const Transaction& draft);

/// What people have called accounts.
using AccountNames = std::map<AccountId, std::string>;

/// What a draft does, for people to agree to: a line for each recipient or call, then the fee and
/// the total.
[[nodiscard]] std::string describe(const Transaction& draft, const AccountNames& names = {});

} // namespace cairn
