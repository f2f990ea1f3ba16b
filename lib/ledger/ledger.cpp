#include "ledger/ledger.hpp"

#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/group.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"
#include "ledger/signers.hpp"

namespace cairn {
namespace {

static_assert(group_calls_max * releases_max <= receipt_events_max); // no call tells more

CallShape shape_of(const Call& call)
{
    const Module* const module = find_module(call.module);
    if (!module) throw Error{Exit::data, "there is no such module"};
    return module->shape_of(call);
}

/// Uses a sequence number; why not, otherwise.
std::optional<Fault> use_sequence(Execution& execution, Account& account, const Call& call)
{
    const std::uint64_t next = account.next_sequence(call.lane);
    if (call.sequence < next) return Fault::used_sequence;
    if (call.sequence > next || next >= sequence_end(execution.block().height))
        return Fault::early_sequence;
    const auto place = std::ranges::lower_bound(account.lanes, call.lane, {}, &LaneState::lane);
    if (place != account.lanes.end() && place->lane == call.lane) {
        place->next = next + 1;
    } else {
        if (account.lanes.size() == lanes_max) return Fault::many_lanes;
        account.lanes.insert(place, {call.lane, next + 1});
    }
    account.active = execution.block().height;
    return std::nullopt;
}

} // namespace

Measure measure(const Transaction& transaction)
{
    const TransactionBody& body = transaction.body;
    Measure measure;
    const EncodedTransaction encoded = encode(transaction);
    measure.id = encoded.id;
    measure.leaf = merkle_leaf(encoded.bytes);
    measure.size = encoded.bytes.size();
    std::uint64_t writes = 1;
    const auto look = [&](const Call& call) {
        measure.calls.push_back({call.sender, call.lane, call.sequence, shape_of(call)});
        writes += 1 + measure.calls.back().shape.writes;
    };
    if (body.call.module != module_number::group)
        look(body.call);
    else
        for (const Call& call : calls_of(body.call)) look(call);
    measure.weight = weight_base + measure.size + transaction.signatures.size() * weight_signature +
                     writes * weight_write;
    return measure;
}

namespace {

/// None where it is malformed.
std::optional<Measure> try_measure(const Transaction& transaction)
{
    try {
        return measure(transaction);
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

std::uint64_t weight_of(const Transaction& transaction)
{
    return measure(transaction).weight;
}

Amount least_fee(const Genesis& genesis, std::uint64_t weight)
{
    return {weight * genesis.fee.weight_atoms};
}

BlockExecution::BlockExecution(const Genesis& genesis, const BlockContext& block,
                               const StateReader& state)
    : execution_{genesis, block, state}
{
}

std::optional<Fault> BlockExecution::check(const Transaction& transaction, const Measure& measure)
{
    const TransactionBody& body = transaction.body;
    const BlockRules& rules = execution_.genesis().block;
    const Height height = execution_.block().height;
    if (body.chain != execution_.block().chain) return Fault::other_chain;
    if (body.valid_until < height) return Fault::expired;
    if (height + static_cast<std::uint32_t>(rules.valid_blocks) < body.valid_until)
        return Fault::too_early;
    if (body.fee < least_fee(execution_.genesis(), measure.weight)) return Fault::low_fee;
    if (weight_ + measure.weight > rules.weight_max || size_ + measure.size > rules.size_max)
        return Fault::full;
    Signers signers{transaction};
    const auto cover = [&](const AccountId& sender) {
        return signers.cover(sender, find_account(execution_, sender));
    };
    if (!cover(body.call.sender)) return Fault::not_authorised;
    for (const PlannedCall& call : measure.calls)
        if (call.sender != body.call.sender && !cover(call.sender)) return Fault::not_authorised;
    if (!signers.are_all_needed()) return Fault::not_authorised;
    return std::nullopt;
}

std::optional<Fault> BlockExecution::charge(const Transaction& transaction)
{
    const Call& call = transaction.body.call;
    const StateKey key = account_key(call.sender);
    std::optional<Account> account = execution_.find<Account>(key);
    if (!account) return Fault::no_funds;
    if (const auto fault = use_sequence(execution_, *account, call)) return fault;
    const std::optional<Amount> left = minus(account->balance, transaction.body.fee);
    const std::optional<Amount> fees = plus(fees_, transaction.body.fee);
    if (!left || !fees) return Fault::no_funds;
    account->balance = *left;
    fees_ = *fees;
    execution_.put(key, *account);
    return std::nullopt;
}

Status BlockExecution::run(const Transaction& transaction)
{
    const Call& whole = transaction.body.call;
    if (whole.module != module_number::group)
        return find_module(whole.module)->run(execution_, whole);
    for (const Call& call : calls_of(whole)) {
        const StateKey key = account_key(call.sender);
        std::optional<Account> account = execution_.find<Account>(key);
        if (!account) return Status::absent;
        if (const auto fault = use_sequence(execution_, *account, call))
            return *fault == Fault::many_lanes ? Status::too_many : Status::no_sequence;
        execution_.put(key, *account);
        const Status status = find_module(call.module)->run(execution_, call);
        if (status != Status::done) return status;
    }
    return Status::done;
}

std::optional<Fault> BlockExecution::add(const Transaction& transaction)
{
    const auto measured = try_measure(transaction);
    return measured ? add(transaction, *measured) : Fault::malformed;
}

std::optional<Fault> BlockExecution::add(const Transaction& transaction, const Measure& measure)
{
    if (const auto fault = check(transaction, measure)) return fault;
    if (const auto fault = charge(transaction)) return fault;

    const StateChanges::Mark mark = execution_.state().mark();
    TransactionReceipt& receipt = receipts_.emplace_back();
    receipt.id = measure.id;
    receipt.weight = measure.weight;
    receipt.status = run(transaction);
    receipt.events = execution_.take_events();
    if (receipt.status != Status::done) {
        execution_.state().roll_back(mark);
        receipt.events.clear();
    }
    weight_ += measure.weight;
    size_ += measure.size;
    return std::nullopt;
}

bool BlockExecution::may_be_sealed()
{
    const std::optional<WinningPlot>& plot = execution_.block().plot;
    return !plot || may_seal(execution_, *plot, execution_.block().sealer);
}

void BlockExecution::check_supply(std::span<const StateChange> changes)
{
    Uint128 was = 0;
    Uint128 is = 0;
    const auto count = [](const StateKey& key, const std::optional<Bytes>& value) -> Uint128 {
        if (!value) return 0;
        const StateTable table = table_of(key);
        return find_module(table.module)->atoms_in(table.number, *value).atoms;
    };
    const StateKey supply = supply_key();
    for (const StateChange& change : changes) {
        was += count(change.key, change.before);
        is += count(change.key, change.after);
        if (change.key.path != supply.path) continue;
        const auto before = change.before ? parse_record<Supply>(*change.before) : Supply{};
        const auto after = parse_record<Supply>(*change.after);
        was += after.minted.atoms + Uint128{before.burnt.atoms};
        is += before.minted.atoms + Uint128{after.burnt.atoms};
    }
    if (was != is) throw Error{Exit::bug, "money has come from nowhere, or is gone"};
}

BlockEffects BlockExecution::finish(const NodeReader& nodes)
{
    end_block(execution_, fees_);
    BlockEffects effects{
        .receipts = std::move(receipts_), .changes = execution_.state().take_all(), .tree = {}};
    check_supply(effects.changes);
    effects.tree = update_tree(nodes, leaf_changes(effects.changes));
    return effects;
}

std::variant<BlockEffects, std::string> apply(const Genesis& genesis, const BlockContext& context,
                                              const Header& parent, const Block& block,
                                              const StateView& before)
{
    const Header& header = block.header;
    if (rules_at(genesis, header.height) != rules_known)
        throw Error{Exit::config,
                    "the chain has rules from block " + std::to_string(header.height.value) +
                        " on that this program does not know",
                    "get a newer one"};
    if (header.chain != parent.chain) return "it is of another chain";
    if (header.height != parent.height + 1 || header.parent != block_id(parent))
        return "its parent is another";
    std::vector<std::optional<Measure>> measures;
    std::vector<MerkleHash> leaves;
    for (const Transaction& transaction : block.transactions) {
        const auto& measured = measures.emplace_back(try_measure(transaction));
        leaves.push_back(measured ? measured->leaf : merkle_leaf(to_bytes(transaction)));
    }
    if (header.transactions != merkle_root(leaves)) return "its transactions are others";
    BlockExecution execution{genesis, context, before.values};
    if (!execution.may_be_sealed()) return "its plot is not for its key to use";
    for (std::size_t i = 0; i < measures.size(); ++i) {
        const auto fault =
            measures[i] ? execution.add(block.transactions[i], *measures[i]) : Fault::malformed;
        if (fault) return "transaction " + std::to_string(i) + ": " + to_text(*fault);
    }
    BlockEffects effects = execution.finish(before.nodes);
    if (header.receipts != receipts_root(effects.receipts)) return "its receipts are others";
    if (header.state != effects.tree.root) return "its state is another";
    return effects;
}

const char* to_text(Fault fault)
{
    switch (fault) {
    case Fault::malformed:
        return "malformed";
    case Fault::other_chain:
        return "other-chain";
    case Fault::expired:
        return "expired";
    case Fault::too_early:
        return "too-early";
    case Fault::low_fee:
        return "low-fee";
    case Fault::not_authorised:
        return "not-authorised";
    case Fault::wrong_signature:
        return "wrong-signature";
    case Fault::used_sequence:
        return "used-sequence";
    case Fault::early_sequence:
        return "early-sequence";
    case Fault::many_lanes:
        return "many-lanes";
    case Fault::no_funds:
        return "no-funds";
    case Fault::full:
        return "full";
    }
    return "";
}

std::vector<StateChange> inverse(std::span<const StateChange> changes)
{
    std::vector<StateChange> back;
    for (const StateChange& change : changes)
        back.push_back({change.key, change.after, change.before});
    return back;
}

} // namespace cairn
