#include "mempool/mempool.hpp"

#include <queue>

namespace cairn {
namespace {

constexpr std::size_t misfits_max = 200; // too large for what is left of a block

} // namespace

/// Goes through the lanes side by side: of those transactions whose turn it is, the best is next.
class Mempool::Filling {
public:
    Filling(Mempool& pool, BlockExecution& execution, std::size_t count_max)
        : pool_{&pool},
          execution_{&execution},
          count_max_{count_max},
          weight_left_{pool.genesis_->block.weight_max},
          size_left_{pool.genesis_->block.size_max}
    {
    }

    std::vector<Transaction> run()
    {
        for (auto& [id, account] : pool_->accounts_)
            for (auto& [number, lane] : account.lanes) lane.cursor = lane.next;
        for (const auto& [id, account] : pool_->accounts_) // in any order: turns have their own
            for (const auto& [number, lane] : account.lanes) offer(lane);
        try_all();
        // Some may have been given what they need in the meantime.
        for (PoolEntry* const entry : std::exchange(poor_, {})) push(entry);
        try_all();
        for (const PoolEntry* const entry : poor_)
            pool_->unsure_.insert(entry->places.front().account);
        pool_->drop(std::move(dropped_));
        return std::move(taken_);
    }

private:
    struct Turn {
        std::int64_t priority = 0;
        Arrival arrival = 0;
        PoolEntry* entry = nullptr;

        friend bool operator<(const Turn& a, const Turn& b)
        {
            return a.priority != b.priority ? a.priority < b.priority : a.arrival > b.arrival;
        }
    };

    void push(PoolEntry* entry) { turns_.push({entry->priority, entry->arrival, entry}); }

    /// Whether it is an entry's turn in all its lanes.
    [[nodiscard]] bool is_ready(const PoolEntry& entry) const
    {
        return std::ranges::all_of(entry.places, [&](const PoolPlace& place) {
            const LanePool& lane = *pool_->find_lane(place);
            const auto next = lane.waiting.find(lane.cursor);
            return next != lane.waiting.end() && next->second == &entry;
        });
    }

    /// What is next in a lane gets its turn, if it does not wait for another lane.
    void offer(const LanePool& lane)
    {
        const auto next = lane.waiting.find(lane.cursor);
        if (next == lane.waiting.end()) return;
        PoolEntry* const entry = next->second;
        if (entry->is_group() && (!is_ready(*entry) || !groups_.insert(entry->arrival).second))
            return;
        push(entry);
    }

    void advance(const PoolEntry& entry)
    {
        for (const PoolPlace& place : entry.places) ++pool_->find_lane(place)->cursor;
        for (const PoolPlace& place : entry.places) {
            const LanePool& lane = *pool_->find_lane(place);
            if (place.sequence + 1 == lane.cursor) offer(lane); // once, if it has several there
        }
    }

    void try_all()
    {
        while (!turns_.empty() && taken_.size() < count_max_ && misfits_ < misfits_max) {
            PoolEntry* const entry = turns_.top().entry;
            turns_.pop();
            try_one(entry);
        }
    }

    void try_one(PoolEntry* entry)
    {
        const Measure& measure = entry->measure;
        if (measure.weight > weight_left_ || measure.size > size_left_) {
            ++misfits_;
            return;
        }
        const std::optional<Fault> fault = execution_->add(entry->transaction, measure);
        if (!fault) {
            weight_left_ -= measure.weight;
            size_left_ -= measure.size;
            taken_.push_back(entry->transaction);
            advance(*entry);
            return;
        }
        switch (*fault) {
        case Fault::full:
            ++misfits_;
            return;
        case Fault::too_early:
        case Fault::early_sequence:
            return;
        case Fault::no_funds:
            poor_.push_back(entry);
            return;
        case Fault::malformed:
        case Fault::other_chain:
        case Fault::expired:
        case Fault::low_fee:
        case Fault::not_authorised:
        case Fault::wrong_signature:
        case Fault::used_sequence:
        case Fault::many_lanes:
            dropped_.insert(entry->arrival);
            return;
        }
    }

    Mempool* pool_;
    BlockExecution* execution_;
    std::size_t count_max_;
    std::uint64_t weight_left_;
    std::uint64_t size_left_;
    std::size_t misfits_ = 0;
    std::priority_queue<Turn> turns_;
    std::set<Arrival> groups_; // that had their turn
    std::vector<PoolEntry*> poor_;
    std::set<Arrival> dropped_;
    std::vector<Transaction> taken_;
};

std::vector<Transaction> Mempool::fill(BlockExecution& execution, std::size_t count_max)
{
    return Filling{*this, execution, count_max}.run();
}

} // namespace cairn
