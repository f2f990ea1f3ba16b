#include "ledger/coins.hpp"

#include "base/error.hpp"
#include "ledger/registry.hpp"

namespace cairn {
namespace {

constexpr StateTable accounts{module_number::coins, 1};

/// Sum of amounts in the arguments; none when it is more than there can be.
std::optional<Amount> total(const TransferArguments& arguments)
{
    Amount sum;
    for (const CoinTransfer& transfer : arguments.transfers) {
        const auto next = plus(sum, transfer.amount);
        if (!next) return std::nullopt;
        sum = *next;
    }
    return sum;
}

/// An account of a key with so much more; a new one where there is none.
void add_coins(Execution& execution, const StateKey& key, std::optional<Account> account,
               Amount amount)
{
    if (!account) {
        account.emplace();
        account->created = account->active = execution.block().height;
    }
    const std::optional<Amount> sum = plus(account->balance, amount);
    if (!sum) throw Error{Exit::bug, "an account would have more than there can be"};
    account->balance = *sum;
    execution.put(key, *account);
}

Status run_transfer(Execution& execution, const Call& call)
{
    const TransferArguments arguments = parse_transfer(call.arguments);
    const auto sum = total(arguments);
    if (!sum || !take_coins(execution, call.sender, *sum)) return Status::no_funds;
    for (const CoinTransfer& transfer : arguments.transfers) {
        const Status status = send_coins(execution, transfer.to, transfer.amount);
        if (status != Status::done) return status;
    }
    return Status::done;
}

Status run_controller(Execution& execution, const Call& call)
{
    std::optional<Account> account = find_account(execution, call.sender);
    if (!account) return Status::absent;
    account->controller = parse_controller(call.arguments).controller;
    execution.put(account_key(call.sender), *account);
    return Status::done;
}

Status run_close(Execution& execution, const Call& call)
{
    const std::optional<Account> account = find_account(execution, call.sender);
    if (!account) return Status::absent;
    // Its bond would come back to an account that has forgotten who acts for it.
    if (execution.has(provider_key(call.sender))) return Status::locked;
    const AccountId to = parse_close(call.arguments).to;
    if (to == call.sender) return Status::not_allowed;
    const std::optional<Amount> all = plus(account->balance, account->deposit);
    if (!all) throw Error{Exit::bug, "an account has more than there can be"};
    execution.erase(account_key(call.sender));
    return *all == Amount{} ? Status::done : send_coins(execution, to, *all);
}

CallShape shape_of(const Call& call)
{
    switch (static_cast<CoinsMethod>(call.method)) {
    case CoinsMethod::transfer: {
        const TransferArguments arguments = parse_transfer(call.arguments);
        return {.writes = arguments.transfers.size(),
                .takes = total(arguments).value_or(Amount{UINT64_MAX})};
    }
    case CoinsMethod::controller:
        (void)parse_controller(call.arguments);
        return {};
    case CoinsMethod::close:
        (void)parse_close(call.arguments);
        return {.writes = 1, .takes_all = true};
    }
    throw Error{Exit::data, "module coins has no such method"};
}

Status run(Execution& execution, const Call& call)
{
    switch (static_cast<CoinsMethod>(call.method)) {
    case CoinsMethod::transfer:
        return run_transfer(execution, call);
    case CoinsMethod::controller:
        return run_controller(execution, call);
    case CoinsMethod::close:
        return run_close(execution, call);
    }
    throw Error{Exit::bug, "a method that was not looked at"};
}

Amount atoms_in(std::uint8_t table, ByteView value)
{
    if (table != accounts.number) throw Error{Exit::data, "module coins has no such table"};
    const auto account = parse_record<Account>(value);
    const std::optional<Amount> sum = plus(account.balance, account.deposit);
    if (!sum) throw Error{Exit::data, "an account has more than there can be"};
    return *sum;
}

} // namespace

void Account::put(CborWriter& writer) const
{
    writer.array(6);
    writer.number(balance.atoms);
    writer.number(deposit.atoms);
    writer.number(created.value);
    writer.number(active.value);
    if (controller)
        writer.bytes(controller->bytes);
    else
        writer.null();
    writer.array(2 * lanes.size());
    for (const LaneState& state : lanes) {
        writer.number(state.lane.value);
        writer.number(state.next);
    }
}

Account Account::take(CborReader& reader)
{
    reader.array(6);
    Account account;
    account.balance.atoms = reader.number();
    account.deposit.atoms = reader.number();
    account.created.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    account.active.value = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    if (reader.is_null())
        reader.null();
    else
        account.controller = reader.fixed<DescriptorId>();
    const std::size_t items = reader.array_up_to(2 * lanes_max);
    if (items % 2 != 0) reader.refuse("lanes without their numbers");
    account.lanes.resize(items / 2);
    for (std::size_t i = 0; i < account.lanes.size(); ++i) {
        LaneState& state = account.lanes[i];
        state.lane.value = static_cast<std::uint16_t>(reader.number(UINT16_MAX));
        if (i > 0 && state.lane <= account.lanes[i - 1].lane)
            reader.refuse("lanes not in their order");
        state.next = reader.number(sequence_max + 1);
    }
    return account;
}

std::uint64_t Account::next_sequence(Lane lane) const
{
    const auto found = std::ranges::find(lanes, lane, &LaneState::lane);
    return found == lanes.end() ? sequence_end(created) : found->next;
}

StateKey account_key(const AccountId& id)
{
    return state_key(accounts, id.bytes);
}

std::optional<Account> find_account(Execution& execution, const AccountId& id)
{
    return execution.find<Account>(account_key(id));
}

bool take_coins(Execution& execution, const AccountId& from, Amount amount)
{
    const StateKey key = account_key(from);
    std::optional<Account> account = execution.find<Account>(key);
    if (!account) return amount == Amount{};
    const std::optional<Amount> left = minus(account->balance, amount);
    if (!left) return false;
    account->balance = *left;
    execution.put(key, *account);
    return true;
}

void give_coins(Execution& execution, const AccountId& to, Amount amount)
{
    const StateKey key = account_key(to);
    add_coins(execution, key, execution.find<Account>(key), amount);
    Bytes data;
    CborWriter writer{data};
    writer.array(2);
    writer.bytes(to.bytes);
    writer.number(amount.atoms);
    execution.tell(module_number::coins, static_cast<std::uint16_t>(CoinsEvent::given),
                   std::move(data));
}

Status send_coins(Execution& execution, const AccountId& to, Amount amount)
{
    const StateKey key = account_key(to);
    if (auto there = execution.find<Account>(key)) {
        add_coins(execution, key, std::move(there), amount);
        return Status::done;
    }
    Account account;
    account.deposit = execution.deposit_for(account_deposit_bytes);
    const std::optional<Amount> rest = minus(amount, account.deposit);
    if (!rest) return Status::too_small;
    account.balance = *rest;
    account.created = account.active = execution.block().height;
    execution.put(key, account);
    return Status::done;
}

Bytes to_bytes(const TransferArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(2);
    writer.array(2 * arguments.transfers.size());
    for (const CoinTransfer& transfer : arguments.transfers) {
        writer.bytes(transfer.to.bytes);
        writer.number(transfer.amount.atoms);
    }
    writer.bytes(arguments.reference);
    return bytes;
}

TransferArguments parse_transfer(ByteView bytes)
{
    CborReader reader{bytes, "the transfer"};
    reader.array(2);
    TransferArguments arguments;
    const std::size_t items = reader.array_up_to(2 * transfers_max);
    if (items == 0 || items % 2 != 0) reader.refuse("no transfers");
    arguments.transfers.resize(items / 2);
    for (CoinTransfer& transfer : arguments.transfers) {
        transfer.to = reader.fixed<AccountId>();
        transfer.amount.atoms = reader.number();
        if (transfer.amount == Amount{}) reader.refuse("nothing to transfer");
    }
    const ByteView reference = reader.bytes_up_to(reference_size_max);
    arguments.reference.assign(reference.begin(), reference.end());
    reader.finish();
    return arguments;
}

Bytes to_bytes(const ControllerArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(1);
    if (arguments.controller)
        writer.bytes(arguments.controller->bytes);
    else
        writer.null();
    return bytes;
}

ControllerArguments parse_controller(ByteView bytes)
{
    CborReader reader{bytes, "the controller"};
    reader.array(1);
    ControllerArguments arguments;
    if (reader.is_null())
        reader.null();
    else
        arguments.controller = reader.fixed<DescriptorId>();
    reader.finish();
    return arguments;
}

Bytes to_bytes(const CloseArguments& arguments)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(1);
    writer.bytes(arguments.to.bytes);
    return bytes;
}

CloseArguments parse_close(ByteView bytes)
{
    CborReader reader{bytes, "the closing"};
    reader.array(1);
    const CloseArguments arguments{reader.fixed<AccountId>()};
    reader.finish();
    return arguments;
}

Module coins_module()
{
    return {.number = module_number::coins,
            .name = "coins",
            .shape_of = shape_of,
            .run = run,
            .atoms_in = atoms_in};
}

} // namespace cairn
