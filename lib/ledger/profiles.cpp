#include "base/error.hpp"
#include "ledger/genesis.hpp"

// The profiles that come with the library: cairn-genesis(5) tells why their values are these.

namespace cairn {
namespace {

constexpr std::string_view dev = R"({
    "name": "dev",
    "test": true,
    "time_s": 1767225600,
    "rules": [{"height": 0, "rules": 1}],
    "engine": {"poc": {
        "block_time_s": 2,
        "challenge": "epoch",
        "epoch_blocks": 16,
        "base_target": "144115188075855872",
        "base_target_max": "4611686018427387904",
        "retarget_s": 20,
        "bending": true,
        "bending_factor": "7634929486",
        "future_s": 15,
        "reorganisation_max": 720,
        "form": "x1",
        "scales": [{"height": 0, "scale": 0}]}},
    "policy": {"ccc": {
        "space_bytes": "1152921504606846976",
        "space_per_mille": 1000,
        "recycling": false,
        "recycle_blocks": 524288}},
    "block": {
        "size_max": 2097152,
        "weight_max": 4000000,
        "valid_blocks": 1440,
        "final_blocks": 12,
        "memory_blocks": 1440,
        "reward_blocks": 4},
    "fee": {"weight_atoms": 10, "byte_atoms": 1000},
    "registry": {
        "bond_min": "1000000000",
        "bond_max": "1000000000000",
        "professional_blocks": 240,
        "earnings_blocks": 120,
        "unbond_blocks": 60,
        "assign_blocks": 30,
        "revoke_blocks": 720},
    "accounts": []
})";

constexpr std::string_view ccc = R"({
    "name": "ccc",
    "test": false,
    "time_s": 1798761600,
    "rules": [{"height": 0, "rules": 1}],
    "engine": {"poc": {
        "block_time_s": 60,
        "challenge": "epoch",
        "epoch_blocks": 16,
        "base_target": "73300775185",
        "base_target_max": "75059993789440",
        "retarget_s": 600,
        "bending": true,
        "bending_factor": "73714433715",
        "future_s": 15,
        "reorganisation_max": 720,
        "form": "x1",
        "scales": [{"height": 0, "scale": 1}]}},
    "policy": {"ccc": {
        "space_bytes": "0",
        "space_per_mille": 1032,
        "recycling": false,
        "recycle_blocks": 524288}},
    "block": {
        "size_max": 2097152,
        "weight_max": 4000000,
        "valid_blocks": 1440,
        "final_blocks": 12,
        "memory_blocks": 1440,
        "reward_blocks": 720},
    "fee": {"weight_atoms": 10, "byte_atoms": 1000},
    "registry": {
        "bond_min": "1000000000",
        "bond_max": "1000000000000",
        "professional_blocks": 525600,
        "earnings_blocks": 262800,
        "unbond_blocks": 2016,
        "assign_blocks": 30,
        "revoke_blocks": 720},
    "accounts": []
})";

constexpr std::string_view points = R"({
    "name": "points",
    "test": true,
    "time_s": 1798761600,
    "rules": [{"height": 0, "rules": 1}],
    "engine": {"poc": {
        "block_time_s": 60,
        "challenge": "epoch",
        "epoch_blocks": 16,
        "base_target": "73300775185",
        "base_target_max": "75059993789440",
        "retarget_s": 600,
        "bending": true,
        "bending_factor": "73714433715",
        "future_s": 15,
        "reorganisation_max": 720,
        "form": "x1",
        "scales": [{"height": 0, "scale": 1}]}},
    "policy": {"points": {
        "inflation_per_mille": 25,
        "epoch_blocks": 1440,
        "year_epochs": 365,
        "foundation": "0000000000000000000000000000000000000000000000000000000000000000",
        "foundation_per_mille": 5,
        "server_parts": 4,
        "user_parts": 1}},
    "block": {
        "size_max": 2097152,
        "weight_max": 4000000,
        "valid_blocks": 1440,
        "final_blocks": 12,
        "memory_blocks": 1440,
        "reward_blocks": 720},
    "fee": {"weight_atoms": 10, "byte_atoms": 1000},
    "registry": {
        "bond_min": "1000000000",
        "bond_max": "1000000000000",
        "professional_blocks": 525600,
        "earnings_blocks": 262800,
        "unbond_blocks": 2016,
        "assign_blocks": 30,
        "revoke_blocks": 720},
    "accounts": [{
        "account": "0000000000000000000000000000000000000000000000000000000000000000",
        "atoms": "1000000000000000000"}]
})";

} // namespace

Genesis named_genesis(const std::string& name, const std::optional<Bytes>& text)
{
    if (text) return parse_genesis(as_text(*text));
    if (const auto profile = genesis_profile(name)) return parse_genesis(*profile);
    throw Error{Exit::noinput, "there is no genesis '" + name + "'",
                "name a file, or one of dev, ccc, points"};
}

std::optional<std::string_view> genesis_profile(std::string_view name)
{
    if (name == "dev") return dev;
    if (name == "ccc") return ccc;
    if (name == "points") return points;
    return std::nullopt;
}

} // namespace cairn
