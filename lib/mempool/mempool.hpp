#pragma once

#include "ledger/ledger.hpp"
#include "mempool/seeded_hash.hpp"
#include "mempool/verified_set.hpp"

#include <map>
#include <set>

// Transactions that wait for a block, within limits: which of them are kept, which go first, and
// which are gone when a block comes or goes. No clock and no disk; times are in milliseconds, of
// any clock. Nothing in here is a rule of the chain.
//
// Each call of a transaction has a place: a sequence number in a lane of its sender. A place has
// one transaction. A group has several, at the ends of what waits in their lanes without a gap when
// it comes, so that no two groups ever wait for each other; where a gap opens before it, it goes.

namespace cairn {

/// In which order transactions are put into blocks; those of one lane always by their numbers.
enum class MempoolOrder : std::uint8_t {
    price, ///< the highest fee for the weight first, then the first that came
    time,  ///< the first that came first
    score, ///< the fee for the weight, less the time at which it came
};

struct MempoolOptions {
    MempoolOrder order = MempoolOrder::price;
    std::size_t size_max = 64UL * 1024 * 1024; ///< bytes of memory, but for verified_max
    std::size_t count_max = 50'000;
    std::size_t account_max = 64; ///< calls of one account that wait
    std::uint64_t lane_gap = 16;  ///< how far ahead of the next one of its lane a sequence may be
    std::uint64_t age_max_ms = std::uint64_t{24} * 60 * 60 * 1000;
    std::uint64_t score_ms = 10'000;         ///< that an atom for a unit of weight is worth
    std::size_t verified_max = 256UL * 1024; ///< transactions, 16 bytes each
};

/// Atoms for a unit of weight, times 2^16.
struct FeeRate {
    std::uint64_t value = 0;

    friend auto operator<=>(const FeeRate&,
                            const FeeRate&) = default; // NOLINT(modernize-use-nullptr)
};

/// Rounded down. Needs weight > 0.
[[nodiscard]] FeeRate fee_rate(Amount fee, std::uint64_t weight);

/// The least fee that is not below a rate.
[[nodiscard]] Amount fee_at(FeeRate rate, std::uint64_t weight);

/// Why a transaction is not taken.
struct PoolRefusal {
    std::string reason;         ///< a word or two, like those of a Fault
    bool is_peer_fault = false; ///< an honest peer never sends such a thing
    unsigned points = 0;        ///< of 100 that such a peer is charged
};

/// Where a call waits, and what it takes.
struct PoolPlace {
    AccountId account;
    Lane lane;
    std::uint64_t sequence = 0;
    std::uint64_t next = 0; ///< that the lane had in the state when the place was last free
    Amount cost;            ///< fee, and what the call names
    bool takes_all = false;

    [[nodiscard]] bool is_at(const PoolPlace& other) const
    {
        return account == other.account && lane == other.lane && sequence == other.sequence;
    }
};

/// Older ones have smaller numbers.
using Arrival = std::int64_t;

/// A transaction that waits.
struct PoolEntry {
    Transaction transaction;
    Measure measure;
    Arrival arrival = 0;
    std::uint64_t arrived_ms = 0;
    std::uint64_t since_ms = 0; ///< the same, or when one came that it is before
    FeeRate rate;
    std::int64_t priority = 0;     ///< in blocks: the greater first, then the smaller arrival
    std::vector<PoolPlace> places; ///< the sender's, then those of a group's calls
    std::size_t memory = 0;        ///< bytes
    bool is_last = false;          ///< in all its lanes
    bool is_early = false;         ///< there is a gap before it; kept of last ones alone

    [[nodiscard]] bool is_group() const { return places.size() > 1; }
};

class Mempool {
public:
    /// `genesis` must live longer; nobody can know the seed.
    Mempool(const Genesis& genesis, const MempoolOptions& options, std::uint64_t seed);

    struct Added {
        TransactionId id;
    };

    /// Takes a transaction that could be in a block on top of `tip`, whose state is `state`, or
    /// tells why not. What takes longest is looked at last: its signatures, unless they are known
    /// to be right.
    [[nodiscard]] std::variant<Added, PoolRefusal> add(Transaction transaction,
                                                       const StateReader& state, Height tip,
                                                       std::uint64_t now_ms,
                                                       bool is_verified = false);

    [[nodiscard]] bool contains(const TransactionId& id) const { return by_id_.contains(id); }

    /// Null where there is none; lives until the pool is changed.
    [[nodiscard]] const Transaction* find(const TransactionId& id) const;

    /// Whether just these signatures were found to be right, as far as it is remembered: an id
    /// alone does not tell, since it does not cover them.
    [[nodiscard]] bool is_verified(const Transaction& transaction) const;
    void note_verified(const Transaction& transaction);

    /// Adds transactions to a block in the order of the options, until it is full or has so many
    /// more. Those that can never be in a block are dropped.
    [[nodiscard]] std::vector<Transaction> fill(BlockExecution& execution, std::size_t count_max);

    /// A block is on top, and this is the state: its transactions leave, and so do those that have
    /// become impossible or too old.
    void block_connected(const Block& block, const StateReader& state, std::uint64_t now_ms);

    /// The block on top was taken off, and this is the state: its transactions are back, before
    /// all others.
    void block_disconnected(const Block& block, const StateReader& state, std::uint64_t now_ms);

    [[nodiscard]] std::size_t count() const { return by_arrival_.size(); }
    [[nodiscard]] std::size_t size_bytes() const { return memory_; }
    [[nodiscard]] std::vector<TransactionId> ids() const; ///< in the order of their arrival

    /// What a transaction has to pay to be looked at: what the genesis wants, or more for a while
    /// after some were thrown out for want of room.
    [[nodiscard]] FeeRate floor(std::uint64_t now_ms) const;

    /// What gets a transaction into one of the next blocks, if nothing better comes.
    [[nodiscard]] FeeRate estimate(std::size_t blocks, std::uint64_t now_ms) const;

    /// What waits of an account, by lane and number.
    [[nodiscard]] std::vector<const PoolEntry*> pending(const AccountId& account) const;

    /// Those that came after one, or all, the oldest first; at most so many.
    [[nodiscard]] std::vector<const PoolEntry*> arrived_after(std::optional<Arrival> arrival,
                                                              std::size_t count_max) const;

private:
    struct LanePool {
        std::uint64_t next = 0;                        // in the state
        std::uint64_t end = 0;                         // first that is missing
        std::uint64_t cursor = 0;                      // of fill()
        std::map<std::uint64_t, PoolEntry*> waiting{}; // by sequence number
    };
    struct AccountPool {
        std::map<Lane, LanePool> lanes{};
        Uint128 cost = 0;
        std::size_t count = 0;   // of calls
        std::size_t closing = 0; // of them take all
    };
    struct IsWorse {
        bool operator()(const PoolEntry* a, const PoolEntry* b) const;
    };
    struct Candidate;
    class Filling;

    static const std::size_t account_memory; // bytes
    static const std::size_t lane_memory;    // bytes

    // What is there: mempool.cpp.
    [[nodiscard]] const LanePool* find_lane(const PoolPlace& place) const;
    [[nodiscard]] LanePool* find_lane(const PoolPlace& place);
    [[nodiscard]] PoolEntry* find_at(const PoolPlace& place) const;
    PoolEntry* link(std::unique_ptr<PoolEntry> owned);
    std::unique_ptr<PoolEntry> unlink(PoolEntry* entry);
    void refresh(PoolEntry* entry);
    static void move_lane(LanePool& lane, std::uint64_t next);
    void drop(std::set<Arrival> going);
    static void find_early_groups(const LanePool& lane, std::set<Arrival>& groups);
    void find_early_groups(std::span<const PoolPlace> places, std::set<Arrival>& groups) const;
    [[nodiscard]] static std::size_t memory_of(const PoolEntry& entry);
    [[nodiscard]] bool is_over() const;
    void raise_floor(FeeRate rate, std::uint64_t now_ms);

    // What comes: admission.cpp.
    [[nodiscard]] std::unique_ptr<PoolEntry> make_entry(Transaction transaction, Measure measure,
                                                        std::uint64_t now_ms) const;
    [[nodiscard]] std::optional<PoolRefusal> look(const PoolEntry& entry, Height tip,
                                                  std::uint64_t now_ms) const;
    [[nodiscard]] std::optional<PoolRefusal> find_places(Candidate& candidate) const;
    [[nodiscard]] bool is_at_ends(const PoolEntry& group) const;
    [[nodiscard]] std::optional<PoolRefusal> check_replacement(const Candidate& candidate) const;
    [[nodiscard]] std::optional<PoolRefusal> check_accounts(const Candidate& candidate) const;
    [[nodiscard]] bool is_too_poor(const PoolEntry& entry) const;
    [[nodiscard]] bool insert(Candidate candidate, std::uint64_t now_ms);

    // Blocks: blocks.cpp.
    struct Touched;
    [[nodiscard]] Touched leave(const Block& block);
    [[nodiscard]] std::set<Arrival> move_account(const AccountId& id, const StateReader& state,
                                                 const Touched& touched);
    void move_accounts(const StateReader& state, const Touched& touched);
    void drop_early_groups(const Touched& touched);
    void drop_newest(const AccountId& id, std::optional<Amount> balance);
    void bring_back(const Transaction& transaction, Arrival arrival, const StateReader& state,
                    std::uint64_t now_ms);
    void expire(Height tip, std::uint64_t now_ms);

    const Genesis* genesis_;
    NetworkId chain_;
    MempoolOptions options_;
    VerifiedSet verified_;
    std::map<Arrival, std::unique_ptr<PoolEntry>> by_arrival_;
    std::unordered_map<TransactionId, PoolEntry*, SeededHash> by_id_;
    std::unordered_map<AccountId, AccountPool, SeededHash> accounts_;
    std::set<PoolEntry*, IsWorse> evictable_; // the last ones of their lanes
    std::set<AccountId> unsure_;              // accounts that had too little when a block was made
    std::size_t memory_ = 0;
    Arrival back_ = 0;  // the next arrival
    Arrival front_ = 0; // the first there was
    FeeRate raised_;    // the floor, when it was raised
    std::uint64_t raised_ms_ = 0;
};

} // namespace cairn
