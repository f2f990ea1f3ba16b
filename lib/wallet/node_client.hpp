#pragma once

#include "ledger/coins.hpp"
#include "ledger/genesis.hpp"
#include "ledger/transaction.hpp"
#include "net/local_api.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cairn {

/// What a node's chain is, and how far it is.
struct ChainFacts {
    Genesis genesis;
    NetworkId chain;
    Height height;
    bool is_synced = false;
    std::uint64_t waiting = 0; ///< transactions in its pool
};

/// A transaction of an account that waits for a block.
struct WaitingCall {
    TransactionId id;
    Lane lane;
    std::uint64_t sequence = 0;
};

/// An amount that an account will have, or may take, from a height on.
struct LaterAmount {
    Amount amount;
    Height from;
};

/// What a node has of an account.
struct AccountView {
    AccountId id;
    Height height; ///< of the last block
    std::optional<Account> account;
    std::uint64_t next_sequence = 0; ///< of lane 0, behind what waits
    std::vector<WaitingCall> waiting{};
    std::vector<LaterAmount> maturing{}; ///< rewards
    std::vector<LaterAmount> earned{};   ///< to be released

    /// The next free number of a lane, behind what waits.
    [[nodiscard]] std::uint64_t next_in(Lane lane) const;
};

/// Where a transaction is.
struct TransactionView {
    Json json; ///< as the node tells it
    std::optional<Transaction> transaction{};
    bool is_waiting = false;
    bool is_final = false;
    std::uint64_t confirmations = 0;
};

/// A place in the history of an account: before this index of this height.
struct HistoryPlace {
    Height height;
    std::uint64_t index = 0;
};

/// A block that the account was paid for, or a transaction that names it.
struct HistoryEntry {
    Json json; ///< as the node tells it
    std::optional<Transaction> transaction{};
    HistoryPlace place{};
    std::uint64_t confirmations = 0;
    bool is_final = false;
    bool is_done = true; ///< false: it failed, but its fee is paid
};

/// A chain's node as a wallet sees it, over the node's local API, cairn-api(7). Throws
/// Error{unavail} when nobody answers, Error{protocol} when what comes is not what was asked for.
class NodeClient {
public:
    using Ask = std::function<LocalReply(const LocalRequest&)>;

    explicit NodeClient(Ask ask) : ask_{std::move(ask)} {}

    /// Of a local endpoint, "ipc://PATH".
    static NodeClient at(const std::string& endpoint, std::uint64_t timeout_ms);

    [[nodiscard]] ChainFacts facts() const;
    [[nodiscard]] AccountView account(const AccountId& id) const;

    /// What a provider has in its bond, is taking out of it, and has as its deposit; 0 of others.
    [[nodiscard]] Amount bonded(const AccountId& id) const;

    /// None where the node does not know it.
    [[nodiscard]] std::optional<TransactionView> transaction(const TransactionId& id) const;

    /// The newest first.
    [[nodiscard]] std::vector<HistoryEntry>
    history(const AccountId& id, std::optional<HistoryPlace> before, std::uint64_t count) const;

    /// What waits in the node's pool: at most so many, the oldest first.
    [[nodiscard]] std::vector<Transaction> pool(std::size_t count_max) const;

    /// What gets a transaction of a weight into one of the next blocks.
    [[nodiscard]] Amount estimate(std::uint64_t weight, std::uint64_t blocks) const;

    /// Hands a new transaction over. Empty: the node has taken it; else why it refuses, such as
    /// that another process has sent the very same.
    [[nodiscard]] std::string send(const Transaction& transaction) const;

    /// The same of one that may have been handed over before. Empty also where the node has it.
    [[nodiscard]] std::string send_again(const Transaction& transaction) const;

private:
    struct Answer {
        bool is_ok = false;
        Json json;
        Bytes body;
    };
    [[nodiscard]] Answer call(const std::string& method, const Json& request,
                              Bytes body = {}) const;

    Ask ask_;
};

} // namespace cairn
