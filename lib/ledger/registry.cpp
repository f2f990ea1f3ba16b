#include "ledger/registry.hpp"

#include "base/error.hpp"
#include "ledger/block.hpp"
#include "ledger/coins.hpp"
#include "ledger/group.hpp"
#include "ledger/policy.hpp"

namespace cairn {
namespace {

constexpr StateTable providers{module_number::registry, 1};
constexpr StateTable node_keys{module_number::registry, 2};
constexpr StateTable earnings{module_number::registry, 3};
constexpr StateTable assignments{module_number::registry, 4};

static_assert(group_calls_max * releases_max <= receipt_events_max); // each tells of what it gives

/// The owner of a node key.
struct NodeKeyOwner {
    AccountId account;

    void put(CborWriter& writer) const
    {
        writer.array(1);
        writer.bytes(account.bytes);
    }
    static NodeKeyOwner take(CborReader& reader)
    {
        reader.array(1);
        return {reader.fixed<AccountId>()};
    }
};

/// What of a bond counts for a share of what is minted.
Amount counted(Execution& execution, Amount bond)
{
    const RegistryRules& rules = execution.genesis().registry;
    return bond < rules.bond_min ? Amount{} : std::min(bond, rules.bond_max);
}

std::uint32_t blocks(std::uint64_t count)
{
    return static_cast<std::uint32_t>(count); // a genesis has limits
}

Amount must_be(std::optional<Amount> amount)
{
    if (!amount) throw Error{Exit::bug, "there is more than there can be"};
    return *amount;
}

/// A provider, and what is to become of its record.
class Member {
public:
    Member(Execution& execution, const AccountId& account)
        : execution_{&execution},
          account_{account},
          provider_{execution.find<Provider>(provider_key(account))}
    {
    }

    explicit operator bool() const { return provider_.has_value(); }
    Provider* operator->() { return &*provider_; }

    void save() { execution_->put(provider_key(account_), *provider_); }

    /// Settles its share and changes its bond.
    void set_bond(Amount bond)
    {
        settle();
        count_bond(*execution_, counted(*execution_, provider_->bond), counted(*execution_, bond));
        provider_->bond = bond;
    }

    void settle()
    {
        const Amount earned =
            settle_share(*execution_, counted(*execution_, provider_->bond), provider_->share);
        give_earnings(*execution_, account_, *provider_, earned);
    }

private:
    Execution* execution_;
    AccountId account_;
    std::optional<Provider> provider_;
};

bool consents(Execution& execution, const Call& call, const Ed25519PublicKey& node,
              const Ed25519Signature& consent)
{
    return verify(node, consent_message(execution.block().chain, call.sender), consent);
}

Status run_join(Execution& execution, const Call& call)
{
    const JoinArguments arguments = parse_join(call.arguments);
    if (arguments.bond < execution.genesis().registry.bond_min) return Status::too_small;
    if (execution.has(provider_key(call.sender)) ||
        execution.has(node_key_owner(arguments.node_key)))
        return Status::exists;
    if (!consents(execution, call, arguments.node_key, arguments.consent)) return Status::not_true;
    Provider provider;
    provider.deposit = execution.deposit_for(provider_deposit_bytes);
    const auto needed = plus(arguments.bond, provider.deposit);
    if (!needed || !take_coins(execution, call.sender, *needed)) return Status::no_funds;
    provider.node_key = arguments.node_key;
    provider.offer = arguments.offer;
    provider.kind = arguments.kind;
    provider.registered = provider.bonded = execution.block().height;
    provider.bond = arguments.bond;
    (void)settle_share(execution, {}, provider.share); // begins now
    count_bond(execution, {}, counted(execution, provider.bond));
    execution.put(provider_key(call.sender), provider);
    execution.put(node_key_owner(provider.node_key), NodeKeyOwner{call.sender});
    return Status::done;
}

Status run_offer(Execution& execution, const Call& call)
{
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    member->offer = parse_offer(call.arguments);
    member.save();
    return Status::done;
}

Status run_bond(Execution& execution, const Call& call)
{
    const Amount amount = parse_amount_arguments(call.arguments).amount;
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    if (!take_coins(execution, call.sender, amount)) return Status::no_funds;
    member.set_bond(must_be(plus(member->bond, amount)));
    member->bonded = execution.block().height;
    member.save();
    return Status::done;
}

Status run_unbond(Execution& execution, const Call& call)
{
    const Amount amount = parse_amount_arguments(call.arguments).amount;
    const RegistryRules& rules = execution.genesis().registry;
    const Height now = execution.block().height;
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    if (member->kind == ProviderClass::professional &&
        now < member->bonded + blocks(rules.professional_blocks))
        return Status::locked;
    const std::optional<Amount> left = minus(member->bond, amount);
    if (!left) return Status::no_funds;
    if (*left != Amount{} && *left < rules.bond_min) return Status::too_small;
    member.set_bond(*left);
    member->unbonding = must_be(plus(member->unbonding, amount));
    member->unbonds = now + blocks(rules.unbond_blocks);
    member.save();
    return Status::done;
}

Status run_withdraw(Execution& execution, const Call& call)
{
    Member member{execution, call.sender};
    if (!member || member->unbonding == Amount{}) return Status::absent;
    if (execution.block().height < member->unbonds) return Status::locked;
    give_coins(execution, call.sender, std::exchange(member->unbonding, {}));
    member.save();
    return Status::done;
}

Status run_leave(Execution& execution, const Call& call)
{
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    if (member->bond != Amount{} || member->unbonding != Amount{}) return Status::locked;
    give_coins(execution, call.sender, member->deposit);
    execution.erase(node_key_owner(member->node_key));
    if (member->next_key) execution.erase(node_key_owner(*member->next_key));
    execution.erase(provider_key(call.sender));
    return Status::done;
}

Status run_rotate(Execution& execution, const Call& call)
{
    const RotateArguments arguments = parse_rotate(call.arguments);
    const Height now = execution.block().height;
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    if (execution.has(node_key_owner(arguments.node_key))) return Status::exists;
    if (!consents(execution, call, arguments.node_key, arguments.consent)) return Status::not_true;
    if (member->next_key && now < member->next_key_height) return Status::locked;
    if (member->next_key) {
        execution.erase(node_key_owner(member->node_key));
        member->node_key = *member->next_key;
    }
    member->next_key = arguments.node_key;
    member->next_key_height = now + blocks(execution.genesis().registry.assign_blocks);
    execution.put(node_key_owner(arguments.node_key), NodeKeyOwner{call.sender});
    member.save();
    return Status::done;
}

Status run_settle(Execution& execution, const Call& call)
{
    Member member{execution, call.sender};
    if (!member) return Status::absent;
    member.settle();
    member.save();
    return Status::done;
}

Status run_release(Execution& execution, const Call& call)
{
    const Height now = execution.block().height;
    for (const Height earned : parse_release(call.arguments).earned) {
        const StateKey key = earning_key(call.sender, earned);
        const auto earning = execution.find<Earning>(key);
        if (!earning) return Status::absent;
        if (now < earned + blocks(execution.genesis().registry.earnings_blocks))
            return Status::locked;
        execution.erase(key);
        give_coins(execution, call.sender, earning->amount);
    }
    return Status::done;
}

Status run_assign(Execution& execution, const Call& call)
{
    const AssignArguments arguments = parse_assign(call.arguments);
    const Height now = execution.block().height;
    const StateKey key = assignment_key({call.sender, arguments.salt});
    const auto before = execution.find<Assignment>(key);
    if (before && (!before->until || now < *before->until)) return Status::exists;
    const Height from = now + blocks(execution.genesis().registry.assign_blocks);
    execution.put(key, Assignment{arguments.key, from, std::nullopt});
    return Status::done;
}

Status run_revoke(Execution& execution, const Call& call)
{
    const StateKey key = assignment_key({call.sender, parse_revoke(call.arguments).salt});
    auto assignment = execution.find<Assignment>(key);
    if (!assignment) return Status::absent;
    if (assignment->until) return Status::exists;
    assignment->until =
        execution.block().height + blocks(execution.genesis().registry.revoke_blocks);
    execution.put(key, *assignment);
    return Status::done;
}

Amount atoms_in(std::uint8_t table, ByteView value)
{
    if (table == providers.number) {
        const auto provider = parse_record<Provider>(value);
        return must_be(plus(must_be(plus(provider.bond, provider.unbonding)), provider.deposit));
    }
    if (table == earnings.number) return parse_record<Earning>(value).amount;
    return {};
}

using Run = Status (*)(Execution&, const Call&);

/// What there is to do, and what the arguments tell of it.
struct Method {
    Run run = nullptr;
    CallShape (*look)(ByteView arguments) = nullptr;
};

/// Of arguments that `Parse` reads.
template <auto Parse, std::uint64_t Writes>
CallShape look(ByteView arguments)
{
    (void)Parse(arguments);
    return {Writes};
}

CallShape look_at_join(ByteView arguments)
{
    return {.writes = 3, .takes = parse_join(arguments).bond};
}

CallShape look_at_bond(ByteView arguments)
{
    return {.writes = 3, .takes = parse_amount_arguments(arguments).amount};
}

template <std::uint64_t Writes>
CallShape look_at_none(ByteView arguments)
{
    if (!std::ranges::equal(arguments, no_arguments()))
        throw Error{Exit::data, "there are no arguments of this method"};
    return {Writes};
}

CallShape look_at_release(ByteView arguments)
{
    return {parse_release(arguments).earned.size()};
}

Method method_of(const Call& call)
{
    switch (static_cast<RegistryMethod>(call.method)) {
    case RegistryMethod::join:
        return {run_join, look_at_join};
    case RegistryMethod::offer:
        return {run_offer, look<parse_offer, 1>};
    case RegistryMethod::bond:
        return {run_bond, look_at_bond};
    case RegistryMethod::unbond:
        return {run_unbond, look<parse_amount_arguments, 3>};
    case RegistryMethod::withdraw:
        return {run_withdraw, look_at_none<1>};
    case RegistryMethod::leave:
        return {run_leave, look_at_none<3>};
    case RegistryMethod::rotate:
        return {run_rotate, look<parse_rotate, 3>};
    case RegistryMethod::settle:
        return {run_settle, look_at_none<3>};
    case RegistryMethod::release:
        return {run_release, look_at_release};
    case RegistryMethod::assign:
        return {run_assign, look<parse_assign, 1>};
    case RegistryMethod::revoke:
        return {run_revoke, look<parse_revoke, 1>};
    }
    throw Error{Exit::data, "module registry has no such method"};
}

CallShape shape_of(const Call& call)
{
    return method_of(call).look(call.arguments);
}

Status run(Execution& execution, const Call& call)
{
    return method_of(call).run(execution, call);
}

} // namespace

StateKey provider_key(const AccountId& account)
{
    return state_key(providers, account.bytes);
}

StateKey node_key_owner(const Ed25519PublicKey& node_key)
{
    return state_key(node_keys, node_key.bytes);
}

StateKey earning_key(const AccountId& account, Height earned)
{
    return state_key(earnings, account.bytes, earned.value);
}

StateKey assignment_key(const WinningPlot& plot)
{
    return state_key(assignments, plot.account.bytes, plot.salt);
}

bool may_seal(Execution& execution, const WinningPlot& plot, const Ed25519PublicKey& key)
{
    const Height now = execution.block().height;
    const auto assignment = execution.find<Assignment>(assignment_key(plot));
    if (assignment && assignment->from <= now && (!assignment->until || now < *assignment->until))
        return assignment->key == key;
    const std::optional<Account> account = find_account(execution, plot.account);
    const Descriptor alone{1, {key}};
    if (account && account->controller) return *account->controller == descriptor_id(alone);
    return account_id(key) == plot.account || account_id(descriptor_id(alone)) == plot.account;
}

void give_earnings(Execution& execution, const AccountId& account, const Provider& provider,
                   Amount amount)
{
    if (amount == Amount{}) return;
    if (provider.kind == ProviderClass::amateur) {
        give_coins(execution, account, amount);
        return;
    }
    const StateKey key = earning_key(account, execution.block().height);
    const auto before = execution.find<Earning>(key);
    execution.put(key, Earning{must_be(plus(before ? before->amount : Amount{}, amount))});
}

Module registry_module()
{
    return {.number = module_number::registry,
            .name = "registry",
            .shape_of = shape_of,
            .run = run,
            .atoms_in = atoms_in};
}

} // namespace cairn
