#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/signers.hpp"
#include "mempool/mempool.hpp"

namespace cairn {
namespace {

constexpr unsigned points_wrong = 20;
constexpr unsigned replacement_percent = 110; // of the fee before

PoolRefusal refusal(Fault fault)
{
    return {to_text(fault)};
}

/// What is wrong whatever the state: every honest node finds it and does not pass it on.
PoolRefusal wrong(const char* reason)
{
    return {reason, true, points_wrong};
}

PoolPlace place_of(const Call& call, Amount fee)
{
    return {.account = call.sender, .lane = call.lane, .sequence = call.sequence, .cost = fee};
}

std::vector<PoolPlace> places_of(const TransactionBody& body, const Measure& measure)
{
    std::vector<PoolPlace> places;
    const bool is_group = body.call.module == module_number::group;
    places.reserve(measure.calls.size() + (is_group ? 1 : 0));
    if (is_group) places.push_back(place_of(body.call, body.fee));
    for (const PlannedCall& call : measure.calls) {
        const Amount fee = is_group ? Amount{} : body.fee;
        places.push_back({.account = call.sender,
                          .lane = call.lane,
                          .sequence = call.sequence,
                          .cost = plus(call.shape.takes, fee).value_or(Amount{UINT64_MAX}),
                          .takes_all = call.shape.takes_all});
    }
    return places;
}

} // namespace

/// A transaction on its way in.
struct Mempool::Candidate {
    struct Sender {
        AccountId id;
        std::optional<Account> account;
    };

    std::unique_ptr<PoolEntry> entry;
    std::vector<Sender> senders{}; // each once
    PoolEntry* replaced = nullptr;

    [[nodiscard]] const std::optional<Account>& account(const AccountId& id) const
    {
        return std::ranges::find(senders, id, &Sender::id)->account;
    }

    /// Reads who acts. Throws Error{data} where the state is damaged.
    void read(const StateReader& state)
    {
        for (const PoolPlace& place : entry->places) {
            if (std::ranges::find(senders, place.account, &Sender::id) != senders.end()) continue;
            const std::optional<Bytes> bytes = state.get(account_key(place.account));
            senders.push_back({place.account, std::nullopt});
            if (bytes) senders.back().account = parse_record<Account>(*bytes);
        }
    }

    [[nodiscard]] bool is_authorised() const
    {
        Signers signers{entry->transaction};
        return std::ranges::all_of(senders,
                                   [&](const Sender& sender) {
                                       return signers.cover(sender.id, sender.account);
                                   }) &&
               signers.are_all_needed();
    }
};

std::unique_ptr<PoolEntry> Mempool::make_entry(Transaction transaction, Measure measure,
                                               std::uint64_t now_ms) const
{
    auto entry = std::make_unique<PoolEntry>();
    const Amount fee = transaction.body.fee;
    entry->rate = fee_rate(fee, measure.weight);
    entry->places = places_of(transaction.body, measure);
    entry->arrived_ms = entry->since_ms = now_ms;
    __extension__ using Wide = __int128;
    Wide priority = 0;
    switch (options_.order) {
    case MempoolOrder::price:
        priority = entry->rate.value;
        break;
    case MempoolOrder::time:
        break;
    case MempoolOrder::score:
        priority = static_cast<Wide>(Uint128{entry->rate.value} * options_.score_ms >> 16U) -
                   static_cast<Wide>(now_ms);
        break;
    }
    entry->priority = static_cast<std::int64_t>(std::clamp<Wide>(priority, INT64_MIN, INT64_MAX));
    entry->transaction = std::move(transaction);
    entry->measure = std::move(measure);
    entry->memory = memory_of(*entry);
    return entry;
}

/// What can be told without the state.
std::optional<PoolRefusal> Mempool::look(const PoolEntry& entry, Height tip,
                                         std::uint64_t now_ms) const
{
    const BlockRules& rules = genesis_->block;
    const TransactionBody& body = entry.transaction.body;
    const Height next = tip + 1;
    const Measure& measure = entry.measure;
    if (by_id_.contains(measure.id)) return PoolRefusal{"known"};
    if (measure.size > std::min<std::uint64_t>(rules.size_max, transaction_size_max) ||
        measure.weight > rules.weight_max)
        return wrong("too-large");
    if (body.valid_until < next) return refusal(Fault::expired);
    if (next + static_cast<std::uint32_t>(rules.valid_blocks) < body.valid_until)
        return refusal(Fault::too_early);
    if (body.fee < least_fee(*genesis_, measure.weight)) return wrong(to_text(Fault::low_fee));
    if (entry.rate < floor(now_ms)) return refusal(Fault::low_fee);
    return std::nullopt;
}

/// Whether the calls of a group follow what waits in their lanes, and each other.
bool Mempool::is_at_ends(const PoolEntry& group) const
{
    std::map<std::pair<AccountId, Lane>, std::uint64_t> ends;
    for (const PoolPlace& place : group.places) {
        const LanePool* const lane = find_lane(place);
        const auto end =
            ends.try_emplace({place.account, place.lane}, lane ? lane->end : place.next).first;
        if (place.sequence != end->second++) return false;
    }
    return true;
}

/// Where it would wait, and what waits there.
std::optional<PoolRefusal> Mempool::find_places(Candidate& candidate) const
{
    PoolEntry& entry = *candidate.entry;
    for (PoolPlace& place : entry.places) {
        const std::optional<Account>& account = candidate.account(place.account);
        if (!account) return refusal(Fault::no_funds);
        place.next = account->next_sequence(place.lane);
        if (place.sequence < place.next) return refusal(Fault::used_sequence);
        PoolEntry* const other = find_at(place);
        if (!other) continue;
        if (candidate.replaced && candidate.replaced != other) return PoolRefusal{"in-the-way"};
        candidate.replaced = other;
    }
    if (candidate.replaced) return check_replacement(candidate);
    const PoolPlace& place = entry.places.front();
    const LanePool* const lane = find_lane(place);
    const std::uint64_t end = lane ? std::max(lane->end, place.next) : place.next;
    const bool is_early =
        entry.is_group() ? !is_at_ends(entry) : place.sequence > end + options_.lane_gap;
    if (is_early) return refusal(Fault::early_sequence);
    return std::nullopt;
}

/// One in the place of another pays more, by so much that it is no way to make work for nothing. A
/// group stands for a group with the same places alone: with others the two could wait for each
/// other's lanes.
std::optional<PoolRefusal> Mempool::check_replacement(const Candidate& candidate) const
{
    const PoolEntry& entry = *candidate.entry;
    const PoolEntry& old = *candidate.replaced;
    const auto is_same = [](const PoolPlace& a, const PoolPlace& b) { return a.is_at(b); };
    if (entry.is_group() && !std::ranges::equal(entry.places, old.places, is_same))
        return PoolRefusal{"in-the-way"};
    const Uint128 before = old.transaction.body.fee.atoms;
    const Uint128 now = entry.transaction.body.fee.atoms;
    if (now * 100 < before * replacement_percent || now < before + entry.measure.size)
        return PoolRefusal{"low-fee-to-replace"};
    return std::nullopt;
}

/// Whether those who act have places left, and what all that waits of them takes.
std::optional<PoolRefusal> Mempool::check_accounts(const Candidate& candidate) const
{
    static const std::vector<PoolPlace> none;
    const auto& gone = candidate.replaced ? candidate.replaced->places : none;
    for (const Candidate::Sender& sender : candidate.senders) {
        AccountPool sum;
        if (const auto found = accounts_.find(sender.id); found != accounts_.end()) {
            sum.cost = found->second.cost;
            sum.count = found->second.count;
            sum.closing = found->second.closing;
        }
        for (const PoolPlace& place : gone) {
            if (place.account != sender.id) continue;
            sum.cost -= place.cost.atoms;
            sum.count -= 1;
            sum.closing -= place.takes_all ? 1 : 0;
        }
        if (sum.closing > 0) return refusal(Fault::no_funds); // nothing will be left
        std::set<Lane> lanes;
        for (const LaneState& lane : sender.account->lanes) lanes.insert(lane.lane);
        if (const auto found = accounts_.find(sender.id); found != accounts_.end())
            for (const auto& [number, lane] : found->second.lanes) lanes.insert(number);
        for (const PoolPlace& place : candidate.entry->places) {
            if (place.account != sender.id) continue;
            sum.cost += place.cost.atoms;
            sum.count += 1;
            lanes.insert(place.lane);
        }
        if (sum.count > options_.account_max) return PoolRefusal{"too-many"};
        if (lanes.size() > lanes_max) return refusal(Fault::many_lanes);
        if (sum.cost > sender.account->balance.atoms) return refusal(Fault::no_funds);
    }
    return std::nullopt;
}

/// Whether there is no room for an entry, as it is the worst.
bool Mempool::is_too_poor(const PoolEntry& entry) const
{
    const bool is_full =
        memory_ + entry.memory > options_.size_max || by_arrival_.size() >= options_.count_max;
    if (!is_full) return false;
    return evictable_.empty() ||
           (!(*evictable_.begin())->is_early && entry.rate <= (*evictable_.begin())->rate);
}

/// Puts it in, and what is worse out if there is no room; false, and nothing is changed, when it is
/// itself the worst.
bool Mempool::insert(Candidate candidate, std::uint64_t now_ms)
{
    std::unique_ptr<PoolEntry> old;
    if (candidate.replaced) old = unlink(candidate.replaced);
    candidate.entry->arrival = back_;
    const PoolEntry* const added = link(std::move(candidate.entry));
    std::vector<std::unique_ptr<PoolEntry>> gone;
    while (is_over()) {
        PoolEntry* const worst = *evictable_.begin();
        const bool is_itself = worst == added;
        gone.push_back(unlink(worst));
        if (!is_itself) continue;
        gone.pop_back();
        for (; !gone.empty(); gone.pop_back()) link(std::move(gone.back()));
        if (old) link(std::move(old));
        return false;
    }
    ++back_;
    for (const auto& entry : gone)
        if (!entry->is_early) raise_floor(entry->rate, now_ms);
    if (!old) return true;
    std::set<Arrival> early;
    find_early_groups(old->places, early);
    drop(std::move(early));
    return true;
}

std::variant<Mempool::Added, PoolRefusal> Mempool::add(Transaction transaction,
                                                       const StateReader& state, Height tip,
                                                       std::uint64_t now_ms, bool is_verified)
{
    if (transaction.body.chain != chain_) return wrong(to_text(Fault::other_chain));
    std::optional<Measure> measured;
    try {
        measured = measure(transaction);
    } catch (const Error&) {
        return wrong(to_text(Fault::malformed));
    }
    const TransactionId id = measured->id;
    Candidate candidate{make_entry(std::move(transaction), std::move(*measured), now_ms)};
    if (auto refused = look(*candidate.entry, tip, now_ms)) return *refused;
    candidate.read(state);
    if (auto refused = find_places(candidate)) return *refused;
    if (auto refused = check_accounts(candidate)) return *refused;
    if (!candidate.replaced && is_too_poor(*candidate.entry)) return refusal(Fault::full);
    if (!candidate.is_authorised()) return refusal(Fault::not_authorised);
    const Transaction& looked_at = candidate.entry->transaction;
    if (!is_verified && !verified_.has(looked_at, id)) {
        if (!is_signed(looked_at, id)) return wrong(to_text(Fault::wrong_signature));
    }
    verified_.note(looked_at, id);
    if (!insert(std::move(candidate), now_ms)) return refusal(Fault::full);
    return Added{id};
}

} // namespace cairn
