#include "wallet/spend.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "ledger/group.hpp"
#include "wallet/consent.hpp"
#include "wallet/effect.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cairn {
namespace {

constexpr std::size_t pool_max = 500;          // transactions that are looked through
constexpr std::size_t recent_max = 2'000;      // entries of a history
constexpr std::uint64_t recent_page = 200;     // entries
constexpr std::uint64_t next_blocks_count = 2; // in one of which a transaction should be

[[noreturn]] void refuse(const std::string& reason, const std::string& hint = {})
{
    throw Error{Exit::no, reason, hint};
}

void add(Amount& sum, Amount amount)
{
    sum = plus(sum, amount).value_or(Amount{UINT64_MAX});
}

Height last_block(const Circumstances& now, const SpendTerms& terms)
{
    if (terms.valid_until) return *terms.valid_until;
    const std::uint64_t blocks = std::min(terms.valid_blocks, now.facts.genesis.block.valid_blocks);
    return now.sender.height +
           static_cast<std::uint32_t>(std::min<std::uint64_t>(blocks, UINT32_MAX));
}

void set_fee(Transaction& draft, const Circumstances& now, std::size_t signatures,
             const SpendTerms& terms)
{
    set_least_fee(draft, now.facts.genesis, signatures);
    const Amount least = draft.body.fee;
    if (terms.fee) {
        draft.body.fee = *terms.fee;
        const Amount needed = least_fee(now.facts.genesis, signed_weight(draft, signatures));
        if (*terms.fee < needed)
            refuse("low-fee: the fee is below the least, which is " + to_text(needed) + " coins");
    } else {
        const Amount wanted =
            now.node.estimate(signed_weight(draft, signatures), next_blocks_count);
        draft.body.fee = std::max(least, wanted);
        if (draft.body.fee > least) // in more bytes, which cost too
            draft.body.fee =
                std::max(draft.body.fee,
                         now.node.estimate(signed_weight(draft, signatures), next_blocks_count));
    }
    const Amount most = terms.fee_max.value_or(
        terms.fee ? *terms.fee
                  : Amount{static_cast<std::uint64_t>(
                        std::min<Uint128>(Uint128{least.atoms} * fee_factor_max, UINT64_MAX))});
    if (draft.body.fee > most)
        refuse("the fee would be " + to_text(draft.body.fee) + " coins, which is above the limit",
               "allow it with --max-fee");
}

void check_funds(const Transaction& draft, const AccountView& sender)
{
    if (!sender.account)
        refuse("no-funds: account " + to_hex_text(sender.id.bytes) + " is not there");
    const Cost cost = cost_of(draft);
    if (cost.total > sender.account->balance)
        refuse("no-funds: " + to_text(cost.total) + " coins are needed, and there are " +
               to_text(sender.account->balance));
}

/// Adds what a transaction does to an account, which is not final or waits.
void add_effect(const Effect& effect, Amount& in, Amount& out)
{
    add(in, effect.in);
    add(out, effect.out);
    add(out, effect.fee);
}

void add_recent(Balance& balance, const Circumstances& now)
{
    std::optional<HistoryPlace> before;
    std::size_t seen = 0;
    for (;;) {
        const auto entries = now.node.history(now.sender.id, before, recent_page);
        for (const HistoryEntry& entry : entries) {
            if (entry.is_final) return;
            if (!entry.transaction) continue;
            std::vector<CoinTransfer> given;
            if (needs_receipt(*entry.transaction)) {
                const auto view = now.node.transaction(transaction_id(entry.transaction->body));
                if (view) given = given_in(view->json.member("receipt"));
            }
            const Effect effect = effect_on(now.sender.id, *entry.transaction,
                                            now.facts.genesis.fee, entry.is_done, given);
            add_effect(effect, balance.recent_in, balance.recent_out);
            balance.is_recent_whole = balance.is_recent_whole && effect.is_whole;
        }
        seen += entries.size();
        if (entries.empty()) return;
        before = entries.back().place;
        if (seen < recent_max) continue;
        balance.is_recent_whole = false;
        return;
    }
}

void add_pending(Balance& balance, const Circumstances& now)
{
    balance.is_pool_whole = now.facts.waiting <= pool_max;
    for (const Transaction& transaction : now.node.pool(pool_max)) {
        const Effect effect =
            effect_on(now.sender.id, transaction, now.facts.genesis.fee, true, {});
        add_effect(effect, balance.pending_in, balance.pending_out);
    }
}

/// Gives the calls of a group the numbers that they left out, each behind those before it.
void fill_group(Call& group, const Circumstances& now)
{
    std::map<std::pair<AccountId, Lane>, std::uint64_t> next;
    next[{group.sender, group.lane}] = group.sequence + 1;
    std::vector<Call> calls = parse_group(group.arguments);
    for (Call& call : calls) {
        if (call.sender == AccountId{}) call.sender = group.sender;
        const std::pair place{call.sender, call.lane};
        if (!next.contains(place)) next[place] = now.node.account(call.sender).next_in(call.lane);
        if (call.sequence == 0) call.sequence = next[place];
        next[place] = call.sequence + 1;
    }
    group.arguments = to_bytes(std::span<const Call>{calls});
}

/// What a call leaves out.
void fill(Call& call, const Circumstances& now, const SpendTerms& terms)
{
    if (call.sender == AccountId{}) call.sender = now.sender.id;
    if (call.sender != now.sender.id) refuse("the call is by another account");
    if (call.lane == Lane{}) call.lane = terms.lane;
    if (terms.sequence) call.sequence = *terms.sequence;
    if (call.sequence == 0) call.sequence = now.sender.next_in(call.lane);
    if (call.module == module_number::group) fill_group(call, now);
}

} // namespace

Transaction prepare(const Circumstances& now, Call call, const Authority& authority,
                    const SpendTerms& terms)
{
    fill(call, now, terms);
    for (const Call& each : calls_of(call))
        if (const std::string fault = fault_of_joining(each, now.facts.genesis, now.facts.chain);
            !fault.empty())
            refuse(fault);
    Transaction draft{{now.facts.chain, std::move(call), {}, last_block(now, terms)}, {}, {}};
    if (authority.descriptor) attach(draft, *authority.descriptor);
    for (const Descriptor& other : authority.others) attach(draft, other);
    set_fee(draft, now, authority.signatures, terms);
    check_funds(draft, now.sender);
    return draft;
}

std::vector<std::string> recipient_notes(const Circumstances& now, const Transaction& draft)
{
    const Amount deposit{account_deposit_bytes * now.facts.genesis.fee.byte_atoms};
    std::vector<std::string> notes;
    std::set<AccountId> seen;
    for (const Call& call : calls_of(draft.body.call)) {
        if (call.module != module_number::coins ||
            call.method != static_cast<std::uint16_t>(CoinsMethod::transfer))
            continue;
        for (const CoinTransfer& transfer : parse_transfer(call.arguments).transfers) {
            if (!seen.insert(transfer.to).second) continue;
            if (now.node.account(transfer.to).account) continue;
            const std::string who = to_hex_text(transfer.to.bytes);
            if (transfer.amount < deposit)
                refuse("too-small: account " + who + " is not there yet, and its deposit is " +
                       to_text(deposit) + " coins");
            notes.push_back("account " + who + " is not there yet: " + to_text(deposit) +
                            " coins of what it gets become its deposit");
        }
    }
    return notes;
}

Balance balance_of(const Circumstances& now)
{
    Balance balance;
    if (now.sender.account) {
        balance.available = now.sender.account->balance;
        balance.deposit = now.sender.account->deposit;
    }
    for (const LaterAmount& later : now.sender.maturing) add(balance.maturing, later.amount);
    for (const LaterAmount& later : now.sender.earned) add(balance.earned, later.amount);
    balance.bonded = now.node.bonded(now.sender.id);
    for (const Amount amount :
         {balance.available, balance.maturing, balance.earned, balance.bonded, balance.deposit})
        add(balance.total, amount);
    add_recent(balance, now);
    add_pending(balance, now);
    balance.confirmed = minus(balance.available, balance.recent_in).value_or(Amount{});
    return balance;
}

} // namespace cairn
