#pragma once

#include "wallet/draft.hpp"
#include "wallet/node_client.hpp"

#include <string>
#include <vector>

// Transactions as a node's chain takes them now.

namespace cairn {

/// By default a fee is no more than so many times the least.
inline constexpr std::uint64_t fee_factor_max = 100;

/// How a transaction is to be sent.
struct SpendTerms {
    Lane lane{};
    std::optional<std::uint64_t> sequence{}; ///< none: the next of the lane
    std::optional<Amount> fee{};             ///< none: what the node thinks is needed
    std::optional<Amount> fee_max{};         ///< none: fee_factor_max times the least
    std::uint64_t valid_blocks = 240;    ///< how long it may wait; at most what the chain allows
    std::optional<Height> valid_until{}; ///< in place of that
};

/// What a node knows that a transaction needs.
struct Circumstances {
    const NodeClient& node;
    const ChainFacts& facts;
    const AccountView& sender;
};

/// A draft of a call, which has module, method and arguments, with all else filled in. Throws
/// Error{no} where the chain would refuse it, such as for want of funds, or the fee is above the
/// limit.
[[nodiscard]] Transaction prepare(const Circumstances& now, Call call, const Authority& authority,
                                  const SpendTerms& terms);

/// What people should know of a draft's recipients: who is not there yet and pays a deposit out of
/// what comes first. Throws Error{no} where that is too little for it.
[[nodiscard]] std::vector<std::string> recipient_notes(const Circumstances& now,
                                                       const Transaction& draft);

/// What an account has, and what is known of what will be.
struct Balance {
    Amount available;            ///< after the last block
    Amount confirmed;            ///< of that, without what came in blocks that are not final
    Amount recent_in;            ///< came in those
    Amount recent_out;           ///< went in those, fees too
    Amount pending_in;           ///< comes with what waits, as far as it was looked through
    Amount pending_out;          ///< goes with what waits
    bool is_pool_whole = true;   ///< all that waits was looked through
    bool is_recent_whole = true; ///< all that is not final was
    Amount maturing;
    Amount earned;
    Amount bonded;
    Amount deposit;
    Amount total; ///< of available, maturing, earned, bonded and deposit
};
[[nodiscard]] Balance balance_of(const Circumstances& now);

} // namespace cairn
