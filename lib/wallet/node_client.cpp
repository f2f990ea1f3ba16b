#include "wallet/node_client.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "ledger/registry.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t page_entries = 200; // of a reply

[[noreturn]] void refuse(const std::string& name)
{
    throw Error{Exit::protocol, "the node's reply has no '" + name + "' as it should be"};
}

std::uint64_t number_in(const Json& json, const std::string& name, std::uint64_t max)
{
    const auto number = json.member(name).number();
    if (!number || *number > max) refuse(name);
    return *number;
}

Height height_in(const Json& json, const std::string& name)
{
    return {static_cast<std::uint32_t>(number_in(json, name, UINT32_MAX))};
}

Amount amount_in(const Json& json, const std::string& name)
{
    return {number_in(json, name, UINT64_MAX)};
}

bool boolean_in(const Json& json, const std::string& name)
{
    const auto boolean = json.member(name).boolean();
    if (!boolean) refuse(name);
    return *boolean;
}

template <class FixedBytes>
FixedBytes id_in(const Json& json, const std::string& name)
{
    const auto id = parse_hex<FixedBytes>(json.member(name).text().value_or(""));
    if (!id) refuse(name);
    return *id;
}

template <class Item, class Read>
std::vector<Item> items_in(const Json& json, const std::string& name, Read read)
{
    const Json list = json.member(name);
    if (!list.is_array()) refuse(name);
    std::vector<Item> items;
    for (std::size_t i = 0; i < list.size(); ++i) items.push_back(read(list.item(i)));
    return items;
}

Lane lane_in(const Json& json)
{
    return {static_cast<std::uint16_t>(number_in(json, "lane", UINT16_MAX))};
}

Account account_in(const Json& json)
{
    Account account;
    account.balance = amount_in(json, "balance_atoms");
    account.deposit = amount_in(json, "deposit_atoms");
    account.created = height_in(json, "created");
    account.active = height_in(json, "active");
    if (!json.member("controller").is_null())
        account.controller = id_in<DescriptorId>(json, "controller");
    account.lanes = items_in<LaneState>(json, "lanes", [](const Json& lane) {
        return LaneState{lane_in(lane), number_in(lane, "next", sequence_max + 1)};
    });
    return account;
}

LaterAmount later_amount(const Json& json)
{
    return {amount_in(json, "atoms"), height_in(json, "from_height")};
}

HistoryEntry history_entry(const Json& json)
{
    HistoryEntry entry{.json = json};
    entry.place = {height_in(json, "height"), UINT32_MAX};
    entry.confirmations = number_in(json, "confirmations", UINT32_MAX);
    entry.is_final = boolean_in(json, "is_final");
    if (json.member("kind").text() == "block") return entry;
    entry.place.index = number_in(json, "index", UINT32_MAX);
    entry.is_done = json.member("status").text() == "done";
    return entry;
}

} // namespace

std::uint64_t AccountView::next_in(Lane lane) const
{
    std::uint64_t next = account ? account->next_sequence(lane) : next_sequence;
    if (lane == Lane{}) next = std::max(next, next_sequence);
    for (bool is_taken = true; is_taken;) {
        is_taken = std::ranges::any_of(waiting, [&](const WaitingCall& call) {
            return call.lane == lane && call.sequence == next;
        });
        if (is_taken) ++next;
    }
    return next;
}

NodeClient NodeClient::at(const std::string& endpoint, std::uint64_t timeout_ms)
{
    check_local_endpoint(endpoint);
    return NodeClient{[endpoint, timeout_ms](const LocalRequest& request) {
        return call_local(endpoint, request, timeout_ms);
    }};
}

NodeClient::Answer NodeClient::call(const std::string& method, const Json& request,
                                    Bytes body) const
{
    LocalReply reply = ask_({method, request.dump(), std::move(body)});
    Answer answer{reply.status == "ok", {}, std::move(reply.body)};
    try {
        answer.json = Json::parse(reply.json, "the node's reply");
    } catch (const Error& error) {
        throw Error{Exit::protocol, error.what()};
    }
    if (answer.is_ok || reply.status == "no") return answer;
    throw Error{reply.status == "unsupported" ? Exit::protocol : Exit::unavail,
                "the node answers: " + answer.json.member("message").text().value_or(reply.status)};
}

ChainFacts NodeClient::facts() const
{
    const Answer genesis = call("genesis", Json::object());
    const Answer status = call("status", Json::object());
    ChainFacts facts;
    facts.genesis = parse_genesis(as_text(genesis.body));
    facts.chain = network_id(facts.genesis);
    if (facts.chain != id_in<NetworkId>(status.json, "chain")) refuse("chain");
    facts.height = height_in(status.json, "height");
    facts.is_synced = boolean_in(status.json, "is_synced");
    facts.waiting = number_in(status.json, "mempool_transactions", UINT64_MAX);
    return facts;
}

AccountView NodeClient::account(const AccountId& id) const
{
    const Answer answer = call("account", Json::object().set("account", to_hex_text(id.bytes)));
    const Json& json = answer.json;
    AccountView view{.id = id, .height = height_in(json, "height"), .account = std::nullopt};
    if (boolean_in(json, "is_here")) view.account = account_in(json);
    view.next_sequence = number_in(json, "next_sequence", sequence_max + 1);
    view.waiting = items_in<WaitingCall>(json, "waiting", [](const Json& call) {
        return WaitingCall{id_in<TransactionId>(call, "id"), lane_in(call),
                           number_in(call, "sequence", sequence_max)};
    });
    view.maturing = items_in<LaterAmount>(json, "maturing", later_amount);
    view.earned = items_in<LaterAmount>(json, "earned", later_amount);
    return view;
}

std::optional<TransactionView> NodeClient::transaction(const TransactionId& id) const
{
    const Answer answer = call("transaction", Json::object().set("id", to_hex_text(id.bytes)));
    if (!answer.is_ok) return std::nullopt;
    TransactionView view{.json = answer.json};
    const auto state = answer.json.member("state").text();
    view.is_waiting = state == "waiting";
    view.is_final = state == "final";
    if (!view.is_waiting) view.confirmations = number_in(answer.json, "confirmations", UINT32_MAX);
    if (!answer.body.empty()) {
        view.transaction = parse_transaction(answer.body);
        if (transaction_id(view.transaction->body) != id) refuse("id");
    }
    return view;
}

Amount NodeClient::bonded(const AccountId& id) const
{
    const Answer answer =
        call("value", Json::object().set("key", to_hex_text(provider_key(id).bytes)));
    if (!boolean_in(answer.json, "is_here")) return {};
    const Json record = answer.json.member("value").member("record");
    Amount sum;
    for (const char* const name : {"bond_atoms", "unbonding_atoms", "deposit_atoms"})
        sum.atoms += amount_in(record, name).atoms;
    return sum;
}

std::vector<HistoryEntry> NodeClient::history(const AccountId& id,
                                              std::optional<HistoryPlace> before,
                                              std::uint64_t count) const
{
    Json request = Json::object()
                       .set("account", to_hex_text(id.bytes))
                       .set("count", std::min(count, page_entries));
    if (before)
        request.set("before_height", before->height.value).set("before_index", before->index);
    Answer answer = call("history", request);
    std::vector<Transaction> transactions = parse_transactions(answer.body, page_entries);
    auto entries = items_in<HistoryEntry>(answer.json, "entries", history_entry);
    std::size_t next = 0;
    for (HistoryEntry& entry : entries) {
        if (entry.json.member("kind").text() == "block") continue;
        if (next == transactions.size()) refuse("entries");
        entry.transaction = std::move(transactions[next++]);
    }
    return entries;
}

std::vector<Transaction> NodeClient::pool(std::size_t count_max) const
{
    std::vector<Transaction> transactions;
    Json request = Json::object();
    while (transactions.size() < count_max) {
        request.set("count", std::min(count_max - transactions.size(), page_entries));
        const Answer answer = call("mempool", request);
        const Json entries = answer.json.member("entries");
        if (!entries.is_array()) refuse("entries");
        std::vector<Transaction> page = parse_transactions(answer.body, page_entries);
        if (page.size() != entries.size()) refuse("entries");
        if (page.empty()) break;
        for (std::size_t i = 0; i < page.size(); ++i) {
            const Json entry = entries.item(i);
            if (transaction_id(page[i].body) != id_in<TransactionId>(entry, "id")) refuse("id");
            transactions.push_back(std::move(page[i]));
        }
        const Json last = entries.item(entries.size() - 1);
        request.set("after", number_in(last, "arrival", UINT64_MAX));
    }
    return transactions;
}

Amount NodeClient::estimate(std::uint64_t weight, std::uint64_t blocks) const
{
    const Answer answer =
        call("estimate", Json::object().set("weight", weight).set("blocks", blocks));
    return std::max(amount_in(answer.json, "fee_atoms"), amount_in(answer.json, "least_fee_atoms"));
}

std::string NodeClient::send(const Transaction& transaction) const
{
    const Answer answer = call("send", Json::object(), to_bytes(transaction));
    if (answer.is_ok) return "";
    return answer.json.member("message").text().value_or("no reason");
}

std::string NodeClient::send_again(const Transaction& transaction) const
{
    std::string reason = send(transaction);
    if (!reason.empty() && this->transaction(transaction_id(transaction.body))) return "";
    return reason;
}

} // namespace cairn
