#include "wallet/draft.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "ledger/group.hpp"
#include "ledger/ledger_json.hpp"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

/// Of a list's item, which must be there.
template <class FixedBytes>
FixedBytes bytes_in(const Json& json, const char* name)
{
    const auto text = json.member(name).text();
    const auto bytes = text ? parse_hex<FixedBytes>(*text) : std::nullopt;
    if (!bytes)
        throw Error{Exit::data, "'" + std::string{name} + "' must be " +
                                    std::to_string(2 * FixedBytes::size) + " hex digits"};
    return *bytes;
}

Json list_in(const Json& json, const char* name, std::size_t count_max)
{
    Json list = json.member(name);
    if (list.is_null()) return Json::array();
    if (!list.is_array() || list.size() > count_max)
        throw Error{Exit::data, "'" + std::string{name} + "' must be a list of at most " +
                                    std::to_string(count_max)};
    return list;
}

Descriptor descriptor_from_json(const Json& json)
{
    Descriptor descriptor;
    descriptor.threshold = json.member("threshold").number().value_or(0);
    const Json keys = list_in(json, "keys", descriptor_keys_max);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto key = parse_hex<Ed25519PublicKey>(keys.item(i).text().value_or(""));
        if (!key) throw Error{Exit::data, "'keys' must be keys in hex digits"};
        descriptor.keys.push_back(*key);
    }
    descriptor = parse_descriptor(to_bytes(descriptor)); // and is as descriptors are
    const DescriptorId id = descriptor_id(descriptor);
    if (bytes_in<DescriptorId>(json, "id") != id ||
        bytes_in<AccountId>(json, "account") != account_id(id))
        throw Error{Exit::data, "a descriptor's id or account is another's"};
    return descriptor;
}

/// What is beside the body in a draft's JSON.
constexpr std::array others{"id", "signatures", "descriptors", "signed"};

bool is_other(const std::string& name)
{
    return std::ranges::any_of(others, [&](const char* other) { return name == other; });
}

void add_signature(Transaction& draft, const KeySignature& signature)
{
    auto& all = draft.signatures;
    const auto place = std::ranges::lower_bound(all, signature.key, {}, &KeySignature::key);
    if (place != all.end() && place->key == signature.key) return;
    all.insert(place, signature);
}

void check_signatures(const Transaction& draft)
{
    if (draft.signatures.size() > signatures_max)
        throw Error{Exit::data,
                    "there are more than " + std::to_string(signatures_max) + " signatures"};
    if (draft.descriptors.size() > descriptors_max)
        throw Error{Exit::data,
                    "there are more than " + std::to_string(descriptors_max) + " descriptors"};
    if (!is_signed(draft)) throw Error{Exit::data, "a signature is not by its key"};
}

Transaction draft_from_json(const Json& json)
{
    if (!json.is_object()) throw Error{Exit::data, "the transaction is no JSON object"};
    Json body = Json::object();
    for (const std::string& name : json.names())
        if (!is_other(name)) body.set(name, json.member(name));
    Transaction draft{body_from_json(body), {}, {}};
    const Json id = json.member("id");
    if (!id.is_null() && bytes_in<TransactionId>(json, "id") != transaction_id(draft.body))
        throw Error{Exit::data, "the transaction's id is another's: something in it was changed"};
    const Json signatures = list_in(json, "signatures", signatures_max);
    for (std::size_t i = 0; i < signatures.size(); ++i) {
        const Json one = signatures.item(i);
        add_signature(draft, {bytes_in<Ed25519PublicKey>(one, "key"),
                              bytes_in<Ed25519Signature>(one, "signature")});
    }
    const Json descriptors = list_in(json, "descriptors", descriptors_max);
    for (std::size_t i = 0; i < descriptors.size(); ++i)
        attach(draft, descriptor_from_json(descriptors.item(i)));
    return draft;
}

Transaction draft_from_bytes(ByteView bytes)
{
    CborReader reader{bytes, "the transaction"};
    constexpr std::size_t transaction_parts = 5;
    constexpr std::size_t body_parts = 9;
    const std::size_t parts = reader.array_up_to(body_parts);
    if (parts == transaction_parts) return parse_transaction(bytes);
    return {parse_transaction_body(bytes), {}, {}};
}

/// A transaction as large as a draft becomes.
Transaction with_signatures(const Transaction& draft, std::size_t count)
{
    Transaction whole = draft;
    whole.signatures.assign(count, {});
    return whole;
}

std::string coins(Amount amount)
{
    return to_text(amount) + (amount == Amount{atoms_per_coin} ? " coin" : " coins");
}

std::string named(const AccountId& id, const AccountNames& names)
{
    std::string digits = to_hex_text(id.bytes);
    const auto name = names.find(id);
    if (name == names.end() || name->second == digits) return digits;
    return escape(name->second) + ", account " + digits;
}

/// "send 1.5 coins to 0123...", one line each.
std::string describe(const Call& call, const AccountId& payer, const AccountNames& names)
{
    const std::string whose =
        call.sender == payer ? "" : "as " + to_hex_text(call.sender.bytes) + ' ';
    if (call.module != module_number::coins ||
        call.method != static_cast<std::uint16_t>(CoinsMethod::transfer)) {
        const Json json = to_json(call);
        const auto name = [&](const char* member) {
            const Json value = json.member(member);
            return value.text().value_or(value.dump());
        };
        const Json arguments = json.member("arguments");
        return whose + "call " + escape(name("module")) + '.' + escape(name("method")) + ' ' +
               escape(arguments.dump()) + '\n';
    }
    const TransferArguments arguments = parse_transfer(call.arguments);
    std::string text;
    for (const CoinTransfer& transfer : arguments.transfers)
        text +=
            whose + "send " + coins(transfer.amount) + " to " + named(transfer.to, names) + '\n';
    if (!arguments.reference.empty()) {
        const std::string reference{as_text(arguments.reference)};
        text += is_utf8(reference) ? "reference '" + escape(reference) + "'\n"
                                   : "reference hex:" + to_hex_text(arguments.reference) + '\n';
    }
    return text;
}

} // namespace

Transaction read_draft(ByteView bytes)
{
    const std::string_view text = as_text(bytes);
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string_view::npos && text[first] == '{';
    Transaction draft =
        is_json ? draft_from_json(Json::parse(text, "the transaction")) : draft_from_bytes(bytes);
    (void)measure(draft); // its calls are such
    check_signatures(draft);
    return draft;
}

Json draft_json(const Transaction& draft)
{
    Json whole = to_json(draft);
    Json json = Json::object();
    for (const std::string& name : whole.names())
        if (name != "signed") json.set(name, whole.member(name)); // of none, all are right
    return json;
}

Transaction join_drafts(std::span<const Transaction> drafts)
{
    Transaction joined = drafts.front();
    for (const Transaction& draft : drafts.subspan(1)) {
        if (draft.body != joined.body)
            throw Error{Exit::data, "these are different transactions: " +
                                        to_hex_text(transaction_id(joined.body).bytes) + " and " +
                                        to_hex_text(transaction_id(draft.body).bytes)};
        for (const KeySignature& signature : draft.signatures) add_signature(joined, signature);
        for (const Descriptor& descriptor : draft.descriptors) attach(joined, descriptor);
    }
    check_signatures(joined);
    if (joined.descriptors.size() != 1) return joined;
    const Descriptor& descriptor = joined.descriptors.front();
    const bool are_all_its = std::ranges::all_of(joined.signatures, [&](const KeySignature& each) {
        return std::ranges::binary_search(descriptor.keys, each.key);
    });
    if (are_all_its && joined.signatures.size() > descriptor.threshold)
        joined.signatures.resize(descriptor.threshold);
    return joined;
}

Authority authority_for(const AccountId& id, const std::optional<Account>& account,
                        const std::optional<Descriptor>& descriptor,
                        const std::optional<Ed25519PublicKey>& key)
{
    std::vector<Descriptor> candidates;
    if (descriptor) candidates.push_back(*descriptor);
    if (key) candidates.push_back({1, {*key}});
    if (!account || !account->controller) {
        if (key && account_id(*key) == id) return {};
        for (const Descriptor& each : candidates)
            if (account_id(descriptor_id(each)) == id) return {each, each.threshold, {}};
        throw Error{Exit::noperm,
                    "account " + to_hex_text(id.bytes) + " is not that of this key or descriptor"};
    }
    for (const Descriptor& each : candidates)
        if (descriptor_id(each) == *account->controller) return {each, each.threshold, {}};
    throw Error{Exit::noperm,
                "account " + to_hex_text(id.bytes) + " is controlled by the descriptor " +
                    to_hex_text(account->controller->bytes),
                "give it with --from"};
}

std::uint64_t signed_weight(const Transaction& draft, std::size_t signatures)
{
    return weight_of(with_signatures(draft, signatures));
}

void set_least_fee(Transaction& draft, const Genesis& genesis, std::size_t signatures)
{
    // A larger fee takes more bytes, which cost more: from below it comes to rest.
    draft.body.fee = {};
    for (;;) {
        const Amount fee = least_fee(genesis, signed_weight(draft, signatures));
        if (fee <= draft.body.fee) return;
        draft.body.fee = fee;
    }
}

Cost cost_of(const Transaction& draft)
{
    Cost cost;
    cost.fee = draft.body.fee;
    for (const PlannedCall& call : measure(draft).calls) {
        if (call.sender != draft.body.call.sender) continue;
        cost.calls = plus(cost.calls, call.shape.takes).value_or(Amount{UINT64_MAX});
        cost.takes_all = cost.takes_all || call.shape.takes_all;
    }
    cost.total = plus(cost.calls, cost.fee).value_or(Amount{UINT64_MAX});
    return cost;
}

std::string describe(const Transaction& draft, const AccountNames& names)
{
    const Call& own = draft.body.call;
    std::string text = "chain " + to_hex_text(draft.body.chain.bytes) + '\n' + "from " +
                       to_hex_text(own.sender.bytes) + '\n';
    for (const Call& call : calls_of(own)) text += describe(call, own.sender, names);
    const Cost cost = cost_of(draft);
    text += "fee " + coins(cost.fee) + '\n';
    text +=
        cost.takes_all ? "total: all that the account has\n" : "total " + coins(cost.total) + '\n';
    return text;
}

} // namespace cairn
