#pragma once

#include "client/put_journal.hpp"
#include "client/spread.hpp"

#include <functional>
#include <vector>

namespace cairn::detail {

/// What was stored before of the shards that are to be stored now, as far as providers say that
/// they have it still, for this owner: what the receipts of an interrupted put are for, or, where
/// the same bytes are always the same shards, whatever there is.
class Recall {
public:
    struct Found {
        std::size_t slot = 0;
        Holder holder; ///< without a receipt where there was none to begin with
    };

    /// `done` is called once, from Session::run(), with one holder at most for each slot and each
    /// provider. `session` must live longer.
    Recall(Session& session, const NetworkId& network, const AccountId& owner,
           std::function<void(std::vector<Found>)> done);
    Recall(const Recall&) = delete;
    Recall& operator=(const Recall&) = delete;
    ~Recall();

    /// Begins; false when there is nothing to ask for, and `done` is not called.
    bool start(const std::vector<Bytes>& receipts, std::span<const ShardItem> items);

    /// Asks all providers for all shards, and finds as many as possible with different ones; where
    /// there are `targets`, one for each shard, only with these.
    bool start(std::span<const ShardItem> items, std::vector<std::size_t> targets);

private:
    void add(const Bytes& bytes, std::span<const ShardItem> items);
    void ask(std::size_t provider, std::span<const ShardItem> items,
             std::function<void(std::size_t item)> is_here);
    void settle();
    void match();

    Session* session_;
    NetworkId network_;
    AccountId owner_;
    std::function<void(std::vector<Found>)> done_;
    std::vector<Found> claims_;                     // of the receipts
    std::vector<std::vector<std::size_t>> holders_; // of each shard, where all are asked
    std::vector<std::size_t> targets_;
    std::vector<Found> found_;
    std::vector<CallId> calls_;
    std::size_t pending_ = 0;
};

} // namespace cairn::detail
