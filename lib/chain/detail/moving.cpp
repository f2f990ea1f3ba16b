#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/detail/node_impl.hpp"

// What the engine wants is done here.

namespace cairn {

using detail::CallKind;
using detail::OwnCall;
using detail::Peer;

namespace {

const char* const halted_name = "halted";
constexpr std::uint64_t commit_ms = 250;       // while it is behind, between commits
constexpr std::uint64_t ahead_max_ms = 15'000; // a block comes by then, or not at all
constexpr std::size_t told_blocks_max = 4096;

} // namespace

void ChainNode::Impl::step(const EngineEvent& event)
{
    if (!halted.empty()) return; // since the last time, perhaps
    events.push_back(event);
    if (is_stepping) return;
    is_stepping = true;
    while (!events.empty()) {
        const EngineEvent next = std::move(events.front());
        events.pop_front();
        for (const EngineAction& action : engine.step(next, now_s())) act(action);
    }
    is_stepping = false;
    if (is_synced())
        ahead_ms.reset();
    else if (!ahead_ms)
        ahead_ms = parts.hub.now_ms();
}

void ChainNode::Impl::act(const EngineAction& action)
{
    if (const auto* const ask = std::get_if<AskHeaders>(&action)) {
        ask_headers({ask->peer.value}, ask->known);
    } else if (const auto* const want = std::get_if<WantBody>(&action)) {
        if (parts.store.has_body(want->id))
            events.emplace_back(BodyStored{want->id});
        else
            wanted.try_emplace(want->id);
    } else if (const auto* const on = std::get_if<Connect>(&action)) {
        connect(on->id);
    } else if (const auto* const off = std::get_if<Disconnect>(&action)) {
        disconnect(off->id);
    } else if (std::holds_alternative<TipChanged>(action)) {
        is_tip_untold = true;
    } else if (const auto* const fault = std::get_if<PeerFault>(&action)) {
        blame({fault->peer.value}, fault->points, fault->reason);
    } else if (const auto* const two = std::get_if<Equivocation>(&action)) {
        keep_evidence(*two);
    } else if (const auto* const later = std::get_if<WakeAt>(&action)) {
        wake_at_s = std::min(wake_at_s.value_or(UINT64_MAX), later->time_s);
    } else {
        halted = std::get<Halt>(action).reason;
        voice.warn("the chain has stopped: " + halted);
    }
}

void ChainNode::Impl::connect(const BlockId& id)
{
    const KnownHeader known = *engine.find(id);
    std::optional<std::string> fault;
    std::optional<Block> block;
    std::optional<BlockEffects> effects;
    if (made && made->id == id) {
        block = std::move(made->block);
        effects = std::move(made->effects);
        made.reset();
    } else if (unsigned_blocks.erase(id) > 0) {
        fault = "a signature is wrong";
    } else {
        block = parts.store.body(id);
        if (!block) throw Error{Exit::bug, "a block to be connected is not here"};
    }
    if (!fault) fault = parts.store.connect(known, *block, std::move(effects));
    if (fault) {
        voice.warn("block " + std::to_string(known.header.height.value) + " is refused: " + *fault);
        events.emplace_back(BlockRefused{id});
        return;
    }
    if (!uncommitted_since_ms) uncommitted_since_ms = parts.hub.now_ms();
    ++counts.blocks_connected;
    parts.mempool.block_connected(*block, *parts.store.state(), options.now_ms());
    served.emplace(id, std::move(*block));
    events.emplace_back(BlockConnected{id});
}

void ChainNode::Impl::disconnect(const BlockId& id)
{
    const Height height = parts.store.tip().header.height;
    const Block block = parts.store.disconnect();
    if (!uncommitted_since_ms) uncommitted_since_ms = parts.hub.now_ms();
    ++counts.blocks_disconnected;
    parts.mempool.block_disconnected(block, *parts.store.state(), options.now_ms());
    voice.event("reorg",
                Json::object().set("height", height.value).set("id", to_hex_text(id.bytes)));
    events.emplace_back(BlockDisconnected{id});
}

bool ChainNode::Impl::is_synced() const
{
    return engine.best().id == parts.store.tip().id;
}

/// Whether better blocks are on their way. One that is known of and never comes, since whoever has
/// made it is gone, or keeps it back, stops nobody for long.
bool ChainNode::Impl::is_behind() const
{
    return ahead_ms && parts.hub.now_ms() < *ahead_ms + ahead_max_ms;
}

/// At rest: what was connected is made durable, and then told of. While there is much to catch up
/// with, that is done for many blocks at a time.
void ChainNode::Impl::settle_tip()
{
    if (!parts.store.has_uncommitted() && !is_tip_untold) return;
    const bool is_late =
        uncommitted_since_ms && parts.hub.now_ms() >= *uncommitted_since_ms + commit_ms;
    if (!is_late && !(is_tip_untold && is_synced())) return;
    parts.store.commit();
    uncommitted_since_ms.reset();
    if (std::exchange(is_tip_untold, false)) tell_tip();
}

void ChainNode::Impl::tell_tip()
{
    const KnownHeader& tip = parts.store.tip();
    const auto keep = static_cast<std::uint32_t>(parts.consensus.reorganisation_max()) + 1;
    if (tip.header.height.value > keep) parts.store.forget_loose({tip.header.height.value - keep});
    producer_tip_changed();
    voice.event("block", Json::object()
                             .set("height", tip.header.height.value)
                             .set("id", to_hex_text(tip.id.bytes))
                             .set("time_s", tip.header.time_s));
    if (told_blocks.size() > told_blocks_max) told_blocks.clear();
    if (!told_blocks.insert(tip.id).second) return;
    const Bytes message = tip_message();
    for (auto& [link, peer] : peers)
        if (peer.is_ready) tell(link, peer, message);
}

Bytes ChainNode::Impl::tip_message() const
{
    const KnownHeader& tip = parts.store.tip();
    const SealedHeader sealed{tip.header, tip.seal};
    return headers_bytes({&sealed, 1});
}

void ChainNode::Impl::tell(LinkId link, Peer& peer, ByteView message)
{
    peer.tell_ms.reset();
    if (message.size() > request_size_max) return; // no engine's are
    const OwnCall told{.kind = CallKind::told, .link = link};
    if (!call(told, "chain.told", message)) fail_call(told);
}

/// Those that could not take it, as they were busy, are told of the block on top again: else who
/// has not heard of the last one would stay behind until there is another.
void ChainNode::Impl::tell_again(std::uint64_t now_ms)
{
    if (parts.store.has_uncommitted()) return;
    for (auto& [link, peer] : peers)
        if (peer.is_ready && peer.tell_ms && *peer.tell_ms <= now_ms)
            tell(link, peer, tip_message());
}

/// Both headers, for whoever wants to prove it.
void ChainNode::Impl::keep_evidence(const Equivocation& two)
{
    const BlockId id = block_id(two.first.header);
    voice.warn("one key has sealed two blocks at height " +
               std::to_string(two.first.header.height.value));
    const std::array both{two.first, two.second};
    parts.files.save("evidence-" + to_hex_text(ByteView{id.bytes}.first(8)), headers_bytes(both));
    if (parts.consensus.halts_on_equivocation())
        parts.files.save(halted_name, as_bytes("its producer has made two blocks of height " +
                                               std::to_string(two.first.header.height.value)));
}

Height ChainNode::Impl::told_height() const
{
    Height told{};
    for (const auto& [link, peer] : peers)
        if (peer.is_ready) told = std::max(told, peer.height);
    return told;
}

std::string ChainNode::Impl::waits_for() const
{
    const Height height = parts.store.tip().header.height;
    const Height best = engine.best().header.height;
    if (!halted.empty()) return "nothing any more: " + halted;
    if (best > height) {
        const std::string blocks =
            "blocks " + std::to_string(height.value + 1) + " to " + std::to_string(best.value);
        if (ready_peers() == 0) return "peers that have " + blocks;
        return blocks + " from " + std::to_string(ready_peers()) + " peers";
    }
    if (const Height told = told_height(); told > best)
        return "headers " + std::to_string(best.value + 1) + " to " + std::to_string(told.value);
    if (solo) return "the time of the next block";
    if (poc && poc->delay_max() != UINT64_MAX) return "the time of its own proof, or another block";
    if (poc) return "proofs of its miners, or another block";
    if (ready_peers() == 0) return "peers";
    return "the next block";
}

ChainNode::Impl::Impl(const Parts& with, ChainNodeOptions as, ChainVoice tell)
    : parts{with},
      options{std::move(as)},
      voice{std::move(tell)},
      genesis{with.store.genesis()},
      chain{network_id(genesis)},
      engine{with.consensus,
             // Two at least, so that a second block beside the tip is seen.
             with.store.last(std::max<std::uint64_t>(with.consensus.reorganisation_max(), 1) + 1),
             with.store.milestones(1024),
             {.checkpoint = options.checkpoint}},
      checker{options.check_threads, [this] { parts.hub.wake(); }}
{
    book.parse(as_text(parts.files.load("peers")));
    for (const std::string& address : options.peers) book.fix(address);
    halted = as_text(parts.files.load(halted_name));
    if (!halted.empty()) voice.warn("the chain has stopped: " + halted);
    if (options.mining) start_producing();
}

ChainNode::ChainNode(const Parts& parts, ChainNodeOptions options, ChainVoice voice)
    : impl_{std::make_unique<Impl>(parts, std::move(options), std::move(voice))}
{
}

ChainNode::~ChainNode() = default;

void ChainNode::handle(const HubEvent& event)
{
    Impl& impl = *impl_;
    switch (event.kind) {
    case HubEvent::Kind::linked:
        return impl.link_up(event);
    case HubEvent::Kind::unlinked:
        return impl.link_down(event);
    case HubEvent::Kind::opened:
        return impl.open(event);
    case HubEvent::Kind::data:
        if (!impl.take_data(event)) impl.parts.hub.consumed(event.stream, event.data.size());
        return;
    case HubEvent::Kind::writable:
        return impl.pump(event.stream);
    case HubEvent::Kind::ended:
        impl.take_end(event);
        return;
    case HubEvent::Kind::reset:
        if (impl.take_end(event)) return;
        if (const auto answer = impl.answering.find(event.stream); answer != impl.answering.end()) {
            const auto peer = impl.peers.find(answer->second.link);
            if (peer != impl.peers.end() && peer->second.serving > 0) --peer->second.serving;
            impl.answering.erase(answer);
        }
        return;
    case HubEvent::Kind::half_end:
    case HubEvent::Kind::woken:
        return;
    }
}

std::uint64_t ChainNode::advance()
{
    Impl& impl = *impl_;
    constexpr std::uint64_t pause_ms = 100;
    const std::uint64_t now_ms = impl.parts.hub.now_ms();
    impl.take_checked();
    if (impl.wake_at_s && *impl.wake_at_s <= impl.now_s()) {
        impl.wake_at_s.reset();
        impl.step(ClockTicked{});
    }
    impl.produce();
    impl.settle_tip();
    impl.tell_again(now_ms);
    impl.cut_slow_calls(now_ms);
    impl.cut_slow_answers(now_ms);
    impl.look_for_peers(now_ms);
    impl.fetch_bodies();
    impl.offer_transactions(now_ms);
    return now_ms + pause_ms;
}

void ChainNode::commit()
{
    impl_->parts.store.commit();
}

void ChainNode::finish()
{
    commit();
    impl_->save_book();
}

std::variant<TransactionId, PoolRefusal> ChainNode::send(Transaction transaction)
{
    Impl& impl = *impl_;
    const auto added =
        impl.parts.mempool.add(std::move(transaction), *impl.parts.store.state(),
                               impl.parts.store.tip().header.height, impl.options.now_ms());
    if (const auto* const refusal = std::get_if<PoolRefusal>(&added)) {
        ++impl.counts.refused;
        return *refusal;
    }
    ++impl.counts.transactions;
    const TransactionId id = std::get<Mempool::Added>(added).id;
    impl.spread(id, {});
    return id;
}

ChainStatus ChainNode::status() const
{
    const Impl& impl = *impl_;
    const KnownHeader& tip = impl.parts.store.tip();
    return {.height = tip.header.height,
            .tip = tip.id,
            .time_s = tip.header.time_s,
            .best = impl.engine.best().header.height,
            .told = impl.told_height(),
            .waits_for = impl.waits_for(),
            .is_synced = impl.is_synced(),
            .is_halted = !impl.halted.empty(),
            .wanted = impl.wanted.size(),
            .peers = impl.ready_peers(),
            .counts = impl.counts};
}

std::vector<ChainPeer> ChainNode::peers() const
{
    std::vector<ChainPeer> all;
    for (const auto& [link, peer] : impl_->peers)
        all.push_back({.address = peer.address,
                       .link_key = peer.key,
                       .height = peer.height,
                       .points = peer.points,
                       .is_caller = peer.is_caller,
                       .is_ready = peer.is_ready});
    return all;
}

std::uint64_t ChainNode::now_ms() const
{
    return impl_->options.now_ms();
}

void ChainNode::add_peer(const std::string& address)
{
    impl_->book.fix(address);
    impl_->next_look_ms = 0;
}

} // namespace cairn
