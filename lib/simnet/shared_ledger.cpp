#include "simnet/shared_ledger.hpp"

#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/policy.hpp"

namespace cairn {

SharedLedger::SharedLedger(const Genesis& genesis, bool is_undo_faulty)
    : genesis_{&genesis},
      is_undo_faulty_{is_undo_faulty}
{
    FirstBlock first = first_block(genesis);
    state_.write(first.effects.changes, first.effects.tree);
    first_ = first.header;
    at_ = block_id(first_);
    blocks_.emplace(at_, Known{first_, {}, {}});
}

void SharedLedger::move_back()
{
    const Known& top = blocks_.at(at_);
    std::vector<StateChange> back = inverse(top.changes);
    if (is_undo_faulty_ && !back.empty()) back.pop_back();
    const TreeUpdate tree = update_tree(state_, leaf_changes(back));
    state_.write(back, tree);
    if (tree.root != blocks_.at(top.header.parent).header.state)
        throw Error{Exit::bug, "a block that is taken back leaves another state"};
    at_ = top.header.parent;
}

void SharedLedger::move_on(const BlockId& id)
{
    const Known& block = blocks_.at(id);
    const TreeUpdate tree = update_tree(state_, leaf_changes(block.changes));
    state_.write(block.changes, tree);
    if (tree.root != block.header.state) throw Error{Exit::bug, "a block leads elsewhere"};
    at_ = id;
}

void SharedLedger::move_to(const BlockId& id)
{
    std::vector<BlockId> way;
    BlockId end = id;
    while (end != at_) {
        const Header& header = blocks_.at(end).header;
        if (header.height > blocks_.at(at_).header.height) {
            way.push_back(end);
            end = header.parent;
        } else {
            move_back();
        }
    }
    for (auto next = way.rbegin(); next != way.rend(); ++next) move_on(*next);
}

Block SharedLedger::make(const BlockContext& context, Header header,
                         std::span<const Transaction> transactions)
{
    move_to(header.parent);
    Block block;
    BlockExecution execution{*genesis_, context, state_};
    for (const Transaction& transaction : transactions)
        if (!execution.add(transaction)) block.transactions.push_back(transaction);
    const BlockEffects effects = execution.finish(state_);
    header.transactions = transactions_root(block.transactions);
    header.receipts = receipts_root(effects.receipts);
    header.state = effects.tree.root;
    block.header = std::move(header);
    return block;
}

const std::string& SharedLedger::fault_of(const BlockContext& context, const Header& parent,
                                          const Block& block)
{
    const BlockId id = block_id(block.header);
    const auto known = blocks_.find(id);
    if (known != blocks_.end()) return known->second.fault;
    move_to(block.header.parent);
    auto applied = apply(*genesis_, context, parent, block, {state_, state_});
    Known made{block.header, {}, {}};
    if (auto* const effects = std::get_if<BlockEffects>(&applied))
        made.changes = std::move(effects->changes);
    else
        made.fault = std::get<std::string>(applied);
    return blocks_.emplace(id, std::move(made)).first->second.fault;
}

SharedLedger::Audit SharedLedger::audit(const BlockId& id)
{
    move_to(id);
    Audit audit;
    for (const auto& [path, value] : state_.values()) {
        const StateTable table = table_of({value.first, path});
        audit.found += find_module(table.module)->atoms_in(table.number, value.second).atoms;
    }
    const auto supply = parse_record<Supply>(*state_.get(supply_key()));
    audit.supply = *minus(supply.minted, supply.burnt);
    audit.is_root_right = state_.root() == blocks_.at(id).header.state;
    return audit;
}

Amount SharedLedger::wealth(const BlockId& id, const AccountId& account)
{
    move_to(id);
    Amount sum;
    if (const auto bytes = state_.get(account_key(account)))
        sum = parse_record<Account>(*bytes).balance;
    const Height height = blocks_.at(id).header.height;
    const auto waiting = static_cast<std::uint32_t>(genesis_->block.reward_blocks);
    for (std::uint32_t i = 0; i < waiting && i <= height.value; ++i) {
        const auto bytes = state_.get(reward_key({height.value - i}));
        if (!bytes) continue;
        const auto reward = parse_record<Reward>(*bytes);
        if (reward.account == account) sum.atoms += reward.amount.atoms;
    }
    return sum;
}

void SharedLedger::forget_below(Height height)
{
    std::erase_if(blocks_, [&](const auto& known) {
        return known.second.header.height < height && known.first != at_;
    });
}

} // namespace cairn
