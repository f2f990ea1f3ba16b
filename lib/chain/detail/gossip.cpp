#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/detail/node_impl.hpp"

// Transactions from peer to peer, and blocks made of those that are here.

namespace cairn {

using detail::CallKind;
using detail::HalfBlock;
using detail::OwnCall;
using detail::Peer;

namespace {

constexpr std::uint64_t offer_ms = 20;                     // between offers
constexpr std::size_t to_offer_max = 20'000;               // that wait for one peer
constexpr std::size_t offered_max = 20'000;                // ids that are remembered of a peer
constexpr std::size_t asked_max = 50'000;                  // transactions that are on their way
constexpr std::uint64_t asked_ms = 10'000;                 // before another peer is asked
constexpr std::size_t answer_size_max = 4UL * 1024 * 1024; // bytes of one answer
constexpr std::uint64_t transaction_cost = 100;            // microseconds of work

} // namespace

/// A compact block: whole, if all its transactions are here; else the others are asked for.
void ChainNode::Impl::take_compact(const OwnCall& call)
{
    const BlockId id = call.ids.front();
    const auto parsed = heard(call, [&] {
        CompactBlock block = parse_compact_block(call.data);
        if (block_id(block.header.header) != id)
            throw Error{Exit::data, "a compact block that was not asked for"};
        return block;
    });
    if (!parsed) return;
    const CompactBlock& compact = *parsed;
    if (!wanted.contains(id)) return not_given(call);
    std::map<ShortId, const Transaction*> here;
    std::set<ShortId> twice;
    for (const PoolEntry* const entry :
         parts.mempool.arrived_after(std::nullopt, parts.mempool.count())) {
        const ShortId name = short_id(compact.salt, entry->measure.id);
        if (!here.emplace(name, &entry->transaction).second) twice.insert(name);
    }
    HalfBlock half{std::make_shared<Block>(), {}};
    half.block->header = compact.header.header;
    half.block->seal = compact.header.seal;
    half.block->transactions.resize(compact.ids.size());
    for (std::size_t i = 0; i < compact.ids.size(); ++i) {
        const auto found = here.find(compact.ids[i]);
        if (found == here.end() || twice.contains(compact.ids[i]))
            half.missing.push_back(static_cast<std::uint32_t>(i));
        else
            half.block->transactions[i] = *found->second;
    }
    if (half.missing.empty()) {
        if (transactions_root(half.block->transactions) == half.block->header.transactions) {
            ++counts.blocks_compact;
            take_body(call.link, id, std::move(half.block));
        }
        return not_given(call); // two have one short name: then it comes as a whole
    }
    MissingRequest request{id, half.missing};
    if (request.places.size() > missing_max) return not_given(call);
    halves.insert_or_assign(id, std::move(half));
    OwnCall next{.kind = CallKind::missing,
                 .link = call.link,
                 .data_max = genesis.block.size_max + 64,
                 .ids = call.ids};
    if (!this->call(std::move(next), "chain.missing", to_bytes(request))) not_given(call);
}

void ChainNode::Impl::take_missing(const OwnCall& call)
{
    const BlockId id = call.ids.front();
    const auto found = halves.find(id);
    if (found == halves.end()) return not_given(call);
    HalfBlock half = std::move(found->second);
    halves.erase(found);
    auto missing = heard(call, [&] { return parse_transactions(call.data, half.missing.size()); });
    if (!missing) return;
    if (missing->size() == half.missing.size()) {
        for (std::size_t i = 0; i < missing->size(); ++i)
            half.block->transactions[half.missing[i]] = std::move((*missing)[i]);
        // Another transaction may have the short name of one of these: then it comes as a whole.
        if (transactions_root(half.block->transactions) == half.block->header.transactions) {
            ++counts.blocks_compact;
            take_body(call.link, id, std::move(half.block));
        }
    }
    not_given(call);
}

void ChainNode::Impl::take_transactions(const OwnCall& call)
{
    auto transactions = heard(call, [&] { return parse_transactions(call.data, asked_ids_max); });
    if (!transactions) return;
    end_asking(call);
    Peer& peer = peers.at(call.link);
    const auto state = parts.store.state();
    const std::uint64_t now_ms = options.now_ms();
    for (Transaction& transaction : *transactions) {
        const TransactionId id = transaction_id(transaction.body);
        std::ignore = peer.bucket.take(transaction_cost, parts.hub.now_ms());
        const auto added = parts.mempool.add(std::move(transaction), *state,
                                             parts.store.tip().header.height, now_ms);
        if (const auto* const refusal = std::get_if<PoolRefusal>(&added)) {
            ++counts.refused;
            if (!refusal->is_peer_fault) continue;
            blame(call.link, refusal->points, "a transaction: " + refusal->reason);
            if (peer.is_leaving) return;
        } else {
            ++counts.transactions;
            spread(id, call.link);
        }
    }
    ask_for_transactions(call.link, peer);
}

/// Tells of a transaction that was taken, and has all peers but one be offered it.
void ChainNode::Impl::spread(const TransactionId& id, LinkId from)
{
    voice.event("transaction", Json::object().set("id", to_hex_text(id.bytes)));
    for (auto& [link, peer] : peers) {
        if (link == from || !peer.is_ready || peer.offered.contains(id)) continue;
        if (peer.to_offer.size() < to_offer_max) peer.to_offer.push_back(id);
    }
}

void ChainNode::Impl::offer_transactions(std::uint64_t now_ms)
{
    if (now_ms < next_offer_ms) return;
    next_offer_ms = now_ms + offer_ms;
    std::erase_if(asked_transactions, [&](const auto& asked) { return asked.second < now_ms; });
    for (auto& [link, peer] : peers) {
        if (!peer.is_ready) continue;
        while (!peer.to_offer.empty()) {
            TransactionIds ids;
            while (!peer.to_offer.empty() && ids.ids.size() < asked_ids_max) {
                const TransactionId id = peer.to_offer.front();
                peer.to_offer.pop_front();
                if (parts.mempool.contains(id) && peer.offered.insert(id).second)
                    ids.ids.push_back(id);
            }
            if (ids.ids.empty()) break;
            if (!call({.kind = CallKind::offer, .link = link}, "chain.offer", offer_bytes(ids))) {
                for (const TransactionId& id : ids.ids) { // when it has fewer calls to answer
                    peer.offered.erase(id);
                    peer.to_offer.push_back(id);
                }
                break;
            }
        }
        if (peer.offered.size() > offered_max) peer.offered.clear();
        ask_for_transactions(link, peer);
    }
}

void ChainNode::Impl::ask_for_transactions(LinkId link, Peer& peer)
{
    if (peer.is_asked_for_transactions || peer.is_leaving || peer.wants.empty()) return;
    const std::uint64_t now_ms = parts.hub.now_ms();
    if (!peer.bucket.take(transaction_cost, now_ms)) return; // it has used up its share of work
    TransactionIds request;
    // What another peer was asked for is wanted of this one when that does not give it.
    constexpr std::size_t looks_max = 1'000;
    for (std::size_t looks = std::min(peer.wants.size(), looks_max); looks > 0; --looks) {
        if (request.ids.size() == asked_ids_max || asked_transactions.size() >= asked_max) break;
        const TransactionId id = peer.wants.front();
        peer.wants.pop_front();
        if (parts.mempool.contains(id)) continue;
        if (asked_transactions.emplace(id, now_ms + asked_ms).second)
            request.ids.push_back(id);
        else
            peer.wants.push_back(id);
    }
    if (request.ids.empty()) return;
    peer.is_asked_for_transactions = call({.kind = CallKind::transactions,
                                           .link = link,
                                           .data_max = answer_size_max,
                                           .transactions = request.ids},
                                          "chain.transactions", request_bytes(request));
    if (peer.is_asked_for_transactions) return;
    for (const TransactionId& id : request.ids) { // when it has fewer calls to answer
        asked_transactions.erase(id);
        peer.wants.push_back(id);
    }
}

/// A call for transactions is over: others may be asked for what did not come of it.
void ChainNode::Impl::end_asking(const OwnCall& call)
{
    const auto peer = peers.find(call.link);
    if (peer != peers.end()) peer->second.is_asked_for_transactions = false;
    for (const TransactionId& id : call.transactions) asked_transactions.erase(id);
}

} // namespace cairn
