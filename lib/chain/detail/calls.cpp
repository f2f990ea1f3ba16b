#include "base/error.hpp"
#include "chain/detail/node_impl.hpp"

// What this node asks its peers for: the calls themselves, headers and blocks.

namespace cairn {

using detail::CallKind;
using detail::OwnCall;
using detail::Peer;
using detail::WantedBody;

namespace {

constexpr std::uint64_t silent_ms = 15'000; // a call that brings nothing for so long has failed
constexpr std::uint64_t again_ms = 3'000;   // before all peers are asked, or one is told, again
constexpr std::size_t bodies_at_once = 64;  // in one call
constexpr std::size_t peer_fetches_max = 2; // calls for blocks
constexpr std::size_t fetches_max = 8;      // of all peers
constexpr std::uint32_t near_blocks = 4;    // beyond the top of the chain
constexpr std::size_t checking_size_max = 16UL * 1024 * 1024; // bytes of blocks
constexpr std::size_t answer_size = 1 << 20; // bytes, after which no other block follows
constexpr std::size_t rate_min = 16;         // bytes a millisecond, after a while
constexpr unsigned points_wrong = 100;
constexpr unsigned silences_max = 5; // calls, after which a peer is left

/// Blocks that were asked for, each once, framed.
std::vector<std::pair<BlockId, std::shared_ptr<const Block>>> parse_bodies(const OwnCall& call)
{
    std::vector<std::pair<BlockId, std::shared_ptr<const Block>>> blocks;
    std::set<BlockId> rest{call.ids.begin(), call.ids.end()};
    for (ByteView bytes = call.data; !bytes.empty();) {
        if (bytes.size() < frame_head_size) throw Error{Exit::data, "a part of a frame"};
        const ByteView head = bytes.first(frame_head_size);
        const std::size_t size = framed_size(head, block_size_max, "block");
        bytes = bytes.subspan(frame_head_size);
        if (bytes.size() < size || !is_framed(head, bytes.first(size)))
            throw Error{Exit::data, "a frame that is broken"};
        auto block = std::make_shared<const Block>(parse_block(bytes.first(size)));
        bytes = bytes.subspan(size);
        const BlockId id = block_id(block->header);
        if (rest.erase(id) == 0) throw Error{Exit::data, "a block that was not asked for"};
        blocks.emplace_back(id, std::move(block));
    }
    return blocks;
}

} // namespace

/// What a peer has sent does not read as it should.
void ChainNode::Impl::unread(const OwnCall& call, const Error& error)
{
    if (error.code() != Exit::data) throw error;
    blame(call.link, points_wrong, error.what());
    fail_call(call);
}

bool ChainNode::Impl::call(OwnCall call, std::string_view method, ByteView request)
{
    const auto stream = parts.hub.open(call.link, method, request);
    if (!stream) return false;
    parts.hub.half_end(*stream);
    call.begun_ms = call.moved_ms = parts.hub.now_ms();
    calls.emplace(*stream, std::move(call));
    return true;
}

bool ChainNode::Impl::take_data(const HubEvent& event)
{
    const auto found = calls.find(event.stream);
    if (found == calls.end()) return false;
    OwnCall& call = found->second;
    parts.hub.consumed(event.stream, event.data.size());
    if (call.data.size() + event.data.size() > call.data_max) {
        parts.hub.reset(event.stream, "more than was asked for");
        const OwnCall failed = std::move(call);
        calls.erase(found);
        blame(failed.link, points_wrong, "more than was asked for");
        fail_call(failed);
        return true;
    }
    call.data.insert(call.data.end(), event.data.begin(), event.data.end());
    call.moved_ms = parts.hub.now_ms();
    return true;
}

bool ChainNode::Impl::take_end(const HubEvent& event)
{
    const auto found = calls.find(event.stream);
    if (found == calls.end()) return false;
    const OwnCall call = std::move(found->second);
    calls.erase(found);
    if (event.kind == HubEvent::Kind::reset || event.status != CallStatus::ok) {
        fail_call(call);
        return true;
    }
    if (!peers.contains(call.link)) return true;
    finish_call(call, event.data);
    return true;
}

void ChainNode::Impl::finish_call(const OwnCall& call, ByteView reply)
{
    switch (call.kind) {
    case CallKind::hello:
        if (const auto hello = heard(call, [&] { return parse_chain_hello(reply); }))
            greeted(call.link, *hello);
        return;
    case CallKind::headers: {
        auto headers = heard(call, [&] { return parse_headers(call.data); });
        if (!headers || headers->empty()) return;
        counts.headers += headers->size();
        Peer& peer = peers.at(call.link);
        peer.height = std::max(peer.height, headers->back().header.height);
        return step(HeadersArrived{{call.link.number}, std::move(*headers)});
    }
    case CallKind::bodies:
        return take_bodies(call);
    case CallKind::compact:
        return take_compact(call);
    case CallKind::missing:
        return take_missing(call);
    case CallKind::transactions:
        return take_transactions(call);
    case CallKind::peers:
        if (const auto nodes = heard(call, [&] { return parse_known_nodes(reply); }))
            for (const KnownNode& node : *nodes) note_told(call.link, node);
        return;
    case CallKind::told:
    case CallKind::offer:
        return;
    }
}

void ChainNode::Impl::fail_call(const OwnCall& call)
{
    ++counts.calls_failed;
    switch (call.kind) {
    case CallKind::hello:
        return leave(call.link, "no hello");
    case CallKind::bodies:
    case CallKind::compact:
    case CallKind::missing:
        return not_given(call);
    case CallKind::transactions:
        return end_asking(call);
    case CallKind::headers:
        if (const auto peer = peers.find(call.link); peer != peers.end())
            peer->second.has_withheld_headers = true;
        return;
    case CallKind::told:
        if (const auto peer = peers.find(call.link); peer != peers.end())
            peer->second.tell_ms = parts.hub.now_ms() + again_ms;
        return;
    case CallKind::peers:
    case CallKind::offer:
        return;
    }
}

void ChainNode::Impl::cut_slow_calls(std::uint64_t now_ms)
{
    std::vector<StreamId> slow;
    for (const auto& [stream, call] : calls)
        if (now_ms > call.moved_ms + silent_ms ||
            now_ms > call.begun_ms + silent_ms + call.data.size() / rate_min)
            slow.push_back(stream);
    for (const StreamId stream : slow) {
        const OwnCall call = std::move(calls.at(stream));
        calls.erase(stream);
        parts.hub.reset(stream, "too slow");
        // It may be the network's fault, so that it is not sent away for long.
        const auto peer = peers.find(call.link);
        if (peer != peers.end() && ++peer->second.silences == silences_max) {
            if (peer->second.is_caller) book.note_failure(peer->second.address, now_ms);
            leave(call.link, "does not answer");
        }
        fail_call(call);
    }
}

void ChainNode::Impl::ask_headers(LinkId link, const std::vector<BlockId>& known)
{
    const auto peer = peers.find(link);
    if (peer == peers.end() || !peer->second.is_ready) return;
    peer->second.headers_ms = parts.hub.now_ms();
    HeadersRequest request;
    // The newest, and of the older ones as many as there is room for.
    constexpr std::size_t newest = 100;
    const std::size_t step = 1 + known.size() / (asked_ids_max - newest);
    for (std::size_t i = 0; i < known.size() && request.known.size() < asked_ids_max; ++i)
        if (i < newest || i % step == 0) request.known.push_back(known[i]);
    peer->second.has_withheld_headers =
        !call({.kind = CallKind::headers, .link = link, .data_max = headers_reply_size_max},
              "chain.headers", to_bytes(request));
}

// ---- Blocks.

/// A peer to ask for a block: whoever has told of it, or another that is as far.
std::optional<LinkId> ChainNode::Impl::find_giver(const BlockId& id, WantedBody& body)
{
    const KnownHeader* const known = engine.find(id);
    if (!known) return std::nullopt;
    std::optional<LinkId> best;
    bool is_anybody_left = false;
    for (const auto& [link, peer] : peers) {
        if (!peer.is_ready || peer.height < known->header.height || body.without.contains(link))
            continue;
        is_anybody_left = true;
        if (peer.fetching >= peer_fetches_max) continue;
        if (body.told_by == link) return link;
        if (!best || peer.fetching < peers.at(*best).fetching) best = link;
    }
    if (!is_anybody_left && !body.without.empty()) { // all again, after a while
        body.without.clear();
        body.again_ms = parts.hub.now_ms() + again_ms;
    }
    return best;
}

void ChainNode::Impl::fetch_bodies()
{
    std::size_t fetching = 0;
    for (const auto& [link, peer] : peers) fetching += peer.fetching;
    std::vector<std::pair<Height, BlockId>> order;
    for (auto body = wanted.begin(); body != wanted.end();) {
        const KnownHeader* const known = engine.find(body->first);
        if (!known) { // it leads nowhere any more
            halves.erase(body->first);
            body = wanted.erase(body);
            continue;
        }
        const bool is_due = !body->second.fetching && body->second.again_ms <= parts.hub.now_ms();
        if (is_due && !checking.contains(body->first))
            order.emplace_back(known->header.height, body->first);
        ++body;
    }
    std::ranges::sort(order);
    std::map<LinkId, BodiesRequest> requests;
    for (const auto& [height, id] : order) {
        if (checking_bytes >= checking_size_max) break;
        WantedBody& body = wanted.at(id);
        // A block that follows soon is mostly made of transactions that are here.
        const bool is_near = height < parts.store.tip().header.height + near_blocks;
        if (is_near && body.told_by && parts.mempool.count() > 0 && peers.contains(*body.told_by) &&
            call({.kind = CallKind::compact,
                  .link = *body.told_by,
                  .data_max = compact_size_max,
                  .ids = {id}},
                 "chain.compact", compact_request(id))) {
            ++peers.at(*body.told_by).fetching;
            body.fetching = body.told_by;
            body.told_by.reset(); // next time as a whole
            continue;
        }
        // Blocks that follow each other are asked for together.
        std::optional<LinkId> giver;
        for (const auto& [link, request] : requests)
            if (request.ids.size() < bodies_at_once && !body.without.contains(link) &&
                peers.at(link).height >= height)
                giver = link;
        if (!giver && fetching + requests.size() < fetches_max) giver = find_giver(id, body);
        if (!giver || requests[*giver].ids.size() >= bodies_at_once) continue;
        requests[*giver].ids.push_back(id);
    }
    for (auto& [link, request] : requests) {
        if (request.ids.empty()) continue;
        const std::size_t block_size =
            genesis.block.size_max + header_size_max + seal_size_max + frame_head_size + 64;
        if (!call({.kind = CallKind::bodies,
                   .link = link,
                   .data_max = answer_size + block_size,
                   .ids = request.ids},
                  "chain.bodies", to_bytes(request)))
            continue;
        ++peers.at(link).fetching;
        for (const BlockId& id : request.ids) wanted.at(id).fetching = link;
    }
}

/// A call for blocks is over: what did not come of it is to be had elsewhere.
void ChainNode::Impl::not_given(const OwnCall& call)
{
    const auto peer = peers.find(call.link);
    if (peer != peers.end() && peer->second.fetching > 0) --peer->second.fetching;
    for (const BlockId& id : call.ids) {
        if (call.kind != CallKind::bodies) halves.erase(id);
        const auto body = wanted.find(id);
        if (body == wanted.end() || body->second.fetching != call.link) continue;
        body->second.fetching.reset();
        if (call.kind == CallKind::bodies) body->second.without.insert(call.link);
    }
    fetch_bodies();
}

void ChainNode::Impl::take_bodies(const OwnCall& call)
{
    const auto blocks = heard(call, [&] { return parse_bodies(call); });
    if (!blocks) return;
    std::set<BlockId> rest{call.ids.begin(), call.ids.end()};
    for (const auto& [id, block] : *blocks) {
        rest.erase(id);
        take_body(call.link, id, block);
    }
    const bool is_first = blocks->empty();
    // What it has left out after some were given is asked for again.
    OwnCall over = call;
    over.ids.clear();
    for (const BlockId& id : rest) {
        const auto body = wanted.find(id);
        if (body == wanted.end() || body->second.fetching != call.link) continue;
        body->second.fetching.reset();
        if (is_first) body->second.without.insert(call.link);
    }
    not_given(over);
}

/// A block has come whole; its signatures are checked next.
void ChainNode::Impl::take_body(LinkId link, const BlockId& id, std::shared_ptr<const Block> block)
{
    const auto body = wanted.find(id);
    if (body == wanted.end() || checking.contains(id)) return;
    body->second.fetching.reset();
    const KnownHeader* const known = engine.find(id);
    if (!known) return;
    std::size_t size = 0;
    for (const Transaction& transaction : block->transactions)
        size += 256 + transaction.body.call.arguments.size();
    if (transactions_root(block->transactions) != known->header.transactions) {
        body->second.without.insert(link);
        return blame(link, points_wrong, "a block with other transactions");
    }
    // Its producer can seal a block in many ways; which one a peer has is not its fault.
    if (block->seal != known->seal)
        block =
            std::make_shared<const Block>(Block{known->header, known->seal, block->transactions});
    std::vector<bool> is_known;
    for (const Transaction& transaction : block->transactions)
        is_known.push_back(parts.mempool.is_verified(transaction));
    checking.emplace(id, size);
    checking_bytes += size;
    checker.add({id, std::move(block), std::move(is_known)});
}

/// Blocks whose signatures were looked at.
void ChainNode::Impl::take_checked()
{
    for (const BlockChecker::Outcome& outcome : checker.outcomes()) {
        const auto size = checking.find(outcome.id);
        if (size != checking.end()) {
            checking_bytes -= size->second;
            checking.erase(size);
        }
        wanted.erase(outcome.id);
        if (ahead_ms) ahead_ms = parts.hub.now_ms();
        const KnownHeader* const known = engine.find(outcome.id);
        if (!known) continue;
        // The header says that these are its transactions, so the block itself is wrong.
        if (!outcome.is_signed) unsigned_blocks.insert(outcome.id);
        parts.store.put_body(*outcome.block, outcome.id);
        step(BodyStored{outcome.id});
    }
}

} // namespace cairn
