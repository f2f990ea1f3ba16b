#include "ledger/ledger.hpp"
#include "ledger/memory_state.hpp"
#include "ledger/policy.hpp"

namespace cairn {

FirstBlock first_block(const Genesis& genesis)
{
    const MemoryState nothing;
    const NetworkId chain = network_id(genesis);
    Execution execution{genesis, {.chain = chain, .time_s = genesis.time_s}, nothing};
    begin_chain(execution);
    FirstBlock first;
    first.effects.changes = execution.state().take_all();
    first.effects.tree = update_tree(nothing, leaf_changes(first.effects.changes));
    first.header.chain = chain;
    first.header.time_s = genesis.time_s;
    first.header.transactions = transactions_root({});
    first.header.receipts = receipts_root({});
    first.header.state = first.effects.tree.root;
    first.header.engine =
        std::holds_alternative<PocRules>(genesis.engine) ? EngineKind::poc : EngineKind::solo;
    return first;
}

} // namespace cairn
