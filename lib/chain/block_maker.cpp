#include "chain/block_maker.hpp"

#include "base/error.hpp"

namespace cairn {

void check_producer(const Genesis& genesis, const Ed25519PublicKey& key)
{
    const auto* const rules = std::get_if<SoloRules>(&genesis.engine);
    if (rules && rules->producer != key)
        throw Error{Exit::noperm, "this chain's blocks are made with another key"};
}

std::optional<DraftBlock> BlockMaker::draft(const KnownHeader& parent, const StateView& before,
                                            const BlockOrder& order, const FillBlock& fill) const
{
    DraftBlock draft;
    Header& header = draft.block.header;
    header.chain = parent.header.chain;
    header.height = parent.header.height + 1;
    header.parent = parent.id;
    header.time_s = order.time_s;
    header.producer = account;
    header.engine =
        std::holds_alternative<PocRules>(genesis.engine) ? EngineKind::poc : EngineKind::solo;
    header.consensus = order.consensus;
    const Bytes unsealed = to_bytes(Seal{key.public_key(), {}});
    BlockExecution execution{genesis, consensus.context(parent.state, header, unsealed),
                             before.values};
    if (!execution.may_be_sealed()) return std::nullopt;
    draft.block.transactions = fill(execution);
    draft.effects = execution.finish(before.nodes);
    header.transactions = transactions_root(draft.block.transactions);
    header.receipts = receipts_root(draft.effects.receipts);
    header.state = draft.effects.tree.root;
    draft.id = block_id(header);
    return draft;
}

void BlockMaker::seal(DraftBlock& draft) const
{
    draft.block.seal = to_bytes(cairn::seal(draft.id, key));
}

} // namespace cairn
