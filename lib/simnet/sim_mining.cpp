#include "engine/retarget.hpp"
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
    (void)producer_->offer(best_behind(producer_->parent()));
}

void SimNode::heed(const ProducerWish& wish)
{
    if (wish.wake_at_s)
        world_->wake(number_,
                     static_cast<std::uint64_t>(
                         static_cast<std::int64_t>(*wish.wake_at_s * ms_per_s) - skew_ms_));
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
    header.engine = EngineKind::poc;
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
    bodies_.emplace(id, made.block);
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
    } else if (may_seal(made.sealed.header)) {
        adopt(made);
    }
}

} // namespace cairn
