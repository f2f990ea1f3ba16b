#include "ledger/policy.hpp"

#include "base/error.hpp"
#include "ledger/coins.hpp"
#include "ledger/registry.hpp"

namespace cairn {
namespace {

constexpr std::uint64_t bounty_per_mille = 10; // of what is swept
constexpr unsigned share_bits = 32;            // after the point, of PointsState::share

Amount must_be(std::optional<Amount> amount)
{
    if (!amount) throw Error{Exit::bug, "there is more or less than there can be"};
    return *amount;
}

template <class Record>
Record must_find(Execution& execution, const StateKey& key)
{
    std::optional<Record> record = execution.find<Record>(key);
    if (!record) throw Error{Exit::data, "the state has no record that all states have"};
    return *record;
}

bool is_points(Execution& execution)
{
    return std::holds_alternative<PointsPolicy>(execution.genesis().policy);
}

/// The height so many blocks ago; none where there was none.
std::optional<Height> before(Height height, std::uint64_t blocks)
{
    if (height.value < blocks) return std::nullopt;
    return Height{static_cast<std::uint32_t>(height.value - blocks)};
}

/// What the space that a block is found in gives, and what of the pool is found again.
Amount mint_ccc(Execution& execution, const CccPolicy& policy)
{
    auto state = must_find<CccState>(execution, ccc_key());
    const std::uint64_t memory = execution.genesis().block.memory_blocks;
    const BlockContext& block = execution.block();
    state.space_sum += block.space_bytes;
    ++state.blocks;
    // The first block found nothing and was not counted.
    if (const auto last = before(block.height, memory); last && *last > Height{}) {
        if (const auto oldest = execution.find<RememberedBlock>(remembered_key(*last))) {
            state.space_sum -= oldest->space_bytes;
            --state.blocks;
        }
    }
    std::uint64_t space = policy.space_bytes;
    if (space == 0)
        space = static_cast<std::uint64_t>(
            std::min<Uint128>(state.space_sum / state.blocks, ccc_space_max));
    const Amount again = std::min(state.pool, state.emission.rate(space));
    const Amount minted = state.emission.mint(space);
    state.pool.atoms -= again.atoms;
    execution.put(ccc_key(), state);
    mint(execution, minted);
    return must_be(plus(minted, again));
}

/// Shares what is minted in an epoch out among bonds; what is for users is kept.
void mint_points(Execution& execution, const PointsPolicy& policy)
{
    const std::uint64_t height = execution.block().height.value;
    if (height == 0 || height % policy.epoch_blocks != 0) return;
    auto state = must_find<PointsState>(execution, points_key());
    const std::uint64_t epoch = (height / policy.epoch_blocks - 1) % policy.year_epochs;
    const auto supply = must_find<Supply>(execution, supply_key());
    const Amount now = must_be(minus(supply.minted, supply.burnt));
    if (epoch == 0) state.base = now;
    const Amount minted =
        std::min(points_minted(state.base, policy.inflation_per_mille, epoch, policy.year_epochs),
                 minus(points_supply_max, now).value_or(Amount{}));
    const std::uint64_t parts = policy.server_parts + policy.user_parts;
    const Amount servers = parts == 0 ? Amount{} : share_of(minted, policy.server_parts, parts);
    state.servers = must_be(plus(state.servers, servers));
    state.users = must_be(plus(state.users, must_be(minus(minted, servers))));
    if (state.bonded != Amount{}) {
        const Uint128 each = (Uint128{state.servers.atoms} << share_bits) / state.bonded.atoms;
        // Rounded up, so that no sum of shares is more; still no more than there is.
        const Uint128 all = each * state.bonded.atoms + ((Uint128{1} << share_bits) - 1);
        const Amount given{static_cast<std::uint64_t>(all >> share_bits)};
        state.share += each;
        state.servers = must_be(minus(state.servers, given));
        state.owed = must_be(plus(state.owed, given));
    }
    execution.put(points_key(), state);
    mint(execution, minted);
}

void remember(Execution& execution)
{
    const BlockContext& block = execution.block();
    execution.put(remembered_key(block.height),
                  RememberedBlock{block.parent, block.beacon, block.space_bytes});
    if (const auto last = before(block.height, execution.genesis().block.memory_blocks))
        execution.erase(remembered_key(*last));
}

Status run_attach(Execution& execution, const Call& call)
{
    const AttachArguments arguments = parse_attach(call.arguments);
    const auto provider = execution.find<Provider>(provider_key(arguments.provider));
    if (!provider) return Status::absent;
    if (!take_coins(execution, call.sender, arguments.amount)) return Status::no_funds;
    Amount fee;
    if (const auto* const points = std::get_if<PointsPolicy>(&execution.genesis().policy)) {
        fee = share_of(arguments.amount, points->foundation_per_mille, 1000);
        if (fee != Amount{}) give_coins(execution, points->foundation, fee);
    }
    give_earnings(execution, arguments.provider, *provider, must_be(minus(arguments.amount, fee)));
    return Status::done;
}

Status run_sweep(Execution& execution, const Call& call)
{
    const auto* const policy = std::get_if<CccPolicy>(&execution.genesis().policy);
    const AccountId id = parse_sweep(call.arguments).account;
    if (!policy || !policy->is_recycling || id == call.sender) return Status::not_allowed;
    auto account = find_account(execution, id);
    if (!account) return Status::absent;
    const Height last = std::max(account->active, account->created);
    if (execution.block().height < last + static_cast<std::uint32_t>(policy->recycle_blocks))
        return Status::locked;
    if (execution.has(provider_key(id))) return Status::not_allowed; // it has locked money
    const Amount swept = std::exchange(account->balance, {});
    if (swept == Amount{}) return Status::absent;
    execution.put(account_key(id), *account);
    const Amount bounty = share_of(swept, bounty_per_mille, 1000);
    give_coins(execution, call.sender, bounty);
    auto state = must_find<CccState>(execution, ccc_key());
    state.pool = must_be(plus(state.pool, must_be(minus(swept, bounty))));
    execution.put(ccc_key(), state);
    return Status::done;
}

Status run_evidence(Execution& execution, const Call& call)
{
    const EvidenceArguments arguments = parse_evidence(call.arguments);
    if (!is_equivocation(arguments)) return Status::not_true;
    const Header header = parse_header(arguments.headers[0]);
    if (header.chain != execution.block().chain) return Status::not_true;
    const StateKey key = reward_key(header.height);
    const auto reward = execution.find<Reward>(key);
    const std::optional<BlockId> ours = id_of(execution, header.height);
    if (!reward || !ours) return Status::absent;
    // Whoever has a header can put a seal of another key on it.
    if (parse_seal(arguments.seals[0]).key != reward->sealer) return Status::not_true;
    const bool is_ours =
        *ours == block_id(header) || *ours == block_id(parse_header(arguments.headers[1]));
    if (!is_ours) return Status::absent;
    execution.erase(key);
    burn(execution, reward->amount);
    return Status::done;
}

CallShape shape_of(const Call& call)
{
    switch (static_cast<PolicyMethod>(call.method)) {
    case PolicyMethod::attach:
        return {.writes = 3, .takes = parse_attach(call.arguments).amount};
    case PolicyMethod::sweep:
        (void)parse_sweep(call.arguments);
        return {3};
    case PolicyMethod::touch:
        if (!std::ranges::equal(call.arguments, no_arguments())) break;
        return {};
    case PolicyMethod::evidence:
        (void)parse_evidence(call.arguments);
        return {8}; // two signatures are checked
    }
    throw Error{Exit::data, "module policy has no such method"};
}

Status run(Execution& execution, const Call& call)
{
    switch (static_cast<PolicyMethod>(call.method)) {
    case PolicyMethod::attach:
        return run_attach(execution, call);
    case PolicyMethod::sweep:
        return run_sweep(execution, call);
    case PolicyMethod::touch:
        return Status::done;
    case PolicyMethod::evidence:
        return run_evidence(execution, call);
    }
    throw Error{Exit::bug, "a method that was not looked at"};
}

} // namespace

Amount settle_share(Execution& execution, Amount counted, Uint128& entry)
{
    if (!is_points(execution)) return {};
    auto state = must_find<PointsState>(execution, points_key());
    const Uint128 share = state.share - std::exchange(entry, state.share);
    const Amount earned{static_cast<std::uint64_t>(share * counted.atoms >> share_bits)};
    if (earned == Amount{}) return {};
    state.owed = must_be(minus(state.owed, earned));
    execution.put(points_key(), state);
    return earned;
}

void count_bond(Execution& execution, Amount was, Amount is)
{
    if (was == is || !is_points(execution)) return;
    auto state = must_find<PointsState>(execution, points_key());
    state.bonded = must_be(plus(must_be(minus(state.bonded, was)), is));
    execution.put(points_key(), state);
}

void mint(Execution& execution, Amount amount)
{
    if (amount == Amount{}) return;
    auto supply = must_find<Supply>(execution, supply_key());
    supply.minted = must_be(plus(supply.minted, amount));
    execution.put(supply_key(), supply);
}

void burn(Execution& execution, Amount amount)
{
    if (amount == Amount{}) return;
    auto supply = must_find<Supply>(execution, supply_key());
    supply.burnt = must_be(plus(supply.burnt, amount));
    execution.put(supply_key(), supply);
}

std::optional<BlockId> id_of(Execution& execution, Height height)
{
    const Height next = height + 1;
    if (next == execution.block().height) return execution.block().parent;
    const auto record = execution.find<RememberedBlock>(remembered_key(next));
    if (!record) return std::nullopt;
    return record->parent;
}

/// To make a block is to sign for an account, as to send a transaction is.
void wake_producer(Execution& execution)
{
    const BlockContext& block = execution.block();
    std::optional<Account> account = find_account(execution, block.producer);
    if (!account || account->active == block.height) return;
    account->active = block.height;
    execution.put(account_key(block.producer), *account);
}

void end_block(Execution& execution, Amount fees)
{
    const BlockContext& block = execution.block();
    wake_producer(execution);
    Amount reward = fees;
    if (const auto* const ccc = std::get_if<CccPolicy>(&execution.genesis().policy))
        reward = must_be(plus(reward, mint_ccc(execution, *ccc)));
    else
        mint_points(execution, std::get<PointsPolicy>(execution.genesis().policy));
    if (reward != Amount{})
        execution.put(reward_key(block.height), Reward{block.producer, reward, block.sealer});
    if (const auto ripe = before(block.height, execution.genesis().block.reward_blocks)) {
        if (const auto old = execution.find<Reward>(reward_key(*ripe))) {
            execution.erase(reward_key(*ripe));
            give_coins(execution, old->account, old->amount);
        }
    }
    remember(execution);
}

void begin_chain(Execution& execution)
{
    const Genesis& genesis = execution.genesis();
    const Amount supply = first_supply(genesis);
    execution.put(supply_key(), Supply{supply, {}});
    for (const FirstAccount& first : genesis.accounts)
        if (first.balance != Amount{}) give_coins(execution, first.account, first.balance);
    if (std::holds_alternative<CccPolicy>(genesis.policy)) {
        CccState state;
        state.emission.skip(supply);
        execution.put(ccc_key(), state);
    } else {
        execution.put(points_key(), PointsState{});
    }
    remember(execution);
}

bool is_equivocation(const EvidenceArguments& arguments)
{
    std::array<Header, 2> headers;
    std::array<Seal, 2> seals;
    try {
        for (std::size_t i = 0; i < 2; ++i) {
            headers.at(i) = parse_header(arguments.headers.at(i));
            seals.at(i) = parse_seal(arguments.seals.at(i));
        }
    } catch (const Error&) {
        return false;
    }
    const std::array ids{block_id(headers[0]), block_id(headers[1])};
    return headers[0].height == headers[1].height && headers[0].parent == headers[1].parent &&
           headers[0].chain == headers[1].chain && ids[0] != ids[1] &&
           seals[0].key == seals[1].key && is_sealed(ids[0], seals[0]) &&
           is_sealed(ids[1], seals[1]);
}

Module policy_module()
{
    return {.number = module_number::policy,
            .name = "policy",
            .shape_of = shape_of,
            .run = run,
            .atoms_in = policy_atoms_in};
}

} // namespace cairn
