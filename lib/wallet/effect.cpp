#include "wallet/effect.hpp"

#include "base/hex.hpp"
#include "base/number.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t head_deposit_bytes = 64; // besides its own, cairn-ledger(7)

template <class Method>
bool is_call(const Call& call, std::uint16_t module, Method method)
{
    return call.module == module && call.method == static_cast<std::uint16_t>(method);
}

void add(Amount& sum, Amount amount)
{
    sum = plus(sum, amount).value_or(Amount{UINT64_MAX});
}

Amount deposit_of(std::uint64_t bytes, const FeeRules& fees)
{
    return {bytes * fees.byte_atoms};
}

void send(Effect& effect, const AccountId& account, const AccountId& sender, CoinTransfer transfer)
{
    if (sender == account) {
        add(effect.out, transfer.amount);
        effect.to.push_back(transfer);
    }
    if (transfer.to == account) {
        add(effect.in, transfer.amount);
        effect.from.push_back({sender, transfer.amount});
    }
}

void apply(Effect& effect, const AccountId& account, const Call& call, const FeeRules& fees)
{
    const bool is_own = call.sender == account;
    if (is_call(call, module_number::coins, CoinsMethod::transfer)) {
        for (const CoinTransfer& transfer : parse_transfer(call.arguments).transfers)
            send(effect, account, call.sender, transfer);
    } else if (is_call(call, module_number::coins, CoinsMethod::close)) {
        if (is_own || parse_close(call.arguments).to == account) effect.is_whole = false;
    } else if (is_call(call, module_number::policy, PolicyMethod::sweep)) {
        if (parse_sweep(call.arguments).account == account) effect.is_whole = false;
    } else if (!is_own) {
        return;
    } else if (is_call(call, module_number::registry, RegistryMethod::join)) {
        add(effect.out, parse_join(call.arguments).bond);
        add(effect.out, deposit_of(provider_deposit_bytes, fees));
    } else if (is_call(call, module_number::registry, RegistryMethod::bond)) {
        add(effect.out, parse_amount_arguments(call.arguments).amount);
    } else if (is_call(call, module_number::files, FilesMethod::set)) {
        const std::uint64_t size = parse_set(call.arguments).bytes.size();
        add(effect.out, deposit_of(head_deposit_bytes + size, fees));
    } else if (is_call(call, module_number::policy, PolicyMethod::attach)) {
        const AttachArguments arguments = parse_attach(call.arguments);
        add(effect.out, arguments.amount);
        effect.to.push_back({arguments.provider, arguments.amount});
    }
}

} // namespace

Effect effect_on(const AccountId& account, const Transaction& transaction, const FeeRules& fees,
                 bool is_done, std::span<const CoinTransfer> given)
{
    Effect effect;
    const Call& own = transaction.body.call;
    if (own.sender == account) effect.fee = transaction.body.fee;
    if (!is_done) return effect;
    for (const Call& call : calls_of(own)) apply(effect, account, call, fees);
    for (const CoinTransfer& each : given)
        if (each.to == account) add(effect.in, each.amount);
    return effect;
}

std::vector<CoinTransfer> given_in(const Json& receipt)
{
    std::vector<CoinTransfer> given;
    const Json events = receipt.member("events");
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Json event = events.item(i);
        if (event.member("event").text() != "given") continue;
        const auto to = parse_hex<AccountId>(event.member("account").text().value_or(""));
        const auto atoms = parse_number(event.member("atoms").text().value_or(""));
        if (to && atoms) given.push_back({*to, {*atoms}});
    }
    return given;
}

bool needs_receipt(const Transaction& transaction)
{
    const std::vector<Call> calls = calls_of(transaction.body.call);
    return !std::ranges::all_of(
        calls, [](const Call& call) { return call.module == module_number::coins; });
}

} // namespace cairn
