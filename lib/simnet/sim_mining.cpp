#include "engine/retarget.hpp"
#include "engine/solo.hpp"
#include "simnet/sim_node.hpp"

#include <algorithm>

// How simulated nodes make blocks.

namespace cairn {
namespace {

constexpr std::uint64_t ms_per_s = 1000;

} // namespace

/// The best that its plots have for a block behind another.
PocData SimNode::best_behind(const KnownHeader& parent) const
{
    const Genesis& genesis = world_->options().genesis;
    PocData data = world_->plots().best(
        account_, round_after(genesis, parent.header, parent.state, genesis.time_s));
    data.sealer = key_.public_key();
    return data;
}

/// When a block of these data may be made.
std::uint64_t SimNode::due_s(const KnownHeader& parent, const PocData& data) const
{
    const auto& rules = std::get<PocRules>(world_->options().genesis.engine);
    const std::uint64_t delay_s = delay_of(rules, data.quality, data.base_target);
    return parent.header.time_s + std::max<std::uint64_t>(delay_s, 1);
}

void SimNode::scan()
{
    if (role() == SimRole::cheap_chain) return;
    if (checkpoint_ && tip().header.height < checkpoint_->first) return; // it has no chain yet
    (void)poc_->offer(best_behind(poc_->parent()));
}

void SimNode::heed(const ProducerWish& wish)
{
    if (wish.wake_at_s) wake_at_clock(*wish.wake_at_s * ms_per_s);
    if (wish.block) make(*wish.block);
}

SimNode::Made SimNode::make_block(const KnownHeader& parent, const BlockOrder& order)
{
    Header header;
    header.chain = parent.header.chain;
    header.height = parent.header.height + 1;
    header.parent = parent.id;
    header.time_s = order.time_s;
    header.producer = account_;
    header.engine = is_solo() ? EngineKind::solo : EngineKind::poc;
    header.consensus = order.consensus;
    const Bytes unsealed = to_bytes(Seal{key_.public_key(), {}});
    const BlockContext context = world_->consensus().context(parent.state, header, unsealed);
    Made made;
    auto block = world_->ledger().make(context, std::move(header), {});
    made.sealed.header = block.header;
    made.sealed.seal = to_bytes(seal(block_id(block.header), key_));
    block.seal = made.sealed.seal;
    made.block = std::make_shared<const Block>(std::move(block));
    return made;
}

/// Asks the sign guard, as it is on the disk.
bool SimNode::may_seal(const Header& header)
{
    SignGuard guard = guard_.empty() ? SignGuard{} : SignGuard::parse(guard_);
    const auto answer = guard.ask(header.height, header.parent, block_id(header));
    if (answer == SignGuard::Answer::never) return false;
    guard_ = guard.to_bytes();
    return write();
}

/// Makes a block of one's own known to one's own engine.
void SimNode::adopt(const Made& made)
{
    const BlockId id = block_id(made.sealed.header);
    world_->archive().emplace(id, made.sealed);
    world_->note_sealed(number_, made.sealed.header, id);
    disk_.put_body(id, made.block);
    if (!write()) return;
    step(HeadersArrived{{number_}, {made.sealed}});
    if (is_up()) step(BodyStored{id});
}

void SimNode::make(const BlockOrder& order)
{
    const KnownHeader* const parent = engine_->find(order.parent);
    if (!parent) return;
    if (role() == SimRole::equivocating || role() == SimRole::many_faced) {
        make_twins(*parent, order);
        return;
    }
    Made made = make_block(*parent, order);
    if (is_sealing_wrongly_) {
        made.sealed.seal = to_bytes(Seal{key_.public_key(), {}});
        offer_only(made);
    } else if (keep_draft(made) && may_seal(made.sealed.header)) {
        adopt(made);
    }
}

/// Makes a block's contents durable where nobody else can go on in its place: once it may be sealed
/// no other ever may.
bool SimNode::keep_draft(const Made& made)
{
    if (!solo_) return true;
    draft_ = made.block;
    return write();
}

/// Goes on with the block that was about to be sealed, or was, when the node crashed.
void SimNode::make_again()
{
    if (draft_ && draft_->header.parent == tip().id && may_seal(draft_->header))
        adopt({{draft_->header, draft_->seal}, draft_});
    if (is_up()) produce();
}

/// Makes the next block of a chain of one producer, or wants to be woken for it.
void SimNode::produce()
{
    if (is_halted_ || engine_->best().id != tip().id) return;
    const KnownHeader& top = tip();
    const std::uint64_t interval_ms = std::max<std::uint64_t>(
        std::get<SoloRules>(world_->options().genesis.engine).interval_ms, ms_per_s);
    if (const auto time_s = solo_->due(clock_ms(), false)) {
        const Height height = top.header.height + 1;
        make({top.id, *time_s, solo_consensus_data(top.header.chain, height, key_)});
        if (is_up()) world_->wake(number_, world_->now_ms() + interval_ms);
    } else {
        wake_at_clock(top.header.time_s * ms_per_s + interval_ms);
    }
}

} // namespace cairn
