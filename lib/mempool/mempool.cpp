#include "mempool/mempool.hpp"

#include <cassert>

namespace cairn {
namespace {

constexpr unsigned rate_bits = 16; // after the point
constexpr std::uint64_t floor_half_ms = std::uint64_t{6} * 60 * 60 * 1000;

/// What the heap takes for an object of so many bytes, as far as is known of heaps.
constexpr std::size_t heap_size(std::size_t bytes)
{
    constexpr std::size_t step = 16;
    return bytes == 0 ? 0 : std::max<std::size_t>((bytes + 8 + step - 1) / step * step, 32);
}

// Nodes of the containers, with what they need besides their values.
constexpr std::size_t tree_node = 32;
constexpr std::size_t hash_node = 32; // its share of the buckets counted
constexpr std::size_t entry_memory =
    heap_size(sizeof(PoolEntry)) + heap_size(tree_node + 16) + heap_size(hash_node + 40) +
    heap_size(tree_node + 8); // by arrival, by id, among the last ones
constexpr std::size_t place_memory = heap_size(tree_node + 16);

template <class T>
std::size_t heap_of(const std::vector<T>& list)
{
    return heap_size(list.capacity() * sizeof(T));
}

} // namespace

const std::size_t Mempool::account_memory =
    heap_size(hash_node + sizeof(std::pair<const AccountId, AccountPool>));
const std::size_t Mempool::lane_memory =
    heap_size(tree_node + sizeof(std::pair<const Lane, LanePool>));

std::size_t Mempool::memory_of(const PoolEntry& entry)
{
    std::size_t memory = entry_memory + place_memory * entry.places.size();
    const Transaction& transaction = entry.transaction;
    memory += heap_of(transaction.body.call.arguments) + heap_of(transaction.signatures) +
              heap_of(transaction.descriptors) + heap_of(entry.measure.calls) +
              heap_of(entry.places);
    for (const Descriptor& descriptor : transaction.descriptors) memory += heap_of(descriptor.keys);
    return memory;
}

FeeRate fee_rate(Amount fee, std::uint64_t weight)
{
    const Uint128 rate = (Uint128{fee.atoms} << rate_bits) / weight;
    return {static_cast<std::uint64_t>(std::min<Uint128>(rate, UINT64_MAX))};
}

Amount fee_at(FeeRate rate, std::uint64_t weight)
{
    constexpr Uint128 one = Uint128{1} << rate_bits;
    const Uint128 fee = (Uint128{rate.value} * weight + one - 1) >> rate_bits;
    return {static_cast<std::uint64_t>(std::min<Uint128>(fee, UINT64_MAX))};
}

bool Mempool::IsWorse::operator()(const PoolEntry* a, const PoolEntry* b) const
{
    // What waits for others to come pays for nothing yet.
    if (a->is_early != b->is_early) return a->is_early;
    if (a->rate != b->rate) return a->rate < b->rate;
    return a->arrival > b->arrival;
}

Mempool::Mempool(const Genesis& genesis, const MempoolOptions& options, std::uint64_t seed)
    : genesis_{&genesis},
      chain_{network_id(genesis)},
      options_{options},
      verified_{options.verified_max, seed},
      by_id_{0, SeededHash{seed}},
      accounts_{0, SeededHash{seed}}
{
}

const Transaction* Mempool::find(const TransactionId& id) const
{
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second->transaction;
}

bool Mempool::is_verified(const Transaction& transaction) const
{
    return verified_.has(transaction, transaction_id(transaction.body));
}

void Mempool::note_verified(const Transaction& transaction)
{
    verified_.note(transaction, transaction_id(transaction.body));
}

std::vector<TransactionId> Mempool::ids() const
{
    std::vector<TransactionId> ids;
    ids.reserve(by_arrival_.size());
    for (const auto& [arrival, entry] : by_arrival_) ids.push_back(entry->measure.id);
    return ids;
}

std::vector<const PoolEntry*> Mempool::pending(const AccountId& account) const
{
    std::vector<const PoolEntry*> entries;
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) return entries;
    for (const auto& [number, lane] : found->second.lanes)
        for (const auto& [sequence, entry] : lane.waiting)
            if (std::ranges::find(entries, entry) == entries.end()) entries.push_back(entry);
    return entries;
}

std::vector<const PoolEntry*> Mempool::arrived_after(std::optional<Arrival> arrival,
                                                     std::size_t count_max) const
{
    std::vector<const PoolEntry*> entries;
    auto place = arrival ? by_arrival_.upper_bound(*arrival) : by_arrival_.begin();
    for (; place != by_arrival_.end() && entries.size() < count_max; ++place)
        entries.push_back(place->second.get());
    return entries;
}

FeeRate Mempool::floor(std::uint64_t now_ms) const
{
    const FeeRate least{genesis_->fee.weight_atoms << rate_bits};
    const std::uint64_t halvings = now_ms < raised_ms_ ? 0 : (now_ms - raised_ms_) / floor_half_ms;
    if (halvings > 63) return least;
    return std::max(least, FeeRate{raised_.value >> halvings});
}

void Mempool::raise_floor(FeeRate rate, std::uint64_t now_ms)
{
    if (rate < floor(now_ms)) return;
    raised_ = {rate.value == UINT64_MAX ? rate.value : rate.value + 1};
    raised_ms_ = now_ms;
}

FeeRate Mempool::estimate(std::size_t blocks, std::uint64_t now_ms) const
{
    std::vector<const PoolEntry*> entries;
    for (const auto& [arrival, entry] : by_arrival_) entries.push_back(entry.get());
    std::ranges::sort(entries, std::ranges::greater{}, &PoolEntry::rate);
    Uint128 weight = Uint128{genesis_->block.weight_max} * blocks;
    Uint128 size = Uint128{genesis_->block.size_max} * blocks;
    for (const PoolEntry* const entry : entries) {
        if (entry->measure.weight > weight || entry->measure.size > size)
            return std::max(floor(now_ms), FeeRate{entry->rate.value + 1});
        weight -= entry->measure.weight;
        size -= entry->measure.size;
    }
    return floor(now_ms);
}

bool Mempool::is_over() const
{
    return memory_ > options_.size_max || by_arrival_.size() > options_.count_max;
}

// ---- Places.

const Mempool::LanePool* Mempool::find_lane(const PoolPlace& place) const
{
    const auto account = accounts_.find(place.account);
    if (account == accounts_.end()) return nullptr;
    const auto lane = account->second.lanes.find(place.lane);
    return lane == account->second.lanes.end() ? nullptr : &lane->second;
}

Mempool::LanePool* Mempool::find_lane(const PoolPlace& place)
{
    return const_cast<LanePool*>(std::as_const(*this).find_lane(place));
}

PoolEntry* Mempool::find_at(const PoolPlace& place) const
{
    const LanePool* const lane = find_lane(place);
    if (!lane) return nullptr;
    const auto found = lane->waiting.find(place.sequence);
    return found == lane->waiting.end() ? nullptr : found->second;
}

/// Puts an entry into its places, which are free.
PoolEntry* Mempool::link(std::unique_ptr<PoolEntry> owned)
{
    PoolEntry* const entry = owned.get();
    std::vector<PoolEntry*> before;
    for (const PoolPlace& place : entry->places) {
        const auto [account, is_first] = accounts_.try_emplace(place.account);
        if (is_first) memory_ += account_memory;
        account->second.cost += place.cost.atoms;
        account->second.count += 1;
        account->second.closing += place.takes_all ? 1 : 0;
        const auto [found, is_new] = account->second.lanes.try_emplace(place.lane);
        LanePool& lane = found->second;
        if (is_new) {
            memory_ += lane_memory;
            lane.next = lane.end = place.next;
        } else {
            before.push_back(lane.waiting.rbegin()->second);
        }
        const bool is_free = lane.waiting.emplace(place.sequence, entry).second;
        assert(is_free);
        if (place.sequence == lane.end) move_lane(lane, lane.end);
    }
    memory_ += entry->memory;
    by_id_.emplace(entry->measure.id, entry);
    by_arrival_.emplace(entry->arrival, std::move(owned));
    for (PoolEntry* const other : before) refresh(other);
    refresh(entry);
    return entry;
}

std::unique_ptr<PoolEntry> Mempool::unlink(PoolEntry* entry)
{
    if (std::exchange(entry->is_last, false)) evictable_.erase(entry);
    std::vector<PoolEntry*> after;
    for (PoolPlace& place : entry->places) {
        const auto account = accounts_.find(place.account);
        account->second.cost -= place.cost.atoms;
        account->second.count -= 1;
        account->second.closing -= place.takes_all ? 1 : 0;
        const auto found = account->second.lanes.find(place.lane);
        LanePool& lane = found->second;
        place.next = lane.next;
        lane.waiting.erase(place.sequence);
        if (place.sequence >= lane.next) lane.end = std::min(lane.end, place.sequence);
        if (!lane.waiting.empty()) {
            after.push_back(lane.waiting.rbegin()->second);
            continue;
        }
        account->second.lanes.erase(found);
        memory_ -= lane_memory;
        if (!account->second.lanes.empty()) continue;
        accounts_.erase(account);
        memory_ -= account_memory;
    }
    for (PoolEntry* const other : after)
        if (other != entry) refresh(other);
    memory_ -= entry->memory;
    by_id_.erase(entry->measure.id);
    auto node = by_arrival_.extract(entry->arrival);
    std::unique_ptr<PoolEntry> taken = std::move(node.mapped());
    return taken;
}

/// Finds out again whether an entry is the last one in all its lanes, and early.
void Mempool::refresh(PoolEntry* entry)
{
    if (entry->is_last) evictable_.erase(entry);
    entry->is_last = std::ranges::all_of(entry->places, [&](const PoolPlace& place) {
        return find_lane(place)->waiting.rbegin()->second == entry;
    });
    const PoolPlace& place = entry->places.front();
    entry->is_early = place.sequence >= find_lane(place)->end;
    if (entry->is_last) evictable_.insert(entry);
}

/// Finds the first sequence number that is missing, from one on before which none is.
void Mempool::move_lane(LanePool& lane, std::uint64_t next)
{
    lane.end = next;
    for (auto at = lane.waiting.find(next); at != lane.waiting.end() && at->first == lane.end; ++at)
        ++lane.end;
}

void Mempool::find_early_groups(const LanePool& lane, std::set<Arrival>& groups)
{
    for (auto at = lane.waiting.lower_bound(lane.end); at != lane.waiting.end(); ++at)
        if (at->second->is_group()) groups.insert(at->second->arrival);
}

void Mempool::find_early_groups(std::span<const PoolPlace> places, std::set<Arrival>& groups) const
{
    for (const PoolPlace& place : places)
        if (const LanePool* const lane = find_lane(place)) find_early_groups(*lane, groups);
}

/// Removes entries, and the groups before which a gap opens.
void Mempool::drop(std::set<Arrival> going)
{
    while (!going.empty()) {
        const auto found = by_arrival_.find(*going.begin());
        going.erase(going.begin());
        if (found == by_arrival_.end()) continue;
        const std::unique_ptr<PoolEntry> gone = unlink(found->second.get());
        find_early_groups(gone->places, going);
    }
}

} // namespace cairn
