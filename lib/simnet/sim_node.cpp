#include "simnet/sim_node.hpp"

#include "base/cursor.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t ms_per_s = 1000;
constexpr std::uint64_t ask_again_ms = 3'000;
constexpr std::uint64_t ask_rarely_ms = 60'000;
constexpr std::uint64_t scan_max_ms = 2'000; // that a miner looks through its plots
constexpr std::size_t headers_at_once = 256;
constexpr std::size_t told_by_max = 10'000;

Ed25519KeyPair pair_of(NodeNumber number)
{
    Bytes name;
    Writer{name}.big_endian(std::uint64_t{number});
    return Ed25519KeyPair{Secret::copy(sha256(name).bytes)};
}
constexpr unsigned points_banned = 100;

} // namespace

SimNode::SimNode(SimWorld& world, NodeNumber number, const SimMiner& miner)
    : world_{&world},
      number_{number},
      miner_{miner},
      key_{pair_of(number)},
      account_{account_id(key_.public_key())}
{
    const Header& first = world.ledger().first();
    durable_.push_back({block_id(first), first, {}, world.consensus().first_state(first)});
    chain_ids_.push_back(durable_.back().id);
    world.plots().add(account_, miner.space_bytes);
    if (miner.role == SimRole::fast_clock)
        skew_ms_ = static_cast<std::int64_t>(world.consensus().future_s() * ms_per_s);
}

std::uint64_t SimNode::clock_s() const
{
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(world_->now_ms()) + skew_ms_) /
           ms_per_s;
}

// ---- Life.

void SimNode::start()
{
    engine_ = std::make_unique<ChainEngine>(
        world_->consensus(), std::vector<KnownHeader>{durable_.begin(), durable_.end()},
        std::map<Height, BlockId>{});
    producer_ = std::make_unique<PocProducer>(world_->options().genesis, engine_->tip());
    world_->note_tip(number_, engine_->tip());
    scan_at_ms_ = world_->now_ms() + world_->random().below(scan_max_ms);
    world_->wake(number_, *scan_at_ms_);
    send_to_all(AskMessage{engine_->known_ids()});
}

void SimNode::crash()
{
    engine_.reset();
    producer_.reset();
    events_.clear();
    wanted_.clear();
    told_by_.clear();
    points_.clear();
    banned_.clear();
    held_.clear();
    secret_.clear();
    secret_tip_.reset();
    writes_left_.reset();
    if (world_->options().mutant == SimMutant::guard_forgotten) guard_.clear();
}

/// Counts something that is on the disk from now on; false: the node has crashed instead.
bool SimNode::write()
{
    if (!writes_left_) return true;
    if (*writes_left_ > 0) {
        --*writes_left_;
        return true;
    }
    crash();
    return false;
}

void SimNode::tick()
{
    if (!is_up()) return;
    const std::uint64_t now = world_->now_ms();
    step(ClockTicked{});
    std::vector<BlockId> late;
    for (const auto& [id, wanted] : wanted_)
        if (wanted.again_ms <= now) late.push_back(id);
    for (const BlockId& id : late) ask_for(id);
    tell_what_was_held();
    if (is_up() && scan_at_ms_ && *scan_at_ms_ <= now) {
        scan_at_ms_.reset();
        scan();
    }
    if (is_up()) heed(producer_->tick(clock_s()));
    if (is_up() && role() == SimRole::private_fork) mine_in_secret();
}

// ---- Messages.

void SimNode::receive(NodeNumber from, const SimMessage& message)
{
    if (!is_up() || banned_.contains(from)) return;
    if (const auto* const headers = std::get_if<HeadersMessage>(&message)) {
        ask_who_has(from, headers->ids);
        if (headers->ids.size() == 1 && engine_->find(headers->ids.front())) return;
        if (told_by_.size() > told_by_max) told_by_.clear();
        for (const BlockId& id : headers->ids) told_by_[id].push_back(from);
        step(HeadersArrived{{from}, headers->headers});
    } else if (const auto* const ask = std::get_if<AskMessage>(&message)) {
        answer(from, *ask);
    } else if (const auto* const want = std::get_if<WantMessage>(&message)) {
        const auto body = bodies_.find(want->id);
        if (body != bodies_.end())
            world_->send(number_, from,
                         std::make_shared<const SimMessage>(BodyMessage{body->second}));
    } else {
        const auto& block = std::get<BodyMessage>(message).block;
        const BlockId id = block_id(block->header);
        if (wanted_.erase(id) == 0) return;
        told_by_.erase(id);
        bodies_.emplace(id, block);
        if (write()) step(BodyStored{id});
    }
}

void SimNode::answer(NodeNumber from, const AskMessage& ask)
{
    std::size_t height = 0;
    for (const BlockId& id : ask.known) {
        const auto known = world_->archive().find(id);
        if (known == world_->archive().end()) continue;
        const std::size_t at = known->second.header.height.value;
        if (at >= chain_ids_.size() || chain_ids_[at] != id) continue;
        height = at;
        break;
    }
    std::vector<SealedHeader> headers;
    for (++height; height < chain_ids_.size() && headers.size() < headers_at_once; ++height)
        headers.push_back(world_->archive().at(chain_ids_[height]));
    if (!headers.empty())
        world_->send(number_, from,
                     std::make_shared<const SimMessage>(HeadersMessage{std::move(headers)}));
}

/// Tells all of the top block, as nodes do that have found each other.
void SimNode::tell_tip()
{
    if (is_up()) broadcast({tip().header, tip().seal});
}

void SimNode::send_to_all(const SimMessage& message)
{
    const auto shared = std::make_shared<const SimMessage>(message);
    for (NodeNumber node = 0; node < world_->nodes(); ++node)
        if (node != number_) world_->send(number_, node, shared);
}

void SimNode::broadcast(const SealedHeader& header)
{
    send_to_all(HeadersMessage{std::vector{header}});
}

/// Asks somebody who tells of blocks for those whose bodies did not come from others.
void SimNode::ask_who_has(NodeNumber peer, std::span<const BlockId> ids)
{
    for (const BlockId& id : ids) {
        const auto wanted = wanted_.find(id);
        if (wanted == wanted_.end()) continue;
        told_by_[id].push_back(peer);
        if (wanted->second.pause_ms <= ask_again_ms) continue;
        wanted->second.pause_ms = 0;
        ask(peer, id);
    }
}

/// Whoever has told of a block has it, but may be down; later anybody may have it.
void SimNode::ask_for(const BlockId& id)
{
    if (world_->nodes() < 2) return;
    const auto told = told_by_.find(id);
    const std::size_t tries = wanted_[id].tries++;
    if (told != told_by_.end() && tries % 2 == 0)
        return ask(told->second.at(tries / 2 % told->second.size()), id);
    ask((number_ + 1 + world_->random().below(world_->nodes() - 1)) % world_->nodes(), id);
}

void SimNode::ask(NodeNumber peer, const BlockId& id)
{
    Wanted& wanted = wanted_[id];
    wanted.pause_ms = std::clamp(2 * wanted.pause_ms, ask_again_ms, ask_rarely_ms);
    wanted.again_ms = world_->now_ms() + wanted.pause_ms;
    world_->wake(number_, wanted.again_ms);
    world_->send(number_, peer, std::make_shared<const SimMessage>(WantMessage{id}));
}

// ---- The engine.

void SimNode::step(const EngineEvent& event)
{
    events_.push_back(event);
    if (is_stepping_) return;
    is_stepping_ = true;
    while (is_up() && !events_.empty()) {
        const EngineEvent next = std::move(events_.front());
        events_.pop_front();
        for (const EngineAction& action : engine_->step(next, clock_s())) {
            act(action);
            if (!is_up()) break;
        }
    }
    is_stepping_ = false;
}

void SimNode::act(const EngineAction& action)
{
    if (const auto* const ask = std::get_if<AskHeaders>(&action)) {
        if (ask->peer.value != number_)
            world_->send(number_, ask->peer.value,
                         std::make_shared<const SimMessage>(AskMessage{ask->known}));
    } else if (const auto* const want = std::get_if<WantBody>(&action)) {
        if (bodies_.contains(want->id))
            events_.emplace_back(BodyStored{want->id});
        else
            ask_for(want->id);
    } else if (const auto* const on = std::get_if<Connect>(&action)) {
        connect(on->id);
    } else if (const auto* const off = std::get_if<Disconnect>(&action)) {
        disconnect(off->id);
    } else if (const auto* const tip = std::get_if<TipChanged>(&action)) {
        tip_changed(tip->id);
    } else if (const auto* const fault = std::get_if<PeerFault>(&action)) {
        world_->note_fault(number_, *fault);
        if ((points_[fault->peer.value] += fault->points) >= points_banned)
            banned_.insert(fault->peer.value);
    } else if (const auto* const two = std::get_if<Equivocation>(&action)) {
        world_->note_equivocation(*two);
    } else if (const auto* const later = std::get_if<WakeAt>(&action)) {
        world_->wake(number_, static_cast<std::uint64_t>(
                                  static_cast<std::int64_t>(later->time_s * ms_per_s) - skew_ms_));
    } else {
        world_->violate("a node has stopped");
    }
}

void SimNode::connect(const BlockId& id)
{
    const KnownHeader known = *engine_->find(id);
    const KnownHeader parent = *engine_->find(known.header.parent);
    const BlockContext context =
        world_->consensus().context(parent.state, known.header, known.seal);
    const std::string& fault = world_->ledger().fault_of(context, parent.header, *bodies_.at(id));
    if (!fault.empty()) {
        events_.emplace_back(BlockRefused{id});
        return;
    }
    if (!write()) return;
    durable_.push_back(known);
    if (durable_.size() > world_->options().genesis.block.memory_blocks) durable_.pop_front();
    chain_ids_.push_back(id);
    world_->note_connected(number_, known.header, clock_s());
    events_.emplace_back(BlockConnected{id});
}

void SimNode::disconnect(const BlockId& id)
{
    if (!write()) return;
    world_->note_disconnected(number_, durable_.back().header);
    durable_.pop_back();
    chain_ids_.pop_back();
    events_.emplace_back(BlockDisconnected{id});
}

void SimNode::tip_changed(const BlockId& id)
{
    const KnownHeader tip = *engine_->find(id);
    world_->note_tip(number_, tip);
    const bool is_own = tip.header.producer == account_;
    if (is_own && role() == SimRole::withholding) {
        held_.emplace_back(world_->now_ms() + world_->consensus().future_s() * ms_per_s,
                           SealedHeader{tip.header, tip.seal});
        world_->wake(number_, held_.back().first);
    } else {
        broadcast({tip.header, tip.seal});
    }
    heed(producer_->tip_changed(tip, clock_s()));
    scan_at_ms_ = world_->now_ms() + world_->random().below(scan_max_ms);
    world_->wake(number_, *scan_at_ms_);
    if (is_up()) misbehave(tip);
}

} // namespace cairn
