#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/group.hpp"
#include "ledger/signers.hpp"
#include "mempool/mempool.hpp"

// What blocks take out of the pool, and bring back.

namespace cairn {

/// Accounts that a block is about.
struct Mempool::Touched {
    std::set<AccountId> senders;
    std::set<AccountId> rekeyed; // others may act for them from now on
    bool is_forward = true;      // the block has come
};

namespace {

std::optional<Account> read_account(const StateReader& state, const AccountId& id)
{
    const std::optional<Bytes> bytes = state.get(account_key(id));
    if (!bytes) return std::nullopt;
    return parse_record<Account>(*bytes);
}

bool is_rekeying(const Call& call)
{
    return call.module == module_number::coins &&
           call.method != static_cast<std::uint16_t>(CoinsMethod::transfer);
}

} // namespace

/// Removes the transactions of a block, and notes who has sent them.
Mempool::Touched Mempool::leave(const Block& block)
{
    Touched touched{.senders = std::exchange(unsure_, {}), .rekeyed = {}};
    for (const Transaction& transaction : block.transactions) {
        const Call& whole = transaction.body.call;
        touched.senders.insert(whole.sender);
        const auto note = [&](const Call& call) {
            touched.senders.insert(call.sender);
            if (is_rekeying(call)) touched.rekeyed.insert(call.sender);
        };
        if (whole.module != module_number::group)
            note(whole);
        else
            for (const Call& call : calls_of(whole)) note(call);
        const auto found = by_id_.find(transaction_id(transaction.body));
        if (found != by_id_.end()) unlink(found->second);
    }
    return touched;
}

/// Moves an account's lanes to where they are in the state; what it can no more do.
std::set<Arrival> Mempool::move_account(const AccountId& id, const StateReader& state,
                                        const Touched& touched)
{
    std::set<Arrival> going;
    const auto found = accounts_.find(id);
    if (found == accounts_.end()) return going;
    const std::optional<Account> account = read_account(state, id);
    if (!account && !touched.is_forward) {
        unsure_.insert(id); // the next block may make it again
        return going;
    }
    // A key that was set in a block taken back is set again by what is brought back.
    const bool is_rekeyed = touched.is_forward && touched.rekeyed.contains(id);
    for (auto& [number, lane] : found->second.lanes) {
        lane.next = account ? account->next_sequence(number) : UINT64_MAX;
        move_lane(lane, lane.next);
        for (const auto& [sequence, entry] : lane.waiting)
            if (sequence < lane.next ||
                (is_rekeyed && !Signers{entry->transaction}.cover(id, account)))
                going.insert(entry->arrival);
        refresh(lane.waiting.rbegin()->second);
    }
    return going;
}

/// All lanes are moved before anything is removed, since what opens a gap is seen by them.
void Mempool::move_accounts(const StateReader& state, const Touched& touched)
{
    std::set<Arrival> going;
    for (const AccountId& id : touched.senders) going.merge(move_account(id, state, touched));
    drop(std::move(going));
}

void Mempool::drop_early_groups(const Touched& touched)
{
    std::set<Arrival> early;
    for (const AccountId& id : touched.senders) {
        const auto found = accounts_.find(id);
        if (found == accounts_.end()) continue;
        for (const auto& [number, lane] : found->second.lanes) find_early_groups(lane, early);
    }
    drop(std::move(early));
}

/// Removes the newest of what waits at the ends of an account's lanes until its limits are kept,
/// and its balance is enough for the rest.
void Mempool::drop_newest(const AccountId& id, std::optional<Amount> balance)
{
    for (;;) {
        const auto found = accounts_.find(id);
        if (found == accounts_.end()) return;
        const bool is_paid = !balance || found->second.cost <= balance->atoms;
        if (is_paid && found->second.count <= options_.account_max) return;
        Arrival newest = INT64_MIN;
        for (const auto& [number, lane] : found->second.lanes)
            newest = std::max(newest, lane.waiting.rbegin()->second->arrival);
        drop({newest});
    }
}

void Mempool::expire(Height tip, std::uint64_t now_ms)
{
    std::set<Arrival> going;
    for (const auto& [arrival, entry] : by_arrival_) {
        const bool is_old =
            now_ms > entry->arrived_ms && now_ms - entry->arrived_ms > options_.age_max_ms;
        if (is_old || entry->transaction.body.valid_until <= tip) going.insert(arrival);
    }
    drop(std::move(going));
}

void Mempool::block_connected(const Block& block, const StateReader& state, std::uint64_t now_ms)
{
    const Touched touched = leave(block);
    move_accounts(state, touched);
    for (const AccountId& id : touched.senders) {
        if (!accounts_.contains(id)) continue;
        const std::optional<Account> account = read_account(state, id);
        drop_newest(id, account ? account->balance : Amount{});
    }
    drop_early_groups(touched);
    expire(block.header.height, now_ms);
}

/// One that was in a block: nothing about it is doubtful, but it may be that what it rests on is
/// gone too.
void Mempool::bring_back(const Transaction& transaction, Arrival arrival, const StateReader& state,
                         std::uint64_t now_ms)
{
    const std::uint64_t since_ms =
        by_arrival_.empty() ? now_ms : std::min(now_ms, by_arrival_.begin()->second->since_ms);
    std::unique_ptr<PoolEntry> entry;
    try {
        entry = make_entry(transaction, measure(transaction), since_ms);
    } catch (const Error&) {
        return; // of rules that this program does not know
    }
    verified_.note(transaction, entry->measure.id);
    if (by_id_.contains(entry->measure.id)) return;
    entry->arrived_ms = now_ms;
    entry->arrival = arrival;
    std::set<Arrival> in_the_way;
    for (PoolPlace& place : entry->places) {
        const std::optional<Account> account = read_account(state, place.account);
        if (!account) return;
        place.next = account->next_sequence(place.lane);
        if (place.sequence < place.next) return;
        if (const PoolEntry* const other = find_at(place)) in_the_way.insert(other->arrival);
    }
    drop(std::move(in_the_way));
    if (entry->is_group() && !is_at_ends(*entry)) return;
    link(std::move(entry));
}

void Mempool::block_disconnected(const Block& block, const StateReader& state, std::uint64_t now_ms)
{
    const std::set<AccountId> unsure = unsure_;
    Touched touched = leave(block);
    touched.is_forward = false;
    unsure_ = unsure;
    move_accounts(state, touched);
    front_ -= static_cast<Arrival>(block.transactions.size());
    Arrival arrival = front_;
    for (const Transaction& transaction : block.transactions)
        bring_back(transaction, arrival++, state, now_ms);
    for (const AccountId& id : touched.senders) drop_newest(id, std::nullopt);
    drop_early_groups(touched);
    while (is_over()) drop({(*evictable_.begin())->arrival});
}

} // namespace cairn
