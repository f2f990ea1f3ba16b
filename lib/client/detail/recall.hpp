#pragma once

#include "client/put_journal.hpp"
#include "client/spread.hpp"

#include <functional>
#include <vector>

namespace cairn::detail {

/// What an interrupted put got for one segment: the receipts that are good, and of those the ones
/// whose providers say that they have the shard still.
class Recall {
public:
    struct Found {
        std::size_t slot = 0;
        Holder holder;
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

private:
    void add(const Bytes& bytes, std::span<const ShardItem> items);
    void ask(std::size_t index, const ShardRoot& root);
    void settle(std::size_t index, bool is_here);

    Session* session_;
    NetworkId network_;
    AccountId owner_;
    std::function<void(std::vector<Found>)> done_;
    std::vector<Found> claims_;
    std::vector<bool> is_here_;
    std::vector<CallId> calls_;
    std::size_t pending_ = 0;
};

} // namespace cairn::detail
