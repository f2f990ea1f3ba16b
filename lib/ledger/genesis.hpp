#pragma once

#include "json/json.hpp"
#include "ledger/amount.hpp"
#include "ledger/ids.hpp"

#include <string>
#include <variant>
#include <vector>

// What a chain begins with: every parameter of its rules, as one JSON text, and the accounts that
// have something. cairn-genesis(5).

namespace cairn {

/// One key makes all blocks.
struct SoloRules {
    Ed25519PublicKey producer;
    std::uint64_t interval_ms = 1000; ///< between blocks
    std::uint64_t future_s = 5;       ///< how far a block may be ahead of the clock

    friend bool operator==(const SoloRules&, const SoloRules&) = default;
};

/// From when on plots need at least a scale.
struct ScaleRule {
    Height height;
    std::uint64_t scale = 0;

    friend bool operator==(const ScaleRule&, const ScaleRule&) = default;
};

enum class ChallengeRule : std::uint8_t {
    epoch,  ///< changes with the plots that won, every so many blocks
    family, ///< changes with each block's plot: cairn-plot(5), for published vectors
};

enum class PlotForm : std::uint8_t { poc2, x1 };

/// Whoever has the best plots makes the next block.
struct PocRules {
    std::uint64_t block_time_s = 60;
    ChallengeRule challenge = ChallengeRule::epoch;
    std::uint64_t epoch_blocks = 16; ///< with one challenge's seed
    std::uint64_t base_target = 0;   ///< of the first block
    std::uint64_t base_target_max = 0;
    std::uint64_t retarget_s = 600;   ///< time constant of the base target
    bool is_bending = true;           ///< deadlines go by the cube root
    std::uint64_t bending_factor = 0; ///< 2^32 T^(2/3) / gamma(4/3), rounded down
    std::uint64_t future_s = 15;
    std::uint64_t reorganisation_max = 720; ///< blocks
    PlotForm form = PlotForm::x1;
    std::vector<ScaleRule> scales{}; ///< by height, ascending

    friend bool operator==(const PocRules&, const PocRules&) = default;
};

/// At most 2^30 coins, minted for space that is found.
struct CccPolicy {
    std::uint64_t space_bytes = 0;        ///< 0: as the engine certifies it
    std::uint64_t space_per_mille = 1000; ///< of what the engine measures
    bool is_recycling = false;            ///< accounts that sleep may be swept
    std::uint64_t recycle_blocks = 524'288;

    friend bool operator==(const CccPolicy&, const CccPolicy&) = default;
};

/// A supply that grows by a share of itself each year.
struct PointsPolicy {
    std::uint64_t inflation_per_mille = 25; ///< a year
    std::uint64_t epoch_blocks = 1440;
    std::uint64_t year_epochs = 365;
    AccountId foundation;
    std::uint64_t foundation_per_mille = 5; ///< of what is attached
    std::uint64_t server_parts = 4;         ///< of what is minted, beside
    std::uint64_t user_parts = 1;

    friend bool operator==(const PointsPolicy&, const PointsPolicy&) = default;
};

struct BlockRules {
    std::uint64_t size_max = 2'097'152; ///< bytes, of transactions
    std::uint64_t weight_max = 4'000'000;
    std::uint64_t valid_blocks = 1440;  ///< how far ahead a transaction's end may be
    std::uint64_t final_blocks = 12;    ///< after so many a transaction counts as final
    std::uint64_t memory_blocks = 1440; ///< whose ids and beacons the state keeps
    std::uint64_t reward_blocks = 720;  ///< before a producer's reward can be spent

    friend bool operator==(const BlockRules&, const BlockRules&) = default;
};

struct FeeRules {
    std::uint64_t weight_atoms = 10;  ///< the least fee, for each unit of weight
    std::uint64_t byte_atoms = 1'000; ///< deposit for each byte of state

    friend bool operator==(const FeeRules&, const FeeRules&) = default;
};

struct RegistryRules {
    Amount bond_min;
    Amount bond_max; ///< more does not count for a share of what is minted
    std::uint64_t professional_blocks = 525'600; ///< a professional's bond is locked
    std::uint64_t earnings_blocks = 262'800;     ///< and what it earns
    std::uint64_t unbond_blocks = 2'016;
    std::uint64_t assign_blocks = 30;  ///< before a plot's assignment counts
    std::uint64_t revoke_blocks = 720; ///< before it ends

    friend bool operator==(const RegistryRules&, const RegistryRules&) = default;
};

/// From when on blocks obey which rules.
struct RuleSet {
    Height height;
    std::uint64_t rules = 1;

    friend bool operator==(const RuleSet&, const RuleSet&) = default;
};

/// The rules this library knows.
inline constexpr std::uint64_t rules_known = 1;

struct FirstAccount {
    AccountId account;
    Amount balance;

    friend bool operator==(const FirstAccount&, const FirstAccount&) = default;
};

struct Genesis {
    std::string name; ///< a-z, 0-9 and -
    bool is_test = false;
    std::uint64_t time_s = 0;
    std::vector<RuleSet> rules{{}}; ///< ascending heights, the first 0
    std::variant<SoloRules, PocRules> engine;
    std::variant<CccPolicy, PointsPolicy> policy;
    BlockRules block{};
    FeeRules fee{};
    RegistryRules registry{};
    std::vector<FirstAccount> accounts{}; ///< ascending, each once

    friend bool operator==(const Genesis&, const Genesis&) = default;
};

inline constexpr std::size_t genesis_size_max = 1024UL * 1024; // bytes
inline constexpr std::size_t genesis_accounts_max = 10'000;

/// Reads a profile, in which every parameter is named once and nothing else. Throws Error{data} for
/// what is no such text, and Error{config} where its values do not go together or it begins with
/// rules that are not known; a block that obeys others later is for apply() to refuse.
[[nodiscard]] Genesis parse_genesis(std::string_view text);

[[nodiscard]] Json to_json(const Genesis& genesis);

/// The chain's id: SHA-256("cairn/genesis/v1" || JSON), members in the order of their names,
/// without white space.
[[nodiscard]] NetworkId network_id(const Genesis& genesis);

/// A profile that comes with the library: "dev", "ccc", "points". None for other names.
[[nodiscard]] std::optional<std::string_view> genesis_profile(std::string_view name);

/// The genesis of a text, or without one of the profile that has this name. Throws as
/// parse_genesis(), Error{noinput} where there is neither.
[[nodiscard]] Genesis named_genesis(const std::string& name, const std::optional<Bytes>& text);

/// The rules that a block of this height obeys.
[[nodiscard]] std::uint64_t rules_at(const Genesis& genesis, Height height);

/// The sum of all that accounts have in the beginning.
[[nodiscard]] Amount first_supply(const Genesis& genesis);

} // namespace cairn
