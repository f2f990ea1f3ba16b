#include "engine/retarget.hpp"
#include "engine/solo.hpp"
#include "simnet/sim_node.hpp"

#include <algorithm>

// What simulated nodes do that do not keep to the rules.

namespace cairn {
namespace {

constexpr std::uint64_t ms_per_s = 1000;
constexpr std::uint64_t day_s = 86'400;
constexpr std::size_t flood_headers = 8;    // at each new block
constexpr std::size_t secret_lead = 2;      // blocks ahead that a private fork is told of
constexpr std::uint64_t secret_lag_max = 6; // blocks behind, by work, at which it is given up
constexpr std::uint64_t spam_kinds = 4;
constexpr std::uint64_t cheap_more = 100; // blocks, of a chain that costs nothing
constexpr std::size_t faces = 4;          // blocks for one place
constexpr std::size_t faces_shown = 2;    // to each of the others

} // namespace

void SimNode::misbehave(const KnownHeader& tip)
{
    if (is_solo()) {
        if (role() == SimRole::header_spam) send_solo_spam(tip);
        return;
    }
    if (role() == SimRole::multi_fork) fork_parent(tip);
    if (role() == SimRole::future_flood) flood_future(tip);
    if (role() == SimRole::header_spam) send_spam(tip);
    if (role() == SimRole::twin_flood) flood_twins(tip);
    if (role() == SimRole::many_faced) show_faces_beside(tip);
    if (role() == SimRole::private_fork && !secret_tip_) secret_tip_ = tip;
}

/// Blocks that differ in their times alone.
std::vector<SimNode::Made> SimNode::twins_of(const KnownHeader& parent, const BlockOrder& order,
                                             std::size_t count)
{
    std::vector<Made> twins;
    for (std::size_t i = 0; i < count; ++i)
        twins.push_back(make_block(parent, {parent.id, order.time_s + i, order.consensus}));
    return twins;
}

/// Tells each of the others of so many of some blocks, and not each of the same.
void SimNode::show(const std::vector<Made>& twins, std::size_t each)
{
    std::vector<std::shared_ptr<const SimMessage>> messages;
    for (const Made& made : twins) {
        const BlockId id = block_id(made.sealed.header);
        world_->archive().emplace(id, made.sealed);
        disk_.put_body(id, made.block);
        messages.push_back(
            std::make_shared<const SimMessage>(HeadersMessage{std::vector{made.sealed}}));
    }
    for (NodeNumber node = 0; node < world_->nodes(); ++node)
        for (std::size_t i = 0; i < each && node != number_; ++i)
            world_->send(number_, node, messages.at((node + i) % messages.size()));
}

/// Two blocks for one place, each to half of the others; or more of them than others keep of one
/// key, so that not all keep the same.
void SimNode::make_twins(const KnownHeader& parent, const BlockOrder& order)
{
    const bool is_many = role() == SimRole::many_faced;
    const std::vector<Made> twins = twins_of(parent, order, is_many ? faces : 2);
    show(twins, is_many ? faces_shown : 1);
    adopt(twins.front());
}

/// The same beside the top block, whoever made that, as soon as others would take it.
void SimNode::show_faces_beside(const KnownHeader& tip)
{
    const KnownHeader* const found = engine_->find(tip.header.parent);
    if (!found || tip.header.producer == account_) return;
    const KnownHeader parent = *found;
    const PocData best = best_behind(parent);
    const std::uint64_t due = due_s(parent, best);
    if (due + faces > clock_s() + world_->consensus().future_s()) return;
    show(twins_of(parent, {parent.id, due, to_bytes(best)}, faces), faces_shown);
}

/// A block of one's own beside the top one, whoever made that.
void SimNode::fork_parent(const KnownHeader& tip)
{
    const KnownHeader* const found = engine_->find(tip.header.parent);
    if (!found || tip.header.producer == account_) return;
    const KnownHeader parent = *found;
    const auto& rules = std::get<PocRules>(world_->options().genesis.engine);
    const PocData best = best_behind(parent);
    const std::uint64_t due = due_s(parent, best);
    if (due > clock_s() + rules.future_s) return;
    const Made made = make_block(parent, {parent.id, due, to_bytes(best)});
    if (!may_seal(made.sealed.header)) return;
    adopt(made);
    broadcast(made.sealed);
}

/// Blocks that are right but for their time.
void SimNode::flood_future(const KnownHeader& tip)
{
    const PocData best = best_behind(tip);
    for (std::size_t i = 0; i < flood_headers; ++i)
        offer_only(make_block(tip, {tip.id, clock_s() + day_s + i, to_bytes(best)}));
}

/// Has a block for who asks for it, and tells of it, but does not build on it.
void SimNode::offer_only(const Made& made)
{
    const BlockId id = block_id(made.sealed.header);
    world_->archive().emplace(id, made.sealed);
    disk_.put_body(id, made.block);
    broadcast(made.sealed);
}

/// Blocks with one fault each. With the fourth fault, a wrong seal, are those that it would make
/// anyway.
void SimNode::send_spam(const KnownHeader& tip)
{
    PocData data = best_behind(tip);
    const std::uint64_t kind = (world_->options().seed + number_) % spam_kinds;
    if (kind == 0) data.quality = 0; // without proof
    if (kind == 1) data.base_target = 1;
    // Of the third kind it is too early for its quality.
    if (kind < 3) offer_only(make_block(tip, {tip.id, tip.header.time_s + 1, to_bytes(data)}));
    is_sealing_wrongly_ = kind == 3;
}

/// The same where one key makes all blocks: sealed with another key beside the producer's, whose
/// beacon it has; not sealed at all; with a beacon of its own; of the past.
void SimNode::send_solo_spam(const KnownHeader& tip)
{
    const KnownHeader* const found = engine_->find(tip.header.parent);
    if (!found) return;
    const KnownHeader parent = *found;
    const std::uint64_t kind = (world_->options().seed + number_) % spam_kinds;
    const std::uint64_t time_s = tip.header.time_s;
    if (kind < 2) {
        Made made = make_block(parent, {parent.id, time_s, tip.header.consensus});
        const auto& rules = std::get<SoloRules>(world_->options().genesis.engine);
        if (kind == 1) made.sealed.seal = to_bytes(Seal{rules.producer, {}});
        offer_only(made);
    } else if (kind == 2) {
        const Bytes beacon = solo_consensus_data(tip.header.chain, tip.header.height + 1, key_);
        offer_only(make_block(tip, {tip.id, time_s + 1, beacon}));
    } else {
        offer_only(make_block(parent, {parent.id, parent.header.time_s, tip.header.consensus}));
    }
}

/// Blocks that are right, of one proof and of other times each, beside the top one.
void SimNode::flood_twins(const KnownHeader& tip)
{
    const KnownHeader* const found = engine_->find(tip.header.parent);
    if (!found) return;
    const KnownHeader parent = *found;
    const PocData best = best_behind(parent);
    const std::uint64_t due = due_s(parent, best);
    if (due > clock_s()) return;
    for (std::size_t i = 0; i < flood_headers; ++i)
        offer_only(make_block(parent, {parent.id, due + i, to_bytes(best)}));
}

/// Blocks behind each other, of which nobody hears until they are more than those of all others.
void SimNode::mine_in_secret()
{
    if (!secret_tip_) return;
    const auto& rules = std::get<PocRules>(world_->options().genesis.engine);
    const KnownHeader& tip = engine_->tip();
    const std::uint64_t each = tip.header.height.value == 0
                                   ? 1
                                   : work_of(parse_poc_data(tip.header.consensus).base_target);
    if (secret_tip_->state.work.value + Uint128{secret_lag_max} * each < tip.state.work.value ||
        secret_.size() >= rules.reorganisation_max) {
        secret_.clear();
        secret_tip_ = engine_->tip();
    }
    for (;;) {
        const PocData best = best_behind(*secret_tip_);
        const std::uint64_t due = due_s(*secret_tip_, best);
        if (due > clock_s() + rules.future_s) {
            world_->wake(number_, (due - rules.future_s) * ms_per_s);
            break;
        }
        Made made = make_block(*secret_tip_, {secret_tip_->id, due, to_bytes(best)});
        const BlockId id = block_id(made.sealed.header);
        const BlockContext context =
            world_->consensus().context(secret_tip_->state, made.sealed.header, made.sealed.seal);
        if (!world_->ledger().fault_of(context, secret_tip_->header, *made.block).empty()) return;
        secret_tip_ =
            KnownHeader{id, made.sealed.header, made.sealed.seal,
                        world_->consensus().next_state(secret_tip_->state, made.sealed.header)};
        world_->archive().emplace(id, made.sealed);
        disk_.put_body(id, made.block);
        secret_.push_back(std::move(made));
    }
    if (secret_.size() >= secret_lead && secret_tip_->state.work > engine_->tip().state.work)
        release_secret();
}

/// Blocks behind the first one that claim the best of qualities, one each second: more work than
/// others have when new nodes come.
void SimNode::make_cheap_chain()
{
    const SimOptions& options = world_->options();
    const std::uint64_t block_ms =
        std::get<PocRules>(options.genesis.engine).block_time_s * ms_per_s;
    KnownHeader top = disk_.last().front();
    cheap_chain_.push_back(top.id);
    for (std::uint64_t i = 0; i < options.duration_ms / 2 / block_ms + cheap_more; ++i) {
        PocData data = best_behind(top);
        data.quality = 0;
        const Made made = make_block(top, {top.id, top.header.time_s + 1, to_bytes(data)});
        const BlockId id = block_id(made.sealed.header);
        const HeaderState state = world_->consensus().next_state(top.state, made.sealed.header);
        const BlockContext context =
            world_->consensus().context(top.state, made.sealed.header, made.sealed.seal);
        if (!world_->ledger().fault_of(context, top.header, *made.block).empty()) return;
        world_->archive().emplace(id, made.sealed);
        disk_.put_body(id, made.block);
        cheap_chain_.push_back(id);
        top = {id, made.sealed.header, made.sealed.seal, state};
    }
    disk_.commit(options.genesis.block.memory_blocks);
}

/// No further than somebody goes who takes the proofs before its checkpoint for granted.
void SimNode::offer_cheap_chain(NodeNumber to, Height checkpoint)
{
    if (!is_up() || cheap_chain_.empty()) return;
    cheap_chain_.resize(std::min<std::size_t>(cheap_chain_.size(), checkpoint.value + 1));
    answer(to, {{cheap_chain_.front()}});
}

void SimNode::release_secret()
{
    std::vector<SealedHeader> headers;
    for (const Made& made : secret_) headers.push_back(made.sealed);
    secret_.clear();
    secret_tip_.reset();
    send_to_all(HeadersMessage{headers});
    step(HeadersArrived{{number_}, headers});
}

void SimNode::tell_what_was_held()
{
    while (is_up() && !held_.empty() && held_.front().first <= world_->now_ms()) {
        broadcast(held_.front().second);
        held_.pop_front();
    }
}

} // namespace cairn
