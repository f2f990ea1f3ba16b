#include "base/error.hpp"
#include "base/hex.hpp"
#include "ledger/coins.hpp"
#include "ledger/detail/call_json.hpp"
#include "ledger/files.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/policy.hpp"
#include "ledger/registry.hpp"

// The records of the state, cairn-state(5).

namespace cairn {
namespace {

template <class FixedBytes>
Json hex(const FixedBytes& value)
{
    return to_hex_text(value.bytes);
}

template <class FixedBytes>
Json hex(const std::optional<FixedBytes>& value)
{
    return value ? hex(*value) : Json{};
}

/// Decimal digits, as of amounts.
std::string wide(Uint128 value)
{
    std::string digits;
    do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<unsigned>(value % 10)));
    while ((value /= 10) != 0);
    return digits;
}

Json atoms(Amount amount)
{
    return Json::decimal(amount.atoms);
}

Json members(const Account& account)
{
    Json lanes = Json::array();
    for (const LaneState& state : account.lanes)
        lanes.push(Json::object().set("lane", state.lane.value).set("next", state.next));
    return Json::object()
        .set("balance_atoms", atoms(account.balance))
        .set("deposit_atoms", atoms(account.deposit))
        .set("created", account.created.value)
        .set("active", account.active.value)
        .set("controller", hex(account.controller))
        .set("lanes", lanes);
}

Json members(const Provider& provider)
{
    Json addresses = Json::array();
    for (const std::string& address : provider.offer.addresses) addresses.push(address);
    return Json::object()
        .set("node_key", hex(provider.node_key))
        .set("next_key", hex(provider.next_key))
        .set("next_key_height", provider.next_key_height.value)
        .set("offer", Json::object()
                          .set("capacity_bytes", Json::decimal(provider.offer.capacity_bytes))
                          .set("price_atoms", atoms(provider.offer.price))
                          .set("addresses", addresses))
        .set("class", provider.kind == ProviderClass::amateur ? "amateur" : "professional")
        .set("registered", provider.registered.value)
        .set("bond_atoms", atoms(provider.bond))
        .set("bonded", provider.bonded.value)
        .set("unbonding_atoms", atoms(provider.unbonding))
        .set("unbonds", provider.unbonds.value)
        .set("deposit_atoms", atoms(provider.deposit))
        .set("share", wide(provider.share));
}

Json members(const Earning& earning)
{
    return Json::object().set("atoms", atoms(earning.amount));
}

Json members(const Assignment& assignment)
{
    return Json::object()
        .set("key", hex(assignment.key))
        .set("from", assignment.from.value)
        .set("until", assignment.until ? Json{assignment.until->value} : Json{});
}

Json members(const Head& head)
{
    return Json::object()
        .set("height", head.height.value)
        .set("deposit_atoms", atoms(head.deposit))
        .set("head", to_hex_text(head.bytes));
}

Json members(const Supply& supply)
{
    return Json::object()
        .set("minted_atoms", atoms(supply.minted))
        .set("burnt_atoms", atoms(supply.burnt));
}

Json members(const Reward& reward)
{
    return Json::object()
        .set("account", hex(reward.account))
        .set("atoms", atoms(reward.amount))
        .set("sealer", hex(reward.sealer));
}

Json members(const RememberedBlock& block)
{
    return Json::object()
        .set("parent", hex(block.parent))
        .set("beacon", hex(block.beacon))
        .set("space_bytes", Json::decimal(block.space_bytes));
}

Json members(const CccState& state)
{
    return Json::object()
        .set("phase", state.emission.phase)
        .set("left_atoms", atoms(state.emission.left))
        .set("rest", wide(state.emission.rest))
        .set("space_sum_bytes", wide(state.space_sum))
        .set("blocks", state.blocks)
        .set("pool_atoms", atoms(state.pool));
}

Json members(const PointsState& state)
{
    return Json::object()
        .set("base_atoms", atoms(state.base))
        .set("users_atoms", atoms(state.users))
        .set("servers_atoms", atoms(state.servers))
        .set("owed_atoms", atoms(state.owed))
        .set("bonded_atoms", atoms(state.bonded))
        .set("share", wide(state.share));
}

template <class Record>
Json record_of(ByteView value)
{
    return members(parse_record<Record>(value));
}

/// Of whose node a key is: the value is an account's id in an array.
Json node_key_of(ByteView value)
{
    CborReader reader{value, "a record of the state"};
    reader.array(1);
    const auto account = reader.fixed<AccountId>();
    reader.finish();
    return Json::object().set("account", hex(account));
}

/// A table: the parts of its keys, and its records.
struct Table {
    StateTable table;
    const char* name = "";
    const char* fixed = nullptr;  ///< the name of the first 32 bytes; null without them
    const char* number = nullptr; ///< the name of the number behind them; null without one
    std::string_view text{};      ///< what the key is where it is neither
    Json (*record)(ByteView value) = nullptr;
};

constexpr std::array tables{
    Table{{module_number::coins, 1}, "account", "account", nullptr, {}, record_of<Account>},
    Table{{module_number::registry, 1}, "provider", "account", nullptr, {}, record_of<Provider>},
    Table{{module_number::registry, 2}, "node-key", "node_key", nullptr, {}, node_key_of},
    Table{{module_number::registry, 3}, "earning", "account", "height", {}, record_of<Earning>},
    Table{{module_number::registry, 4}, "assignment", "account", "salt", {}, record_of<Assignment>},
    Table{{module_number::files, 1}, "head", "account", "slot", {}, record_of<Head>},
    Table{{module_number::policy, 1}, "supply", nullptr, nullptr, {}, record_of<Supply>},
    Table{{module_number::policy, 2}, "reward", nullptr, "height", {}, record_of<Reward>},
    Table{{module_number::policy, 3}, "block", nullptr, "height", {}, record_of<RememberedBlock>},
    Table{{module_number::policy, 4}, "ccc", nullptr, nullptr, "ccc", record_of<CccState>},
    Table{{module_number::policy, 4}, "points", nullptr, nullptr, "points", record_of<PointsState>},
};

constexpr std::size_t table_size = 3;  // bytes of a key before its own
constexpr std::size_t number_size = 4; // bytes

bool has_key(const Table& table, const StateKey& key)
{
    const std::size_t size = table_size + (table.fixed ? AccountId::size : 0) +
                             (table.number ? number_size : 0) + table.text.size();
    return key.bytes.size() == size && table_of(key) == table.table &&
           as_text(key.bytes).ends_with(table.text);
}

const Table* find_table(const StateKey& key)
{
    if (key.bytes.size() < table_size) return nullptr;
    const auto found =
        std::ranges::find_if(tables, [&](const Table& table) { return has_key(table, key); });
    return found == tables.end() ? nullptr : &*found;
}

} // namespace

Json key_json(const StateKey& key)
{
    const Table* const table = find_table(key);
    if (!table) return Json::object().set("key", to_hex_text(key.bytes));
    Json json = Json::object()
                    .set("module", detail::module_name(table->table.module))
                    .set("table", table->name);
    ByteView rest = ByteView{key.bytes}.subspan(table_size);
    if (table->fixed) {
        json.set(table->fixed, to_hex_text(rest.first(AccountId::size)));
        rest = rest.subspan(AccountId::size);
    }
    if (table->number) {
        std::uint32_t number = 0;
        for (const std::byte byte : rest)
            number = number << 8U | std::to_integer<std::uint32_t>(byte);
        json.set(table->number, number);
    }
    return json;
}

Json record_json(const StateKey& key, ByteView value)
{
    Json json = key_json(key);
    if (const Table* const table = find_table(key)) {
        try {
            return json.set("record", table->record(value));
        } catch (const Error&) { // of rules that are not known here, or nobody's
        }
    }
    return json.set("record", to_hex_text(value));
}

} // namespace cairn
