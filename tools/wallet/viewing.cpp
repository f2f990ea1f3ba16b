#include "viewing.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "wallet/effect.hpp"
#include "wallet/reversal.hpp"
#include "wallet/words.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr unsigned looks_max = 10;
constexpr std::uint64_t page_entries = 200; // of one request
constexpr std::array shares_percent{10U, 20U, 30U};

Json amounts(const std::vector<LaterAmount>& all)
{
    Json list = Json::array();
    for (const LaterAmount& each : all)
        list.push(Json::object()
                      .set("atoms", Json::decimal(each.amount.atoms))
                      .set("from_height", each.from.value));
    return list;
}

Json to_json(const Circumstances& now, const Balance& balance)
{
    const auto atoms = [](Amount amount) { return Json::decimal(amount.atoms); };
    const auto if_known = [&](bool is_known, Amount amount) {
        return is_known ? atoms(amount) : Json{};
    };
    return Json::object()
        .set("account", to_hex_text(now.sender.id.bytes))
        .set("height", now.sender.height.value)
        .set("is_here", now.sender.account.has_value())
        .set("available_atoms", atoms(balance.available))
        .set("confirmed_atoms", if_known(balance.is_recent_whole, balance.confirmed))
        .set("recent_in_atoms", if_known(balance.is_recent_whole, balance.recent_in))
        .set("recent_out_atoms", if_known(balance.is_recent_whole, balance.recent_out))
        .set("pending_in_atoms", if_known(balance.is_pool_whole, balance.pending_in))
        .set("pending_out_atoms", if_known(balance.is_pool_whole, balance.pending_out))
        .set("maturing_atoms", atoms(balance.maturing))
        .set("earned_atoms", atoms(balance.earned))
        .set("bonded_atoms", atoms(balance.bonded))
        .set("deposit_atoms", atoms(balance.deposit))
        .set("total_atoms", atoms(balance.total))
        .set("maturing", amounts(now.sender.maturing))
        .set("earned", amounts(now.sender.earned));
}

std::string later_lines(const char* what, const std::vector<LaterAmount>& all)
{
    std::string text;
    for (const LaterAmount& each : all)
        text += std::string{"  "} + what + ' ' + to_text(each.amount) + " from block " +
                std::to_string(each.from.value) + '\n';
    return text;
}

std::string to_lines(const Circumstances& now, const Balance& balance)
{
    const auto line = [](const std::string& name, const std::string& value) {
        return name + std::string(name.size() < 11 ? 11 - name.size() : 1, ' ') + value + '\n';
    };
    const auto flow = [](bool is_known, Amount in, Amount out) {
        return is_known ? "+" + to_text(in) + " -" + to_text(out) : std::string{"not known"};
    };
    std::string text = line("available", to_text(balance.available));
    text += line("confirmed", balance.is_recent_whole ? to_text(balance.confirmed) : "not known");
    text += line("recent", flow(balance.is_recent_whole, balance.recent_in, balance.recent_out));
    text += line("pending", flow(balance.is_pool_whole, balance.pending_in, balance.pending_out));
    text +=
        line("maturing", to_text(balance.maturing)) + later_lines("maturing", now.sender.maturing);
    text += line("earned", to_text(balance.earned)) + later_lines("earned", now.sender.earned);
    text += line("bonded", to_text(balance.bonded));
    text += line("deposit", to_text(balance.deposit));
    return text + line("total", to_text(balance.total));
}

/// "HEIGHT" or "HEIGHT/INDEX": entries before that.
HistoryPlace parse_place(const std::string& text)
{
    const std::size_t slash = text.find('/');
    const auto height = parse_number(std::string_view{text}.substr(0, slash));
    const auto index = slash == std::string::npos
                           ? std::optional<std::uint64_t>{0}
                           : parse_number(std::string_view{text}.substr(slash + 1));
    if (!height || *height > UINT32_MAX || !index || *index > UINT32_MAX)
        throw Error{Exit::usage,
                    "'" + escape(text) + "' is no place: write HEIGHT or HEIGHT/INDEX"};
    return {{static_cast<std::uint32_t>(*height)}, *index};
}

Json movements(const std::vector<CoinTransfer>& all)
{
    Json list = Json::array();
    for (const CoinTransfer& each : all)
        list.push(Json::object()
                      .set("account", to_hex_text(each.to.bytes))
                      .set("atoms", Json::decimal(each.amount.atoms)));
    return list;
}

/// What an entry of a history is, to its account.
struct Entry {
    const HistoryEntry& told;
    Effect effect{};
    std::string direction{};
};

std::string direction_of(const Effect& effect)
{
    const bool is_in = effect.in > Amount{};
    const bool is_out = effect.out > Amount{} || !effect.is_whole;
    if (is_in && is_out) return "both";
    if (is_in) return "in";
    return is_out ? "out" : "none";
}

Entry look_at(const HistoryEntry& told, const AccountId& account, const NodeClient& node,
              const FeeRules& fees)
{
    if (!told.transaction) return {.told = told, .direction = "block"};
    std::vector<CoinTransfer> given;
    if (told.is_done && needs_receipt(*told.transaction)) {
        const auto view = node.transaction(transaction_id(told.transaction->body));
        if (view) given = given_in(view->json.member("receipt"));
    }
    Entry entry{.told = told};
    entry.effect = effect_on(account, *told.transaction, fees, told.is_done, given);
    entry.direction = direction_of(entry.effect);
    return entry;
}

Json to_json(const Entry& entry)
{
    Json json = Json::object();
    json.merge(entry.told.json).set("direction", entry.direction);
    if (!entry.told.transaction) return json;
    const Effect& effect = entry.effect;
    return json.set("in_atoms", Json::decimal(effect.in.atoms))
        .set("out_atoms", Json::decimal(effect.out.atoms))
        .set("fee_atoms", Json::decimal(effect.fee.atoms))
        .set("is_whole", effect.is_whole)
        .set("from", movements(effect.from))
        .set("to", movements(effect.to));
}

/// Height, time, direction, amounts, fee, what became of it, id, the others.
std::string to_line(const Entry& entry)
{
    const Json& json = entry.told.json;
    const Effect& effect = entry.effect;
    std::string amount;
    if (effect.in > Amount{}) amount += '+' + to_text(effect.in);
    if (effect.out > Amount{}) amount += (amount.empty() ? "-" : " -") + to_text(effect.out);
    if (amount.empty()) amount = entry.told.transaction && effect.is_whole ? "0" : "?";
    const std::string status = json.member("status").text().value_or("block");
    std::string text = std::to_string(entry.told.place.height.value) + '\t' +
                       format_time(json.member("time_s").number().value_or(0)) + '\t' +
                       entry.direction + '\t' + amount + '\t' + to_text(effect.fee) + '\t' +
                       escape(status) + '\t' + (entry.told.is_final ? "final" : "") +
                       (entry.told.is_final ? "" : std::to_string(entry.told.confirmations)) +
                       '\t' + escape(json.member("id").text().value_or(""));
    for (const CoinTransfer& each : effect.to) text += "\tto " + to_hex_text(each.to.bytes);
    for (const CoinTransfer& each : effect.from) text += "\tfrom " + to_hex_text(each.to.bytes);
    return text + '\n';
}

/// What is known of a transaction's being taken back.
Json reversal_json(const Genesis& genesis, const TransactionView& view)
{
    const auto* const poc = std::get_if<PocRules>(&genesis.engine);
    const bool is_waiting = view.is_waiting;
    const double gain =
        poc && poc->challenge == ChallengeRule::epoch ? fork_gain(poc->epoch_blocks) : fork_gain(1);
    Json list = Json::array();
    for (const unsigned percent : shares_percent) {
        double probability = is_waiting ? 1 : 0;
        if (poc && !is_waiting)
            probability = reversal_probability(percent / 100.0, gain, view.confirmations);
        list.push(Json::object().set("share_percent", percent).set("probability", probability));
    }
    return list;
}

std::string reversal_lines(const Genesis& genesis, const TransactionView& view,
                           const Json& reversal)
{
    if (view.is_waiting) return "";
    if (std::holds_alternative<SoloRules>(genesis.engine))
        return "one key makes the blocks, and takes none back\n";
    std::string text;
    for (std::size_t i = 0; i < reversal.size(); ++i)
        text += "taken back by whoever has " + reversal.item(i).member("share_percent").dump() +
                " % of all space with probability " +
                reversal.item(i).member("probability").dump() + '\n';
    return text;
}

} // namespace

void Viewing::declare(Cli& cli)
{
    balance_ = &cli.verb("balance", "Show what an account has");
    balance_->operand("ACCOUNT", account_, "An address or account id; that of -i or --account");

    history_ = &cli.verb("history", "Show what an account has sent and got, newest first");
    history_->operand("ACCOUNT", account_, "An address or account id; that of -i or --account");
    history_->number("-n,--count", "N", count_, {1, 1'000'000'000}, "Show N entries; 100");
    history_->option("--before", "PLACE", before_, "Go on before HEIGHT, or HEIGHT/INDEX");
    history_->flag("--no-blocks", has_no_blocks_, "Leave out the blocks that the account has made");

    receipt_ = &cli.verb("receipt", "Show what became of a transaction");
    receipt_->operand("ID", id_, "The id that send has printed");
}

bool Viewing::is_chosen() const noexcept
{
    return balance_->is_chosen() || history_->is_chosen() || receipt_->is_chosen();
}

Exit Viewing::run(Console& console) const
{
    if (balance_->is_chosen()) return show_balance(console);
    if (history_->is_chosen()) return show_history(console);
    return show_receipt(console);
}

Exit Viewing::show_balance(Console& console) const
{
    const NodeClient node = wallet_->client();
    const AccountId id = wallet_->account_id_of(account_);
    for (unsigned i = 1;; ++i) {
        const ChainFacts facts = node.facts();
        const AccountView sender = node.account(id);
        const Circumstances now{node, facts, sender};
        const Balance balance = balance_of(now);
        // A block that comes meanwhile takes out of the pool what it adds to the account.
        if (node.account(id).height != sender.height && i < looks_max) continue;
        if (console.json())
            console.result(to_json(now, balance));
        else
            console.print(to_lines(now, balance));
        return Exit::ok;
    }
}

Exit Viewing::show_history(Console& console) const
{
    std::optional<HistoryPlace> before;
    if (before_) before = parse_place(*before_);
    const NodeClient node = wallet_->client();
    const AccountId id = wallet_->account_id_of(account_);
    const ChainFacts facts = node.facts();
    std::uint64_t left = count_;
    while (left > 0) {
        const std::uint64_t wanted = has_no_blocks_ ? page_entries : std::min(left, page_entries);
        const auto entries = node.history(id, before, wanted);
        if (entries.empty()) break;
        before = entries.back().place;
        for (const HistoryEntry& told : entries) {
            if (left == 0) break;
            if (has_no_blocks_ && !told.transaction) continue;
            const Entry entry = look_at(told, id, node, facts.genesis.fee);
            if (console.json())
                console.result(to_json(entry));
            else
                console.print(to_line(entry));
            --left;
        }
    }
    return Exit::ok;
}

Exit Viewing::show_receipt(Console& console) const
{
    const auto id = parse_hex<TransactionId>(id_);
    if (!id) throw Error{Exit::data, "'" + escape(id_) + "' is no transaction's id"};
    const NodeClient node = wallet_->client();
    const ChainFacts facts = node.facts();
    const auto view = node.transaction(*id);
    if (!view) throw Error{Exit::no, "the node knows no transaction " + id_};
    Json json = Json::object();
    json.merge(view->json).set("is_final", view->is_final);
    if (view->transaction)
        json.set("fee_atoms", Json::decimal(view->transaction->body.fee.atoms))
            .set("valid_until", view->transaction->body.valid_until.value);
    const Json reversal = reversal_json(facts.genesis, *view);
    json.set("reversal", reversal);
    if (console.json()) {
        console.result(json);
        return Exit::ok;
    }
    std::string text =
        "id " + id_ + "\nstate " + escape(view->json.member("state").text().value_or("")) + '\n';
    if (!view->is_waiting) {
        const Json receipt = view->json.member("receipt");
        text += "status " + escape(receipt.member("status").text().value_or("not known")) + '\n';
        text += "block " + view->json.member("height").dump() + " at " +
                format_time(view->json.member("time_s").number().value_or(0)) + '\n';
        text += "confirmations " + std::to_string(view->confirmations) + '\n';
    }
    if (view->transaction) text += describe(*view->transaction);
    text += reversal_lines(facts.genesis, *view, reversal);
    console.print(text);
    return Exit::ok;
}

} // namespace cairn
