#include "base/error.hpp"
#include "base/hex.hpp"
#include "chain/chain_api.hpp"
#include "ledger/coins.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"
#include "net/fields.hpp"

#include <algorithm>

// What the local API tells of the state after the last block.

namespace cairn {
namespace {

constexpr std::uint64_t entries_max = 200;
constexpr std::uint64_t parts_per_module = 256;

/// What an account will have when blocks mature.
Json maturing(const StateReader& state, const AccountId& account, Height tip, std::uint64_t blocks)
{
    Json all = Json::array();
    for (std::uint32_t i = 0; i < blocks && i < tip.value; ++i) {
        const Height height{tip.value - i};
        const auto bytes = state.get(reward_key(height));
        if (!bytes) continue;
        const auto reward = parse_record<Reward>(*bytes);
        if (reward.account != account || reward.amount == Amount{}) continue;
        all.push(Json::object()
                     .set("atoms", Json::decimal(reward.amount.atoms))
                     .set("from_height", height.value + blocks));
    }
    return all;
}

/// What a professional has earned and may take from a height on.
Json earned(const StateSnapshot& state, const AccountId& account, std::uint64_t blocks)
{
    Json all = Json::array();
    const StateTable table = table_of(earning_key(account, {}));
    state.visit(table, account.bytes, [&](ByteView key, ByteView value) {
        if (key.size() != AccountId::size + 4 ||
            !std::ranges::equal(key.first(AccountId::size), account.bytes))
            return false;
        std::uint32_t height = 0;
        for (const std::byte byte : key.subspan(AccountId::size))
            height = height << 8U | std::to_integer<std::uint32_t>(byte);
        all.push(Json::object()
                     .set("atoms", Json::decimal(parse_record<Earning>(value).amount.atoms))
                     .set("from_height", height + blocks));
        return all.size() < entries_max;
    });
    return all;
}

} // namespace

LocalReply ChainApi::find_account(const Json& json, ByteView)
{
    Fields fields{json};
    const AccountId id = account_of(fields.text("account").value_or(""));
    fields.finish();
    const auto state = store_->state();
    const ChainStatus status = node_->status();
    const Genesis& genesis = store_->genesis();
    Json reply = Json::object()
                     .set("account", to_hex_text(id.bytes))
                     .set("height", status.height.value)
                     .set("tip", to_hex_text(status.tip.bytes));
    const auto bytes = state->get(account_key(id));
    std::optional<Account> account;
    if (bytes) account = parse_record<Account>(*bytes);
    reply.set("is_here", account.has_value());
    if (account) reply.merge(record_json(account_key(id), *bytes).member("record"));
    Json waiting = Json::array();
    for (const PoolEntry* const entry : mempool_->pending(id))
        waiting.push(Json::object()
                         .set("id", to_hex_text(entry->measure.id.bytes))
                         .set("lane", entry->transaction.body.call.lane.value)
                         .set("sequence", Json::decimal(entry->transaction.body.call.sequence))
                         .set("fee_atoms", Json::decimal(entry->transaction.body.fee.atoms))
                         .set("is_early", entry->is_early));
    // The next number of the first lane, behind what waits.
    std::uint64_t next = account ? account->next_sequence({}) : sequence_end(status.height + 1);
    for (const PoolEntry* const entry : mempool_->pending(id))
        for (const PoolPlace& place : entry->places)
            if (place.account == id && place.lane == Lane{} && place.sequence == next) ++next;
    reply.set("next_sequence", Json::decimal(next))
        .set("waiting", waiting)
        .set("maturing", maturing(*state, id, status.height, genesis.block.reward_blocks))
        .set("earned", earned(*state, id, genesis.registry.earnings_blocks));
    return local_reply(CallStatus::ok, reply);
}

/// A value of the state by its key, and, if that is wanted, a proof of it as the body.
LocalReply ChainApi::find_value(const Json& json, ByteView)
{
    Fields fields{json};
    const std::string text = fields.text("key").value_or("");
    const bool is_proven = fields.boolean("is_proven").value_or(false);
    fields.finish();
    Bytes bytes(text.size() / 2);
    if (bytes.size() < 3 || bytes.size() > state_key_size_max || text.size() % 2 != 0 ||
        !from_hex(as_bytes(text), bytes))
        return local_refusal(CallStatus::malformed, "'key' is no key in hex digits");
    const StateTable table = table_of({bytes, {}});
    const StateKey key = state_key(table, ByteView{bytes}.subspan(3));
    const auto state = store_->state();
    const auto value = state->get(key);
    const ChainStatus status = node_->status();
    Json reply =
        Json::object()
            .set("height", status.height.value)
            .set("tip", to_hex_text(status.tip.bytes))
            .set("is_here", value.has_value())
            .set("value", value ? record_json(key, *value) : key_json(key).set("record", Json{}));
    if (!is_proven) return local_reply(CallStatus::ok, reply);
    const auto known = store_->at(status.height);
    TreeProof tree = prove(
        *state, key.path, [&](const StatePath& path) { return value_hash(state->value_at(path)); });
    const StateProof proof = state_proof(known->header, key, value, std::move(tree));
    return local_reply(CallStatus::ok, reply, to_bytes(proof));
}

LocalReply ChainApi::find_providers(const Json& json, ByteView)
{
    Fields fields{json};
    const std::string after = fields.text("after").value_or("");
    const std::uint64_t count = std::min(fields.number("count").value_or(100), entries_max);
    fields.finish();
    AccountId from{};
    if (!after.empty()) from = account_of(after);
    const StateTable table = table_of(provider_key(from));
    Json providers = Json::array();
    store_->state()->visit(table, from.bytes, [&](ByteView key, ByteView value) {
        if (!after.empty() && std::ranges::equal(key, from.bytes)) return true;
        if (providers.size() >= count) return false;
        providers.push(record_json(state_key(table, key), value));
        return true;
    });
    return local_reply(CallStatus::ok, Json::object().set("providers", std::move(providers)));
}

/// Adds up all money that there is, record by record, and tells what should be there.
LocalReply ChainApi::audit_supply(const Json& json, ByteView)
{
    Fields{json}.finish();
    const auto state = store_->state();
    const auto supply = parse_record<Supply>(*state->get(supply_key()));
    std::uint64_t found = 0;
    std::uint64_t accounts = 0;
    const StateTable account_table = table_of(account_key({}));
    for (const Module& module : modules())
        for (std::uint64_t number = 0; number < parts_per_module; ++number) {
            const StateTable table{module.number, static_cast<std::uint8_t>(number)};
            state->visit(table, {}, [&](ByteView, ByteView value) {
                found += module.atoms_in(table.number, value).atoms;
                if (table == account_table) ++accounts;
                return true;
            });
        }
    const Amount expected = *minus(supply.minted, supply.burnt);
    return local_reply(CallStatus::ok, Json::object()
                                           .set("height", node_->status().height.value)
                                           .set("minted_atoms", Json::decimal(supply.minted.atoms))
                                           .set("burnt_atoms", Json::decimal(supply.burnt.atoms))
                                           .set("supply_atoms", Json::decimal(expected.atoms))
                                           .set("found_atoms", Json::decimal(found))
                                           .set("accounts", accounts)
                                           .set("is_right", found == expected.atoms));
}

} // namespace cairn
