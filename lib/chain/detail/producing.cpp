#include "base/error.hpp"
#include "chain/detail/node_impl.hpp"

// Making blocks.

namespace cairn {
namespace {

const char* const guard_name = "sealed";
const char* const draft_name = "sealing";

} // namespace

void ChainNode::Impl::start_producing()
{
    const KnownHeader& tip = parts.store.tip();
    check_producer(genesis, options.mining->key->public_key());
    if (const auto* const rules = std::get_if<SoloRules>(&genesis.engine))
        solo.emplace(*rules, tip, options.mining->solo);
    else
        poc.emplace(genesis, tip);
    const Bytes left = parts.files.load(draft_name);
    if (!left.empty()) unfinished = parse_block(left);
    (void)SignGuard::parse(parts.files.load(guard_name).empty()
                               ? SignGuard{}.to_bytes()
                               : parts.files.load(guard_name)); // a damaged one is told of now
}

/// Goes on with the block that was about to be sealed when the node ended: the sign guard allows no
/// other in its place, and perhaps nobody else makes any.
void ChainNode::Impl::finish_block()
{
    Block block = *std::exchange(unfinished, std::nullopt);
    if (block.header.parent != parts.store.tip().id || !may_seal(block)) return;
    const BlockId id = block_id(block.header);
    block.seal = to_bytes(cairn::seal(id, *options.mining->key));
    ++counts.blocks_made;
    parts.store.put_body(block, id);
    step(HeadersArrived{{0}, {{block.header, block.seal}}});
}

void ChainNode::Impl::producer_tip_changed()
{
    const KnownHeader& tip = parts.store.tip();
    if (solo) solo->tip_changed(tip);
    if (!poc) return;
    ProducerWish wish = poc->tip_changed(tip, now_s());
    if (is_behind()) wish.block.reset();
    heed(wish);
}

void ChainNode::Impl::produce()
{
    if (!halted.empty()) return;
    if (unfinished && is_synced()) finish_block();
    if (solo && is_synced() && !is_tip_untold) {
        const auto time_s = solo->due(options.now_ms(), parts.mempool.count() > 0);
        const KnownHeader& tip = parts.store.tip();
        if (time_s)
            make({tip.id, *time_s,
                  solo_consensus_data(chain, tip.header.height + 1, *options.mining->key)});
    }
    if (poc && produce_at_s && *produce_at_s <= now_s() && !is_behind()) {
        produce_at_s.reset();
        heed(poc->tick(now_s()));
    }
}

void ChainNode::Impl::heed(const ProducerWish& wish)
{
    if (wish.wake_at_s) produce_at_s = *wish.wake_at_s;
    if (wish.block) make(*wish.block);
}

/// Asks the sign guard, and writes down what it has allowed: first the block itself, as no other
/// could take its place if it was lost.
bool ChainNode::Impl::may_seal(const Block& block)
{
    const Header& header = block.header;
    const Bytes saved = parts.files.load(guard_name);
    SignGuard guard = saved.empty() ? SignGuard{} : SignGuard::parse(saved);
    switch (guard.ask(header.height, header.parent, block_id(header))) {
    case SignGuard::Answer::may:
        parts.files.save(draft_name, to_bytes(block));
        parts.files.save(guard_name, guard.to_bytes());
        return true;
    case SignGuard::Answer::again:
        return true;
    case SignGuard::Answer::never:
        break;
    }
    voice.warn("a block was sealed before at height " + std::to_string(header.height.value) +
               ": no other is made there");
    return false;
}

void ChainNode::Impl::make(const BlockOrder& order)
{
    const BlockMaker maker{genesis, parts.consensus, *options.mining->key, options.mining->account};
    std::optional<DraftBlock> draft;
    const KnownHeader& tip = parts.store.tip();
    if (order.parent == tip.id) {
        const auto state = parts.store.state();
        draft = maker.draft(tip, {*state, *state}, order, [&](BlockExecution& execution) {
            return parts.mempool.fill(execution, block_transactions_max);
        });
    } else if (order.parent == tip.header.parent) {
        // Beside the block on top, of the transactions that it has.
        const auto rival = parts.store.body(tip.id);
        if (!rival) return;
        parts.store.visit_parent([&](const StateSnapshot& state, const KnownHeader& parent) {
            draft = maker.draft(parent, {state, state}, order, [&](BlockExecution& execution) {
                std::vector<Transaction> taken;
                for (const Transaction& transaction : rival->transactions)
                    if (!execution.add(transaction)) taken.push_back(transaction);
                return taken;
            });
        });
    } else {
        return; // the chain has gone on
    }
    if (!draft) return voice.warn("the best proof is of a plot that is not for this key to use");
    if (!may_seal(draft->block)) return;
    maker.seal(*draft);
    adopt(std::move(*draft));
}

/// Makes a block of one's own known to one's own engine.
void ChainNode::Impl::adopt(DraftBlock draft)
{
    ++counts.blocks_made;
    const BlockId id = draft.id;
    const SealedHeader sealed{draft.block.header, draft.block.seal};
    parts.store.put_body(draft.block, id);
    if (draft.block.header.parent == parts.store.tip().id) made = std::move(draft);
    step(HeadersArrived{{0}, {sealed}});
    made.reset();
}

std::string ChainNode::Impl::offer(PocData proof)
{
    if (!poc) return "this node makes no blocks";
    const PocRound asked = poc->round();
    if (proof.base_target != asked.base_target) return "the round is over";
    const KnownHeader& tip = parts.store.tip();
    proof.sealer = options.mining->key->public_key();
    Header header;
    header.chain = chain;
    header.height = tip.header.height + 1;
    header.parent = tip.id;
    header.time_s = UINT32_MAX; // late enough for any proof
    header.producer = options.mining->account;
    header.engine = EngineKind::poc;
    header.consensus = to_bytes(proof);
    const std::array questions{
        Qualities::Question{{asked.challenge.bytes}, header.height, &header}};
    const std::uint64_t quality = HashedQualities{genesis}.of(questions).front();
    if (quality != proof.quality) return "the plot does not hold what the proof says";
    const auto state = parts.store.state();
    const Bytes unsealed = to_bytes(Seal{proof.sealer, {}});
    BlockExecution execution{genesis, parts.consensus.context(tip.state, header, unsealed), *state};
    if (!execution.may_be_sealed())
        return "the plot is of another account, which has not assigned it to this node's key";
    if (poc->offer(proof)) produce_at_s = 0; // as soon as nobody reads the state
    return {};
}

std::string ChainNode::offer(const PocData& proof)
{
    return impl_->offer(proof);
}

bool ChainNode::has_proof() const
{
    return impl_->poc && impl_->poc->delay_max() != UINT64_MAX;
}

std::optional<PocRound> ChainNode::round() const
{
    if (!std::holds_alternative<PocRules>(impl_->genesis.engine)) return std::nullopt;
    const KnownHeader& tip = impl_->parts.store.tip();
    return round_after(impl_->genesis, tip.header, tip.state, impl_->genesis.time_s);
}

} // namespace cairn
