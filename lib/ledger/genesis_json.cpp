#include "base/error.hpp"
#include "ledger/block.hpp"
#include "ledger/detail/json_archive.hpp"
#include "ledger/detail/named_once.hpp"
#include "ledger/genesis.hpp"

#include <algorithm>

// A profile as JSON. Each parameter is described once, for reading and for writing.

namespace cairn {
namespace {

using detail::JsonIn;
using detail::JsonOut;

constexpr std::uint64_t blocks_max = 100'000'000; // of any time that is counted in blocks
constexpr std::uint64_t time_step_max_s = 86'400;
constexpr std::uint64_t large = std::uint64_t{1} << 62U; // of what else has no limit of its own

/// Calls of the archive for each of a structure's parameters.
struct Describe {
    template <class Archive>
    void operator()(Archive& archive, SoloRules& rules) const
    {
        archive.bytes("producer", rules.producer);
        archive.number("interval_ms", rules.interval_ms, 1, 1000 * time_step_max_s);
        archive.number("future_s", rules.future_s, 0, time_step_max_s);
    }
    template <class Archive>
    void operator()(Archive& archive, ScaleRule& rule) const
    {
        archive.number("height", rule.height.value, 0, UINT32_MAX);
        archive.number("scale", rule.scale, 0, 8);
    }
    template <class Archive>
    void operator()(Archive& archive, PocRules& rules) const
    {
        archive.number("block_time_s", rules.block_time_s, 1, 3'600);
        archive.template word<ChallengeRule>(
            "challenge", rules.challenge,
            {{"epoch", ChallengeRule::epoch}, {"family", ChallengeRule::family}});
        archive.number("epoch_blocks", rules.epoch_blocks, 1, 1024);
        archive.decimal("base_target", rules.base_target, large);
        archive.decimal("base_target_max", rules.base_target_max, large);
        archive.number("retarget_s", rules.retarget_s, 1, 100 * time_step_max_s);
        archive.boolean("bending", rules.is_bending);
        archive.decimal("bending_factor", rules.bending_factor, std::uint64_t{1} << 44U);
        archive.number("future_s", rules.future_s, 0, time_step_max_s);
        archive.number("reorganisation_max", rules.reorganisation_max, 1, 10'000);
        archive.template word<PlotForm>("form", rules.form,
                                        {{"poc2", PlotForm::poc2}, {"x1", PlotForm::x1}});
        archive.list("scales", rules.scales, 64, *this);
    }
    template <class Archive>
    void operator()(Archive& archive, CccPolicy& policy) const
    {
        archive.decimal("space_bytes", policy.space_bytes, std::uint64_t{1} << 60U);
        archive.number("space_per_mille", policy.space_per_mille, 1, 10'000);
        archive.boolean("recycling", policy.is_recycling);
        archive.number("recycle_blocks", policy.recycle_blocks, 8, blocks_max);
    }
    template <class Archive>
    void operator()(Archive& archive, PointsPolicy& policy) const
    {
        archive.number("inflation_per_mille", policy.inflation_per_mille, 0, 1000);
        archive.number("epoch_blocks", policy.epoch_blocks, 1, blocks_max);
        archive.number("year_epochs", policy.year_epochs, 1, 100'000);
        archive.bytes("foundation", policy.foundation);
        archive.number("foundation_per_mille", policy.foundation_per_mille, 0, 1000);
        archive.number("server_parts", policy.server_parts, 0, 1'000'000);
        archive.number("user_parts", policy.user_parts, 0, 1'000'000);
    }
    template <class Archive>
    void operator()(Archive& archive, BlockRules& rules) const
    {
        archive.number("size_max", rules.size_max, 4096, transactions_size_max);
        archive.number("weight_max", rules.weight_max, 1000, 1'000'000'000);
        archive.number("valid_blocks", rules.valid_blocks, 1, blocks_max);
        archive.number("final_blocks", rules.final_blocks, 1, 100'000);
        archive.number("memory_blocks", rules.memory_blocks, 16, 100'000);
        archive.number("reward_blocks", rules.reward_blocks, 1, 100'000);
    }
    template <class Archive>
    void operator()(Archive& archive, FeeRules& rules) const
    {
        archive.number("weight_atoms", rules.weight_atoms, 0, 1'000'000'000);
        archive.number("byte_atoms", rules.byte_atoms, 0, 1'000'000'000);
    }
    template <class Archive>
    void operator()(Archive& archive, RegistryRules& rules) const
    {
        archive.decimal("bond_min", rules.bond_min.atoms, large);
        archive.decimal("bond_max", rules.bond_max.atoms, large);
        archive.number("professional_blocks", rules.professional_blocks, 0, blocks_max);
        archive.number("earnings_blocks", rules.earnings_blocks, 0, blocks_max);
        archive.number("unbond_blocks", rules.unbond_blocks, 0, blocks_max);
        archive.number("assign_blocks", rules.assign_blocks, 0, blocks_max);
        archive.number("revoke_blocks", rules.revoke_blocks, 0, blocks_max);
    }
    template <class Archive>
    void operator()(Archive& archive, RuleSet& rules) const
    {
        archive.number("height", rules.height.value, 0, UINT32_MAX);
        archive.number("rules", rules.rules, 1, UINT32_MAX);
    }
    template <class Archive>
    void operator()(Archive& archive, FirstAccount& first) const
    {
        archive.bytes("account", first.account);
        archive.decimal("atoms", first.balance.atoms, large);
    }
    template <class Archive>
    void operator()(Archive& archive, Genesis& genesis) const
    {
        archive.text("name", genesis.name);
        archive.boolean("test", genesis.is_test);
        archive.number("time_s", genesis.time_s, 0, time_max_s);
        archive.list("rules", genesis.rules, 1000, *this);
        archive.choice("engine", genesis.engine, {"solo", "poc"}, *this);
        archive.choice("policy", genesis.policy, {"ccc", "points"}, *this);
        archive.object("block", genesis.block, *this);
        archive.object("fee", genesis.fee, *this);
        archive.object("registry", genesis.registry, *this);
        archive.list("accounts", genesis.accounts, genesis_accounts_max, *this);
    }
};

/// Ascending keys, each once.
template <class Values, class Member>
bool is_ascending(const Values& values, Member member)
{
    return std::ranges::adjacent_find(values, std::ranges::greater_equal{}, member) == values.end();
}

void check_engine(const PocRules& rules)
{
    if (rules.base_target == 0 || rules.base_target > rules.base_target_max)
        throw Error{Exit::config, "'base_target' must be from 1 to 'base_target_max'"};
    if (rules.is_bending && rules.bending_factor == 0)
        throw Error{Exit::config, "'bending_factor' must not be 0 where deadlines are bent"};
    if (!is_ascending(rules.scales, &ScaleRule::height) || rules.scales.empty() ||
        rules.scales.front().height.value != 0)
        throw Error{Exit::config, "'scales' must begin at height 0 and ascend"};
}

/// Of a chain whose money is to be worth something.
void check_times(const BlockRules& block, const PocRules* poc)
{
    // Else a reward may be spent, and then the block is taken back.
    if (poc && block.reward_blocks < poc->reorganisation_max)
        throw Error{Exit::config, "'reward_blocks' must not be below 'reorganisation_max'",
                    "or set 'test'"};
    // Evidence against a block is looked at by its id, as long as the reward waits.
    if (block.memory_blocks < block.reward_blocks)
        throw Error{Exit::config, "'memory_blocks' must not be below 'reward_blocks'",
                    "or set 'test'"};
}

void check(const Genesis& genesis)
{
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
    if (genesis.name.empty() || genesis.name.size() > 32 ||
        genesis.name.find_first_not_of(letters) != genesis.name.npos)
        throw Error{Exit::config, "'name' must be 1 to 32 of a-z, 0-9 and -"};
    if (!is_ascending(genesis.rules, &RuleSet::height) || genesis.rules.empty() ||
        genesis.rules.front().height.value != 0)
        throw Error{Exit::config, "'rules' must begin at height 0 and ascend"};
    if (genesis.rules.front().rules != rules_known)
        throw Error{Exit::config, "the chain begins with rules that this program does not know",
                    "get a newer one"};
    if (!is_ascending(genesis.accounts, &FirstAccount::account))
        throw Error{Exit::config, "'accounts' must ascend, each once"};
    const auto* const poc = std::get_if<PocRules>(&genesis.engine);
    if (poc) check_engine(*poc);
    if (!genesis.is_test) check_times(genesis.block, poc);
    if (genesis.registry.bond_max < genesis.registry.bond_min)
        throw Error{Exit::config, "'bond_max' must not be below 'bond_min'"};
    if (const auto* const ccc = std::get_if<CccPolicy>(&genesis.policy);
        ccc && !poc && (ccc->space_bytes == 0 || !genesis.is_test))
        throw Error{Exit::config, "coins are found by space that is certified",
                    "with another engine than poc set 'space_bytes' and 'test'"};
    (void)first_supply(genesis);
}

} // namespace

Json to_json(const Genesis& genesis)
{
    Genesis copy = genesis; // what describes it reads, too
    JsonOut out;
    Describe{}(out, copy);
    return out.take();
}

Genesis parse_genesis(std::string_view text)
{
    if (text.size() > genesis_size_max) throw Error{Exit::data, "the genesis is too large"};
    Json json = Json::parse(text, "the genesis");
    if (!detail::is_named_once(text, json))
        throw Error{Exit::data, "the genesis names a member twice"};
    JsonIn in{std::move(json), "the genesis"};
    Genesis genesis;
    Describe{}(in, genesis);
    in.finish();
    check(genesis);
    return genesis;
}

} // namespace cairn
