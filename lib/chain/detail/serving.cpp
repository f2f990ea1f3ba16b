#include "base/error.hpp"
#include "chain/detail/node_impl.hpp"

// What peers ask for.

namespace cairn {

using detail::Answering;
using detail::Peer;

namespace {

constexpr std::size_t answers_max = 16;      // that are being sent
constexpr std::size_t peer_answers_max = 4;  // of one peer
constexpr std::size_t answer_size = 1 << 20; // bytes, after which no other block follows
constexpr std::uint64_t slow_ms = 15'000;    // without taking a byte
constexpr std::size_t rate_min = 16;         // bytes a millisecond, after so long

// What a call costs, in microseconds of work.
constexpr std::uint64_t call_cost = 50;
constexpr std::uint64_t headers_cost = 5'000;
constexpr std::uint64_t body_cost = 500;
constexpr std::uint64_t compact_cost = 5'000;
constexpr std::uint64_t offer_cost = 200;
constexpr std::uint64_t told_cost = 400; // two signatures; what its proof takes is the engine's
constexpr unsigned points_odd = 20;

} // namespace

void ChainNode::Impl::open(const HubEvent& event)
{
    const auto found = peers.find(event.link);
    if (found == peers.end() || found->second.is_leaving) return;
    if (!found->second.is_ready && event.method != "chain.hello")
        return parts.hub.end(event.stream, CallStatus::denied, as_bytes("say hello first"));
    answer(event, found->second);
}

/// A request that does not read as it should.
void ChainNode::Impl::refuse(const HubEvent& event, const Error& error)
{
    if (error.code() != Exit::data) throw error;
    parts.hub.end(event.stream, CallStatus::malformed, as_bytes(error.what()));
    blame(event.link, points_odd, error.what());
}

/// Whether a peer may ask for so much work; else it is told.
bool ChainNode::Impl::may(const HubEvent& event, Peer& peer, std::uint64_t cost)
{
    if (peer.bucket.take(cost, parts.hub.now_ms())) return true;
    parts.hub.end(event.stream, CallStatus::busy, as_bytes("too many requests"));
    return false;
}

void ChainNode::Impl::answer(const HubEvent& event, Peer& peer)
{
    if (event.method == "chain.hello") {
        if (!may(event, peer, call_cost)) return;
        const auto hello = asked(event, parse_chain_hello);
        if (!hello) return;
        parts.hub.end(event.stream, CallStatus::ok, to_bytes(own_hello()));
        greeted(event.link, *hello);
    } else if (event.method == "chain.headers" || event.method == "chain.bodies" ||
               event.method == "chain.compact" || event.method == "chain.missing") {
        answer_blocks(event, peer);
    } else if (event.method == "chain.offer" || event.method == "chain.transactions") {
        answer_transactions(event, peer);
    } else if (event.method == "chain.told") {
        hear_told(event, peer);
    } else if (event.method == "chain.peers") {
        if (may(event, peer, call_cost))
            parts.hub.end(event.stream, CallStatus::ok,
                          to_bytes(book.good(told_peers_max, parts.entropy)));
    } else {
        parts.hub.end(event.stream, CallStatus::unsupported, as_bytes("no such method"));
    }
}

void ChainNode::Impl::answer_blocks(const HubEvent& event, Peer& peer)
{
    if (event.method == "chain.headers") {
        const auto request = asked(event, parse_headers_request);
        if (request && may(event, peer, headers_cost))
            give(event.stream, peer, {.link = event.link, .bytes = headers_behind(*request)});
    } else if (event.method == "chain.bodies") {
        const auto request = asked(event, parse_bodies_request);
        if (request && may(event, peer, body_cost))
            give(event.stream, peer,
                 {.link = event.link, .ids = {request->ids.begin(), request->ids.end()}});
    } else if (event.method == "chain.compact") {
        const auto id = asked(event, parse_compact_request);
        if (!id || !may(event, peer, compact_cost)) return;
        const Block* const block = block_to_serve(*id);
        if (!block) return parts.hub.end(event.stream, CallStatus::no, {});
        CompactBlock compact{{block->header, block->seal}, {}, {}};
        parts.entropy.fill(compact.salt.bytes);
        for (const Transaction& transaction : block->transactions)
            compact.ids.push_back(short_id(compact.salt, transaction_id(transaction.body)));
        give(event.stream, peer, {.link = event.link, .bytes = to_bytes(compact)});
    } else {
        const auto request = asked(event, parse_missing_request);
        if (!request || !may(event, peer, compact_cost)) return;
        const Block* const block = block_to_serve(request->id);
        if (!block) return parts.hub.end(event.stream, CallStatus::no, {});
        std::vector<Transaction> missing;
        for (const std::uint32_t place : request->places)
            if (place < block->transactions.size()) missing.push_back(block->transactions[place]);
        give(event.stream, peer, {.link = event.link, .bytes = transactions_bytes(missing)});
    }
}

void ChainNode::Impl::answer_transactions(const HubEvent& event, Peer& peer)
{
    if (event.method == "chain.offer") {
        const auto offer = asked(event, parse_transactions_offer);
        if (!offer || !may(event, peer, offer_cost)) return;
        parts.hub.end(event.stream, CallStatus::ok, {});
        constexpr std::size_t wants_max = 20'000;
        for (const TransactionId& id : offer->ids) {
            const bool is_new = peer.offered.insert(id).second;
            if (is_new && !parts.mempool.contains(id) && peer.wants.size() < wants_max)
                peer.wants.push_back(id);
        }
        return ask_for_transactions(event.link, peer);
    }
    const auto request = asked(event, parse_transactions_request);
    if (!request || !may(event, peer, offer_cost)) return;
    std::vector<Transaction> found;
    for (const TransactionId& id : request->ids)
        if (const Transaction* const transaction = parts.mempool.find(id))
            found.push_back(*transaction);
    give(event.stream, peer, {.link = event.link, .bytes = transactions_bytes(found)});
}

/// A peer has a new block on top.
void ChainNode::Impl::hear_told(const HubEvent& event, Peer& peer)
{
    const auto headers = asked(event, parse_headers);
    if (!headers || !may(event, peer, told_cost)) return;
    parts.hub.end(event.stream, CallStatus::ok, {});
    if (headers->size() != 1) return blame(event.link, points_odd, "tells of no one block");
    const BlockId id = block_id(headers->front().header);
    peer.height = std::max(peer.height, headers->front().header.height);
    if (const auto body = wanted.find(id); body != wanted.end()) body->second.told_by = event.link;
    if (engine.find(id)) return;
    ++counts.headers;
    step(HeadersArrived{{event.link.number}, *headers});
    if (const auto body = wanted.find(id); body != wanted.end()) {
        body->second.told_by = event.link;
        fetch_bodies();
    }
}

/// Begins to send; the stream ends by itself.
void ChainNode::Impl::give(StreamId stream, Peer& peer, Answering answer)
{
    // Each peer may have one, lest a few slow ones keep all others waiting.
    if (peer.serving > 0 && (answering.size() >= answers_max || peer.serving >= peer_answers_max))
        return parts.hub.end(stream, CallStatus::busy, as_bytes("too much is being sent"));
    ++peer.serving;
    answer.begun_ms = answer.moved_ms = parts.hub.now_ms();
    answering.emplace(stream, std::move(answer));
    pump(stream);
}

void ChainNode::Impl::end_answer(StreamId stream, CallStatus status)
{
    const auto found = answering.find(stream);
    if (found == answering.end()) return;
    const auto peer = peers.find(found->second.link);
    if (peer != peers.end() && peer->second.serving > 0) --peer->second.serving;
    answering.erase(found);
    parts.hub.end(stream, status, {});
}

void ChainNode::Impl::pump(StreamId stream)
{
    const auto found = answering.find(stream);
    if (found == answering.end()) return;
    Answering& answer = found->second;
    for (;;) {
        if (answer.sent == answer.bytes.size()) {
            if (answer.ids.empty() || answer.total >= answer_size)
                return end_answer(stream, CallStatus::ok);
            const BlockId id = answer.ids.front();
            answer.ids.pop_front();
            answer.bytes.clear();
            answer.sent = 0;
            try {
                const auto body = parts.store.body_bytes(id);
                if (!body) continue;
                answer.bytes = frame_head(*body);
                answer.bytes.insert(answer.bytes.end(), body->begin(), body->end());
            } catch (const Error& error) {
                voice.warn(error.what());
                return end_answer(stream, CallStatus::damaged);
            }
            answer.total += answer.bytes.size();
        }
        const std::size_t size = std::min(
            {parts.hub.writable(stream), frame_payload_max, answer.bytes.size() - answer.sent});
        if (size == 0) return;
        parts.hub.send(stream, ByteView{answer.bytes}.subspan(answer.sent, size));
        answer.sent += size;
        answer.moved_ms = parts.hub.now_ms();
    }
}

void ChainNode::Impl::cut_slow_answers(std::uint64_t now_ms)
{
    std::vector<StreamId> slow;
    for (const auto& [stream, answer] : answering)
        if (now_ms > answer.moved_ms + slow_ms ||
            now_ms > answer.begun_ms + slow_ms + (answer.total + answer.sent) / rate_min)
            slow.push_back(stream);
    for (const StreamId stream : slow) {
        const auto peer = peers.find(answering.at(stream).link);
        if (peer != peers.end() && peer->second.serving > 0) --peer->second.serving;
        answering.erase(stream);
        parts.hub.reset(stream, "too slow");
    }
}

/// A block that peers are likely to ask for more than once.
const Block* ChainNode::Impl::block_to_serve(const BlockId& id)
{
    if (served && served->first == id) return &served->second;
    try {
        auto block = parts.store.body(id);
        if (!block) return nullptr;
        served.emplace(id, std::move(*block));
        return &served->second;
    } catch (const Error& error) {
        voice.warn(error.what());
        return nullptr;
    }
}

/// Headers of the chain behind the first block of the request that is on it; from the first block
/// on where none is.
Bytes ChainNode::Impl::headers_behind(const HeadersRequest& request)
{
    std::uint32_t height = 0;
    for (const BlockId& id : request.known) {
        const auto known = parts.store.height_of(id);
        if (!known) continue;
        height = known->value;
        break;
    }
    std::vector<SealedHeader> headers;
    constexpr std::size_t size_max = 512UL * 1024; // bytes, about
    std::size_t size = 0;
    while (headers.size() < headers_max && size < size_max) {
        const auto known = parts.store.at({++height});
        if (!known) break;
        size += known->header.consensus.size() + known->seal.size() + 256;
        headers.push_back({known->header, known->seal});
    }
    return headers_bytes(headers);
}

} // namespace cairn
