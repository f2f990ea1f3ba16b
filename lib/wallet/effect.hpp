#pragma once

#include "ledger/coins.hpp"
#include "ledger/genesis.hpp"
#include "ledger/transaction.hpp"

#include <vector>

namespace cairn {

/// What a transaction does to the balance of one account.
struct Effect {
    Amount fee; ///< that the account pays
    Amount in;
    Amount out;                     ///< without the fee
    std::vector<CoinTransfer> to;   ///< whom it sends what
    std::vector<CoinTransfer> from; ///< who sends it what
    bool is_whole = true;           ///< false: it moves more than can be told from the transaction
};

/// `is_done`: its receipt says so, or it is to be done. `given`: what the receipt says that the
/// rules have paid, to whom.
[[nodiscard]] Effect effect_on(const AccountId& account, const Transaction& transaction,
                               const FeeRules& fees, bool is_done,
                               std::span<const CoinTransfer> given);

/// What the rules have paid, by the JSON of a receipt.
[[nodiscard]] std::vector<CoinTransfer> given_in(const Json& receipt);

/// Whether what a transaction moves shows in its receipt alone.
[[nodiscard]] bool needs_receipt(const Transaction& transaction);

} // namespace cairn
