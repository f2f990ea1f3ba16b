#include "ledger/genesis.hpp"

#include "base/error.hpp"
#include "ledger/emission.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view context = "cairn/genesis/v1";
constexpr std::uint64_t ccc_supply_max = (std::uint64_t{1} << 30U) * atoms_per_coin;
constexpr std::uint64_t points_first_max = points_supply_max.atoms >> 2U; // it is to grow

/// The same value with the members of all objects in the order of their names.
Json in_order(const Json& json)
{
    if (json.is_array()) {
        Json list = Json::array();
        for (std::size_t i = 0; i < json.size(); ++i) list.push(in_order(json.item(i)));
        return list;
    }
    if (!json.is_object()) return json;
    std::vector<std::string> names = json.names();
    std::ranges::sort(names);
    Json object = Json::object();
    for (const std::string& name : names) object.set(name, in_order(json.member(name)));
    return object;
}

} // namespace

NetworkId network_id(const Genesis& genesis)
{
    return hashed_id<NetworkId>(context, as_bytes(in_order(to_json(genesis)).dump()));
}

std::uint64_t rules_at(const Genesis& genesis, Height height)
{
    std::uint64_t rules = 0;
    for (const RuleSet& set : genesis.rules)
        if (set.height <= height) rules = set.rules;
    return rules;
}

Amount first_supply(const Genesis& genesis)
{
    const bool is_ccc = std::holds_alternative<CccPolicy>(genesis.policy);
    const Amount supply_max{is_ccc ? ccc_supply_max : points_first_max};
    Amount supply;
    for (const FirstAccount& first : genesis.accounts) {
        const std::optional<Amount> sum = plus(supply, first.balance);
        if (!sum || *sum > supply_max)
            throw Error{Exit::config, "the accounts have more than there can be"};
        supply = *sum;
    }
    if (!is_ccc && supply == Amount{})
        throw Error{Exit::config, "nothing grows from nothing: no account has anything"};
    return supply;
}

} // namespace cairn
