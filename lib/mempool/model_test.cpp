#include "mempool/testing.hpp"

#include <list>

#include <doctest/doctest.h>

// The pool against one that goes through all it has whenever it is asked something.

using namespace cairn;

namespace {

struct Place {
    AccountId account;
    Lane lane;
    std::uint64_t sequence = 0;

    friend auto operator<=>(const Place&, const Place&) = default;
};

struct Held {
    TransactionId id;
    std::vector<Place> places;
    FeeRate rate;
    std::uint64_t fee = 0;
    std::size_t size = 0;

    [[nodiscard]] bool has(const Place& place) const
    {
        return std::ranges::find(places, place) != places.end();
    }
};

Held held(const Transaction& transaction)
{
    Held one;
    const Measure measured = measure(transaction);
    one.id = measured.id;
    one.fee = transaction.body.fee.atoms;
    one.size = measured.size;
    one.rate = fee_rate(transaction.body.fee, measured.weight);
    const Call& whole = transaction.body.call;
    if (whole.module == module_number::group)
        one.places.push_back({whole.sender, whole.lane, whole.sequence});
    for (const PlannedCall& call : measured.calls)
        one.places.push_back({call.sender, call.lane, call.sequence});
    return one;
}

/// All that waits, in the order in which it came. Of one kind of call: transfers without amounts
/// that matter, so that money is not looked at.
class NaivePool {
public:
    NaivePool(const PoolChain& chain, MempoolOptions options) : chain_{&chain}, options_{options} {}

    [[nodiscard]] std::uint64_t next(const Place& place) const
    {
        const auto account =
            chain_->state().get(account_key(place.account)); // all accounts are there
        return parse_record<Account>(*account).next_sequence(place.lane);
    }

    /// The first number that is missing in a lane.
    [[nodiscard]] std::uint64_t end(Place place) const
    {
        for (place.sequence = next(place); at(place); ++place.sequence) {
        }
        return place.sequence;
    }

    [[nodiscard]] bool is_early(const Held& one) const
    {
        return std::ranges::any_of(
            one.places, [&](const Place& place) { return place.sequence >= end(place); });
    }

    bool add(const Transaction& transaction, bool is_floor_met)
    {
        const Held one = held(transaction);
        if (std::ranges::find(all_, one.id, &Held::id) != all_.end() || !is_floor_met) return false;
        std::vector<const Held*> others;
        for (const Place& place : one.places) {
            if (place.sequence < next(place)) return false;
            if (const Held* const other = at(place))
                if (std::ranges::find(others, other) == others.end()) others.push_back(other);
        }
        if (others.size() > 1) return false;
        if (!others.empty() && !may_replace(one, *others.front())) return false;
        if (others.empty() && !is_near(one)) return false;
        std::list<Held> kept = all_;
        if (!others.empty())
            kept.remove_if([&](const Held& each) { return each.id == others[0]->id; });
        kept.push_back(one);
        for (const Place& place : one.places)
            if (count(kept, place.account) > options_.account_max) return false;
        all_.swap(kept);
        while (all_.size() > options_.count_max) {
            const auto worst = find_worst();
            if (worst->id == one.id) {
                all_.swap(kept); // as it was
                return false;
            }
            all_.erase(worst);
        }
        drop_early_groups();
        return true;
    }

    /// A block has come: what it had, what it has made impossible.
    void connect(const std::vector<Transaction>& block)
    {
        for (const Transaction& transaction : block)
            all_.remove_if(
                [&](const Held& each) { return each.id == transaction_id(transaction.body); });
        settle();
    }

    void disconnect(const Block& block)
    {
        std::list<Held> back;
        for (const Transaction& transaction : block.transactions) back.push_back(held(transaction));
        all_.remove_if([&](const Held& each) {
            return std::ranges::any_of(back, [&](const Held& one) {
                return std::ranges::any_of(each.places,
                                           [&](const Place& place) { return one.has(place); });
            });
        });
        all_.splice(all_.begin(), back);
        drop_unfollowed(block.transactions.size());
        for (std::size_t i = 0; i < chain_->accounts(); ++i)
            while (count(all_, chain_->id(i)) > options_.account_max) drop_newest(chain_->id(i));
        drop_early_groups();
        while (all_.size() > options_.count_max) {
            all_.erase(find_worst());
            drop_early_groups();
        }
    }

    [[nodiscard]] std::vector<TransactionId> ids() const
    {
        std::vector<TransactionId> ids;
        for (const Held& each : all_) ids.push_back(each.id);
        return ids;
    }

    /// What a block is filled with by the price: the best of those whose turn it is, again and
    /// again.
    [[nodiscard]] std::vector<TransactionId> fill() const
    {
        std::vector<TransactionId> filled;
        std::map<std::pair<AccountId, Lane>, std::uint64_t> cursors;
        const auto is_turn = [&](const Held& each) {
            std::map<std::pair<AccountId, Lane>, std::uint64_t> own = cursors;
            return std::ranges::all_of(each.places, [&](const Place& place) {
                return own.try_emplace({place.account, place.lane}, next(place)).first->second++ ==
                       place.sequence;
            });
        };
        for (;;) {
            const Held* best = nullptr;
            for (const Held& each : all_)
                if (is_turn(each) && (!best || each.rate > best->rate)) best = &each;
            if (!best) return filled;
            filled.push_back(best->id);
            for (const Place& place : best->places)
                cursors[{place.account, place.lane}] = place.sequence + 1;
        }
    }

private:
    [[nodiscard]] const Held* at(const Place& place) const
    {
        for (const Held& each : all_)
            if (each.has(place)) return &each;
        return nullptr;
    }

    static std::size_t count(const std::list<Held>& list, const AccountId& account)
    {
        std::size_t count = 0;
        for (const Held& each : list)
            for (const Place& place : each.places) count += place.account == account ? 1 : 0;
        return count;
    }

    static bool may_replace(const Held& one, const Held& old)
    {
        if (one.places.size() > 1 && one.places != old.places) return false;
        return one.fee * 100 >= old.fee * 110 && one.fee >= old.fee + one.size;
    }

    [[nodiscard]] bool is_near(const Held& one) const
    {
        if (one.places.size() == 1)
            return one.places[0].sequence <= end(one.places[0]) + options_.lane_gap;
        std::map<std::pair<AccountId, Lane>, std::uint64_t> ends;
        return std::ranges::all_of(one.places, [&](const Place& place) {
            return ends.try_emplace({place.account, place.lane}, end(place)).first->second++ ==
                   place.sequence;
        });
    }

    [[nodiscard]] bool is_last(const Held& one, const Place& mine) const
    {
        for (const Held& each : all_)
            for (const Place& place : each.places)
                if (each.id != one.id && place.account == mine.account && place.lane == mine.lane &&
                    place.sequence > mine.sequence)
                    return false;
        return true;
    }

    [[nodiscard]] std::list<Held>::iterator find_worst()
    {
        auto worst = all_.end();
        for (auto each = all_.begin(); each != all_.end(); ++each) {
            const bool is_end = std::ranges::all_of(
                each->places, [&](const Place& place) { return is_last(*each, place); });
            if (!is_end) continue;
            const auto rank = [&](const Held& one) { return std::pair{!is_early(one), one.rate}; };
            if (worst == all_.end() || rank(*each) <= rank(*worst)) worst = each;
        }
        return worst;
    }

    void drop_early_groups()
    {
        const auto is_gone = [&](const Held& each) {
            return each.places.size() > 1 && is_early(each);
        };
        for (auto gone = std::ranges::find_if(all_, is_gone); gone != all_.end();
             gone = std::ranges::find_if(all_, is_gone))
            all_.erase(gone);
    }

    /// The newest of what is last in one of an account's lanes.
    void drop_newest(const AccountId& account)
    {
        for (auto each = all_.rbegin(); each != all_.rend(); ++each)
            for (const Place& place : each->places)
                if (place.account == account && is_last(*each, place)) {
                    all_.erase(std::next(each).base());
                    drop_early_groups();
                    return;
                }
    }

    /// Of those that are back, groups whose calls do not follow each other.
    void drop_unfollowed(std::size_t back)
    {
        std::list<Held> newer;
        newer.splice(newer.begin(), all_,
                     std::next(all_.begin(), static_cast<std::ptrdiff_t>(back)), all_.end());
        std::list<Held> returning;
        returning.swap(all_);
        for (Held& one : returning) {
            all_.splice(all_.end(), newer);
            const bool is_taken = one.places.size() == 1 || is_near(one);
            newer.splice(newer.begin(), all_,
                         std::next(all_.begin(), static_cast<std::ptrdiff_t>(taken_)), all_.end());
            if (!is_taken) continue;
            all_.push_back(one);
            ++taken_;
        }
        all_.splice(all_.end(), newer);
        taken_ = 0;
    }

    void settle()
    {
        all_.remove_if([&](const Held& each) {
            return std::ranges::any_of(
                each.places, [&](const Place& place) { return place.sequence < next(place); });
        });
        drop_early_groups();
    }

    const PoolChain* chain_;
    MempoolOptions options_;
    std::list<Held> all_{};
    std::size_t taken_ = 0;
};

/// Draws a transfer, or a group of two or three, near the ends of lanes.
Transaction draw(const PoolChain& chain, Dice& dice, const std::vector<Transaction>& before)
{
    if (!before.empty() && dice.below(8) == 0) return before[dice.below(before.size())];
    const auto account = [&] { return dice.below(chain.accounts()); };
    const auto lane = [&] { return Lane{static_cast<std::uint16_t>(dice.below(2))}; };
    const std::uint64_t rate = 10 + dice.below(40);
    const std::size_t sender = account();
    const Transaction sent = chain.give(sender, dice.below(5), 1 + dice.below(3),
                                        {.rate = rate, .lane = lane(), .to = chain.id(0)});
    if (dice.below(3) != 0) return sent;
    std::vector<Call> calls;
    std::vector<std::size_t> signers{sender};
    for (std::uint64_t left = 1 + dice.below(2); left > 0; --left) {
        signers.push_back(account());
        calls.push_back(
            chain.give(signers.back(), dice.below(4), 1, {.lane = lane(), .to = chain.id(0)})
                .body.call);
    }
    std::ranges::sort(signers);
    const auto twins = std::ranges::unique(signers);
    signers.erase(twins.begin(), twins.end());
    return chain.group(sent, calls, rate, signers);
}

std::vector<TransactionId> ids_of(const std::vector<Transaction>& transactions)
{
    std::vector<TransactionId> ids;
    for (const Transaction& transaction : transactions)
        ids.push_back(transaction_id(transaction.body));
    return ids;
}

/// What differs first, in so many operations; nothing where nothing does.
std::string difference(std::uint64_t seed, unsigned operations)
{
    const MempoolOptions options{
        .count_max = 12, .account_max = 6, .lane_gap = 2, .age_max_ms = UINT64_MAX};
    PoolChain chain{5};
    Mempool pool = chain.pool(options);
    NaivePool naive{chain, options};
    Dice dice{seed};
    std::vector<Transaction> before;
    for (unsigned i = 0; i < operations; ++i) {
        const std::uint64_t choice = dice.below(16);
        if (choice == 0) {
            BlockExecution execution{chain.genesis(), chain.chain().next_context(), chain.state()};
            const std::vector<Transaction> filled = pool.fill(execution, 1000);
            if (ids_of(filled) != naive.fill()) return "a filled block";
            const std::size_t part = dice.below(filled.size() + 1);
            const std::vector<Transaction> some{filled.begin(),
                                                filled.begin() + static_cast<std::ptrdiff_t>(part)};
            chain.connect(pool, some);
            naive.connect(some);
        } else if (choice == 1 && chain.blocks() > 0) {
            const Block block = chain.last_block();
            chain.disconnect(pool);
            naive.disconnect(block);
        } else {
            const Transaction one = draw(chain, dice, before);
            before.push_back(one);
            const Measure measured = measure(one);
            const bool is_floor_met =
                fee_rate(one.body.fee, measured.weight) >= pool.floor(std::uint64_t{i} << 24U);
            const bool is_taken = chain.add(pool, one, std::uint64_t{i} << 24U).empty();
            if (is_taken != naive.add(one, is_floor_met)) return "what is taken";
        }
        if (pool.ids() != naive.ids()) return "what waits, after operation " + std::to_string(i);
        if (pool.count() > options.count_max) return "too many";
        for (std::size_t account = 0; account < chain.accounts(); ++account)
            if (pool.pending(chain.id(account)).size() > options.account_max)
                return "one has too many";
    }
    return "";
}

} // namespace

TEST_CASE("the pool does what one does that goes through all it has")
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        REQUIRE(difference(seed, 250) == "");
    }
}
