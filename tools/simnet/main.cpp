// cairn-simnet: many nodes of a chain in one process and in virtual time. See cairn-simnet(1).

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "cli/cli.hpp"
#include "engine/retarget.hpp"
#include "os/input.hpp"
#include "simnet/simulation.hpp"

using namespace cairn;

namespace {

constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t hour_ms = 3600 * second_ms;

struct Options {
    std::optional<std::string> profile;
    std::optional<std::uint64_t> solo_s;
    std::uint64_t nodes = 16;
    std::uint64_t hours = 24;
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    std::uint64_t late = 0;
    std::vector<std::string> roles;
    std::optional<std::uint64_t> share; // percent
    bool has_faults = false;
    bool is_shrinking = false;
    std::string mutant = "none";
    std::uint64_t delay_ms = 500;
    std::uint64_t lost = 10;
};

SimMutant mutant_of(const std::string& name)
{
    for (std::size_t i = 0; i < sim_mutants; ++i)
        if (name == to_text(static_cast<SimMutant>(i))) return static_cast<SimMutant>(i);
    throw Error{Exit::usage, "no fault to plant is called '" + name + "'"};
}

/// Honest miners first, then those with other roles; each kind has its space in equal parts.
std::vector<SimMiner> miners_of(const Options& options, const Genesis& genesis)
{
    if (options.roles.size() >= options.nodes)
        throw Error{Exit::usage, "there must be an honest node", "use more --nodes"};
    const auto* const rules = std::get_if<PocRules>(&genesis.engine);
    const std::uint64_t space =
        rules ? fitting_space(*rules, rules->base_target) : 0; // as blocks should come
    const std::uint64_t honest = options.nodes - options.roles.size();
    if (options.share && (options.roles.empty() || !rules))
        throw Error{Exit::usage, "a share is for nodes with plots and a --role"};
    const std::uint64_t others =
        options.share ? space / 100 * *options.share : space / options.nodes * options.roles.size();
    std::vector<SimMiner> miners(honest, {SimRole::honest, (space - others) / honest, false});
    if (options.late >= honest)
        throw Error{Exit::usage, "an honest node must be there at once", "use more --nodes"};
    for (std::uint64_t i = honest - options.late; i < honest; ++i) miners[i].is_late = true;
    for (const std::string& name : options.roles) {
        const auto role = parse_role(name);
        if (!role) throw Error{Exit::usage, "no role is called '" + name + "'"};
        miners.push_back({*role, others / options.roles.size(), false});
    }
    return miners;
}

Json to_json(const SimOptions& options, const SimReport& report)
{
    Json violations = Json::array();
    for (const SimViolation& violation : report.violations)
        violations.push(Json::object()
                            .set("time_ms", violation.time_ms - options.genesis.time_s * second_ms)
                            .set("what", violation.what));
    Json miners = Json::array();
    for (std::size_t i = 0; i < options.miners.size(); ++i)
        miners.push(Json::object()
                        .set("role", to_text(options.miners[i].role))
                        .set("space_bytes", options.miners[i].space_bytes)
                        .set("blocks", report.blocks_of[i])
                        .set("atoms", Json::decimal(report.wealth[i].atoms)));
    Json faults = Json::array();
    for (const SimFault& fault : options.faults) faults.push(to_text(fault));
    return Json::object()
        .set("seed", Json::decimal(options.seed))
        .set("trace", to_hex_text(report.trace.bytes))
        .set("blocks", report.blocks)
        .set("blocks_made", report.made)
        .set("interval_mean_ms", report.interval_mean_ms)
        .set("interval_deviation_ms", report.interval_deviation_ms)
        .set("undone_at_once", report.depth_max)
        .set("final_undone", report.final_undone)
        .set("tips", report.tips)
        .set("crashes", report.crashes)
        .set("equivocations", report.equivocations)
        .set("halted", report.halted)
        .set("events", report.events)
        .set("miners", std::move(miners))
        .set("faults", std::move(faults))
        .set("violations", std::move(violations));
}

/// "12.3 %" of a whole.
std::string percent(std::uint64_t part, std::uint64_t whole)
{
    const std::uint64_t tenths = whole == 0 ? 0 : part * 1000 / whole;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " %";
}

std::string to_table(const SimOptions& options, const SimReport& report)
{
    const std::uint64_t vain = report.made - std::min(report.made, report.blocks);
    std::string text = "seed " + std::to_string(options.seed) + '\t' +
                       std::to_string(report.blocks) + " blocks, " + percent(vain, report.made) +
                       " made in vain, every " + format_duration(report.interval_mean_ms) + " +- " +
                       format_duration(report.interval_deviation_ms) + ", at most " +
                       std::to_string(report.depth_max) + " undone, trace " +
                       to_hex_text(report.trace.bytes).substr(0, 16) + '\n';
    std::uint64_t space = 0;
    for (const SimMiner& miner : options.miners) space += miner.space_bytes;
    for (std::size_t i = 0; i < options.miners.size(); ++i) {
        const SimMiner& miner = options.miners[i];
        text += std::to_string(i) + '\t' + to_text(miner.role) + '\t' +
                percent(miner.space_bytes, space) + " of space\t" +
                percent(report.blocks_of[i], report.blocks) + " of blocks\t" +
                to_text(report.wealth[i]) + '\n';
    }
    return text;
}

/// One history; whether nothing was violated.
bool run_one(const SimOptions& options, bool is_shrinking, Console& console)
{
    const SimReport report = simulate(options);
    if (console.json())
        console.result(to_json(options, report));
    else if (!console.options().quiet)
        console.print(to_table(options, report));
    for (const SimViolation& violation : report.violations)
        console.warning("seed " + std::to_string(options.seed) + ", after " +
                        format_duration(violation.time_ms - options.genesis.time_s * second_ms) +
                        ": " + violation.what);
    if (!report.violations.empty() && is_shrinking) {
        for (const SimFault& fault : shrunk_faults(options))
            console.warning("seed " + std::to_string(options.seed) + " needs: " + to_text(fault));
    }
    return report.violations.empty();
}

Exit run(const Options& given, Console& console)
{
    SimOptions options;
    const std::string profile = given.profile.value_or(given.solo_s ? "points" : "ccc");
    options.genesis = named_genesis(profile, read_if_there(profile, genesis_size_max));
    if (given.solo_s) {
        SoloRules rules;
        rules.interval_ms = *given.solo_s * second_ms;
        options.genesis.engine = rules;
    }
    options.miners = miners_of(given, options.genesis);
    options.duration_ms = given.hours * hour_ms;
    options.delay_max_ms = given.delay_ms;
    options.delay_min_ms = std::min<std::uint64_t>(options.delay_min_ms, given.delay_ms);
    options.lost_per_mille = given.lost;
    options.mutant = mutant_of(given.mutant);
    std::uint64_t bad = 0;
    for (std::uint64_t i = 0; i < given.seeds; ++i) {
        options.seed = given.seed + i;
        if (given.has_faults) options.faults = drawn_faults(options);
        if (!run_one(options, given.is_shrinking, console)) ++bad;
    }
    if (bad > 0)
        throw Error{Exit::no, std::to_string(bad) + " of " + std::to_string(given.seeds) +
                                  " histories violate a rule"};
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"simnet", "Simulate many nodes of a chain in virtual time"};
    cli.usage("[--profile NAME|FILE] [--nodes N] [--hours H] [--seed S]");
    cli.formats("genesis 1");
    cli.group("The network");
    cli.option("--profile", "NAME|FILE", options.profile,
               "The chain's genesis; ccc, or points with --solo");
    cli.number("--solo", "S", options.solo_s, {1, 86'400},
               "One node makes all blocks, every S seconds");
    cli.number("--nodes", "N", options.nodes, {1, 1000}, "So many nodes; 16");
    cli.number("--late", "N", options.late, {0, 1000}, "N of them come late, with a checkpoint");
    cli.number("--delay", "MS", options.delay_ms, {1, 600'000},
               "A message takes at most MS milliseconds; 500");
    cli.number("--lost", "N", options.lost, {0, 999}, "Of 1000 messages N are lost; 10");
    cli.group("The history");
    cli.number("--hours", "H", options.hours, {1, 100'000}, "It takes H hours; 24");
    cli.number("--seed", "S", options.seed, {0, UINT64_MAX >> 1U}, "What is drawn; 1");
    cli.number("--seeds", "N", options.seeds, {1, 1'000'000}, "N histories, of seeds from S on");
    cli.flag("--faults", options.has_faults, "Nodes crash, are cut off, or have wrong clocks");
    cli.option(
        "--role", "ROLE", options.roles,
        "A node that does not keep to the rules: fast-clock, withholding, private-fork, "
        "multi-fork, equivocating, future-flood, header-spam, twin-flood, many-faced, cheap-chain");
    cli.number("--share", "PERCENT", options.share, {0, 99}, "Space of all with a --role");
    cli.group("The checks");
    cli.option("--mutant", "NAME", options.mutant, "Plant a fault, which must be found");
    cli.flag("--shrink", options.is_shrinking, "Find the few --faults that are enough");
    cli.example("cairn-simnet --nodes 8 --hours 2", "two hours of a quiet network");
    cli.example("cairn-simnet --nodes 8 --hours 2 --role private-fork --share 30",
                "somebody with 30 % of the space mines in secret");
    cli.example("cairn-simnet --nodes 8 --hours 2 --solo 60 --role equivocating",
                "one producer makes two blocks of each height");
    cli.example("cairn-simnet --nodes 8 --hours 2 --faults --seeds 4", "four bad days");
    return cli.run(argc, argv, [&](Console& console) { return run(options, console); });
}
