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

constexpr std::uint64_t tell_again_ms = 60'000;
constexpr unsigned points_banned = 100;

KnownHeader first_of(SimWorld& world)
{
    const Header& first = world.ledger().first();
    return {block_id(first), first, {}, world.consensus().first_state(first)};
}

} // namespace

Ed25519KeyPair key_of(NodeNumber number)
{
    Bytes name;
    Writer{name}.big_endian(std::uint64_t{number});
    return Ed25519KeyPair{Secret::copy(sha256(name).bytes)};
}

SimNode::SimNode(SimWorld& world, NodeNumber number, const SimMiner& miner)
    : world_{&world},
      number_{number},
      miner_{miner},
      key_{key_of(number)},
      account_{account_id(key_.public_key())},
      disk_{first_of(world)}
{
    world.plots().add(account_, miner.space_bytes);
    if (miner.role == SimRole::fast_clock)
        skew_ms_ = static_cast<std::int64_t>(world.consensus().future_s() * ms_per_s);
}

std::uint64_t SimNode::clock_ms() const
{
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(world_->now_ms()) + skew_ms_);
}

std::uint64_t SimNode::clock_s() const
{
    return clock_ms() / ms_per_s;
}

/// Wants to be woken when its clock shows a time.
void SimNode::wake_at_clock(std::uint64_t time_ms)
{
    world_->wake(number_,
                 static_cast<std::uint64_t>(static_cast<std::int64_t>(time_ms) - skew_ms_));
}

bool SimNode::is_solo() const
{
    return std::holds_alternative<SoloRules>(world_->options().genesis.engine);
}

// ---- Life.

void SimNode::join(const std::pair<Height, BlockId>& checkpoint)
{
    checkpoint_ = checkpoint;
    start();
}

void SimNode::start()
{
    if (role() == SimRole::cheap_chain && cheap_chain_.empty()) make_cheap_chain();
    const auto& last = disk_.last();
    const std::size_t count = std::min<std::size_t>(
        last.size(), std::max<std::uint64_t>(world_->consensus().reorganisation_max(), 1) + 1);
    const bool is_misled = world_->options().mutant == SimMutant::proofs_granted && checkpoint_;
    if (is_misled)
        granted_ = std::make_unique<GrantedProofs>(world_->consensus(), checkpoint_->first);
    const Consensus& consensus = is_misled ? *granted_ : world_->consensus();
    ChainEngineOptions options;
    if (!is_misled) options.checkpoint = checkpoint_;
    engine_ = std::make_unique<ChainEngine>(
        consensus,
        std::vector<KnownHeader>{last.end() - static_cast<std::ptrdiff_t>(count), last.end()},
        std::map<Height, BlockId>{}, options);
    const Genesis& genesis = world_->options().genesis;
    is_halted_ = is_solo() && has_evidence();
    if (!is_solo())
        poc_ = std::make_unique<PocProducer>(genesis, engine_->tip());
    else if (number_ == solo_producer(world_->options()))
        solo_ = std::make_unique<SoloProducer>(std::get<SoloRules>(genesis.engine), engine_->tip(),
                                               SoloProducer::Options{});
    world_->note_tip(number_, engine_->tip());
    scan_at_ms_ = world_->now_ms() + world_->random().below(scan_max_ms);
    world_->wake(number_, *scan_at_ms_);
    if (is_solo()) tell_at_ms_ = world_->now_ms() + tell_again_ms;
    if (tell_at_ms_) world_->wake(number_, *tell_at_ms_);
    send_to_all(AskMessage{engine_->known_ids()});
    if (solo_) make_again();
}

void SimNode::crash()
{
    engine_.reset();
    poc_.reset();
    solo_.reset();
    events_.clear();
    is_tip_untold_ = false;
    is_halted_ = false;
    tell_at_ms_.reset();
    wanted_.clear();
    told_by_.clear();
    points_.clear();
    banned_.clear();
    held_.clear();
    secret_.clear();
    secret_tip_.reset();
    writes_left_.reset();
    disk_.crash();
    const SimMutant mutant = world_->options().mutant;
    if (mutant == SimMutant::guard_forgotten) guard_.clear();
    if (mutant == SimMutant::guard_forgotten || mutant == SimMutant::draft_forgotten)
        draft_.reset();
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
    if (is_up() && poc_ && scan_at_ms_ && *scan_at_ms_ <= now) {
        scan_at_ms_.reset();
        scan();
    }
    if (is_up() && poc_) heed(poc_->tick(clock_s()));
    if (is_up() && solo_) produce();
    if (is_up() && tell_at_ms_ && *tell_at_ms_ <= now) {
        tell_tip();
        tell_at_ms_ = now + tell_again_ms;
        world_->wake(number_, *tell_at_ms_);
    }
    if (is_up() && role() == SimRole::private_fork) mine_in_secret();
}

// ---- Messages.

void SimNode::receive(NodeNumber from, const SimMessage& message)
{
    if (!is_up() || banned_.contains(from)) return;
    if (const auto* const headers = std::get_if<HeadersMessage>(&message)) {
        if (is_solo() && role() == SimRole::equivocating) return; // nothing stops it
        ask_who_has(from, headers->ids);
        if (headers->ids.size() == 1 && engine_->find(headers->ids.front())) return;
        if (told_by_.size() > told_by_max) told_by_.clear();
        for (const BlockId& id : headers->ids) told_by_[id].push_back(from);
        step(HeadersArrived{{from}, headers->headers});
    } else if (const auto* const ask = std::get_if<AskMessage>(&message)) {
        answer(from, *ask);
    } else if (const auto* const want = std::get_if<WantMessage>(&message)) {
        if (auto body = disk_.body(want->id))
            world_->send(number_, from,
                         std::make_shared<const SimMessage>(BodyMessage{std::move(body)}));
    } else {
        const auto& block = std::get<BodyMessage>(message).block;
        const BlockId id = block_id(block->header);
        if (wanted_.erase(id) == 0) return;
        told_by_.erase(id);
        disk_.put_body(id, block);
        if (write()) step(BodyStored{id});
    }
}

void SimNode::answer(NodeNumber from, const AskMessage& ask)
{
    const std::vector<BlockId>& chain = cheap_chain_.empty() ? disk_.chain() : cheap_chain_;
    std::size_t height = 0;
    for (const BlockId& id : ask.known) {
        const auto known = world_->archive().find(id);
        if (known == world_->archive().end()) continue;
        const std::size_t at = known->second.header.height.value;
        if (at >= chain.size() || chain[at] != id) continue;
        height = at;
        break;
    }
    std::vector<SealedHeader> headers;
    for (++height; height < chain.size() && headers.size() < headers_at_once; ++height)
        headers.push_back(world_->archive().at(chain[height]));
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

/// Asks somebody who tells of blocks for what did not come from others: these, and those before
/// them.
void SimNode::ask_who_has(NodeNumber peer, std::span<const BlockId> ids)
{
    for (const BlockId& id : ids)
        if (wanted_.contains(id)) told_by_[id].push_back(peer);
    for (auto& [id, wanted] : wanted_) {
        if (wanted.pause_ms <= ask_again_ms) continue;
        wanted.pause_ms = 0;
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
    while (is_up() && !is_halted_ && !events_.empty()) {
        const EngineEvent next = std::move(events_.front());
        events_.pop_front();
        for (const EngineAction& action : engine_->step(next, clock_s())) {
            act(action);
            if (!is_up()) break;
        }
    }
    is_stepping_ = false;
    if (is_up() && is_tip_untold_) settle_tip();
}

/// What was connected is made durable, and then told of.
void SimNode::settle_tip()
{
    is_tip_untold_ = false;
    if (world_->options().mutant == SimMutant::told_early) tell_top(engine_->tip());
    if (!write()) return;
    disk_.commit(world_->options().genesis.block.memory_blocks);
    tip_changed();
}

void SimNode::act(const EngineAction& action)
{
    if (const auto* const ask = std::get_if<AskHeaders>(&action)) {
        if (ask->peer.value != number_)
            world_->send(number_, ask->peer.value,
                         std::make_shared<const SimMessage>(AskMessage{ask->known}));
    } else if (const auto* const want = std::get_if<WantBody>(&action)) {
        if (disk_.body(want->id))
            events_.emplace_back(BodyStored{want->id});
        else
            ask_for(want->id);
    } else if (const auto* const on = std::get_if<Connect>(&action)) {
        connect(on->id);
    } else if (const auto* const off = std::get_if<Disconnect>(&action)) {
        disconnect(off->id);
    } else if (std::holds_alternative<TipChanged>(action)) {
        is_tip_untold_ = true;
    } else if (const auto* const fault = std::get_if<PeerFault>(&action)) {
        world_->note_fault(number_, *fault);
        if ((points_[fault->peer.value] += fault->points) >= points_banned)
            banned_.insert(fault->peer.value);
    } else if (const auto* const two = std::get_if<Equivocation>(&action)) {
        keep_evidence(*two);
    } else if (const auto* const later = std::get_if<WakeAt>(&action)) {
        wake_at_clock(later->time_s * ms_per_s);
    } else {
        is_halted_ = true;
        world_->note_halt(number_, std::get<Halt>(action).reason);
    }
}

/// Both headers, for whoever wants to prove it; where one key makes all blocks they keep the node
/// from going on.
void SimNode::keep_evidence(const Equivocation& two)
{
    if (!write()) return;
    evidence_.push_back(two);
    world_->note_equivocation(number_, two);
}

void SimNode::connect(const BlockId& id)
{
    const KnownHeader known = *engine_->find(id);
    const KnownHeader parent = *engine_->find(known.header.parent);
    const BlockContext context =
        world_->consensus().context(parent.state, known.header, known.seal);
    const std::string& fault = world_->ledger().fault_of(context, parent.header, *disk_.body(id));
    if (!fault.empty()) {
        events_.emplace_back(BlockRefused{id});
        return;
    }
    if (!write()) return;
    disk_.connect(known);
    world_->note_connected(number_, known.header, clock_s());
    events_.emplace_back(BlockConnected{id});
}

void SimNode::disconnect(const BlockId& id)
{
    if (!write()) return;
    world_->note_disconnected(number_, disk_.last().back().header);
    disk_.disconnect();
    events_.emplace_back(BlockDisconnected{id});
}

void SimNode::tip_changed()
{
    const KnownHeader tip = engine_->tip();
    world_->note_tip(number_, tip);
    tell_top(tip);
    if (tell_at_ms_) tell_at_ms_ = world_->now_ms() + tell_again_ms;
    if (tell_at_ms_) world_->wake(number_, *tell_at_ms_);
    if (poc_) {
        heed(poc_->tip_changed(tip, clock_s()));
        scan_at_ms_ = world_->now_ms() + world_->random().below(scan_max_ms);
        world_->wake(number_, *scan_at_ms_);
    }
    if (is_up() && solo_) {
        solo_->tip_changed(tip);
        produce();
    }
    if (is_up()) misbehave(tip);
}

void SimNode::tell_top(const KnownHeader& tip)
{
    const bool is_own = tip.header.producer == account_;
    if (is_own && role() == SimRole::withholding) {
        held_.emplace_back(world_->now_ms() + world_->consensus().future_s() * ms_per_s,
                           SealedHeader{tip.header, tip.seal});
        world_->wake(number_, held_.back().first);
        return;
    }
    world_->note_told(number_, disk_);
    broadcast({tip.header, tip.seal});
}

} // namespace cairn
