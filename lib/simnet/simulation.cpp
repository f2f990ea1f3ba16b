#include "simnet/simulation.hpp"

#include "base/error.hpp"
#include "simnet/sim_chain.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = 86'400'000;

constexpr std::array roles{
    std::pair{SimRole::honest, "honest"},
    std::pair{SimRole::fast_clock, "fast-clock"},
    std::pair{SimRole::withholding, "withholding"},
    std::pair{SimRole::private_fork, "private-fork"},
    std::pair{SimRole::multi_fork, "multi-fork"},
    std::pair{SimRole::equivocating, "equivocating"},
    std::pair{SimRole::future_flood, "future-flood"},
    std::pair{SimRole::header_spam, "header-spam"},
    std::pair{SimRole::twin_flood, "twin-flood"},
    std::pair{SimRole::many_faced, "many-faced"},
    std::pair{SimRole::cheap_chain, "cheap-chain"},
};

bool is_producers(SimRole role)
{
    return role == SimRole::fast_clock || role == SimRole::withholding ||
           role == SimRole::equivocating;
}

} // namespace

const char* to_text(SimRole role)
{
    return std::ranges::find(roles, role, &std::pair<SimRole, const char*>::first)->second;
}

std::optional<SimRole> parse_role(std::string_view text)
{
    for (const auto& [role, name] : roles)
        if (text == name) return role;
    return std::nullopt;
}

const char* to_text(SimMutant mutant)
{
    switch (mutant) {
    case SimMutant::none:
        return "none";
    case SimMutant::no_future_limit:
        return "no-future-limit";
    case SimMutant::no_delay:
        return "no-delay";
    case SimMutant::no_proof:
        return "no-proof";
    case SimMutant::no_base_target:
        return "no-base-target";
    case SimMutant::no_seal:
        return "no-seal";
    case SimMutant::no_reorganisation_limit:
        return "no-reorganisation-limit";
    case SimMutant::tie_by_arrival:
        return "tie-by-arrival";
    case SimMutant::guard_forgotten:
        return "guard-forgotten";
    case SimMutant::undo_forgotten:
        return "undo-forgotten";
    case SimMutant::told_early:
        return "told-early";
    case SimMutant::proofs_granted:
        return "proofs-granted";
    case SimMutant::any_key:
        return "any-key";
    case SimMutant::no_halt:
        return "no-halt";
    case SimMutant::draft_forgotten:
        return "draft-forgotten";
    }
    return "";
}

std::string to_text(const SimFault& fault)
{
    std::string text;
    switch (fault.kind) {
    case SimFault::Kind::partition:
        text = "partition below node";
        break;
    case SimFault::Kind::crash:
        text = "crash of node";
        break;
    case SimFault::Kind::skew:
        text = "skewed clock of node";
        break;
    case SimFault::Kind::slow:
        text = "slow node";
        break;
    }
    text += ' ' + std::to_string(fault.node) + " from " + std::to_string(fault.begin_ms) + " to " +
            std::to_string(fault.end_ms) + " ms";
    if (fault.amount != 0) text += ", " + std::to_string(fault.amount);
    return text;
}

std::size_t solo_producer(const SimOptions& options)
{
    const auto found = std::ranges::find_if(options.miners, is_producers, &SimMiner::role);
    return found == options.miners.end() ? 0
                                         : static_cast<std::size_t>(found - options.miners.begin());
}

std::vector<SimFault> drawn_faults(const SimOptions& options)
{
    SimRandom random{options.seed ^ 0x666c7473U};
    std::vector<SimFault> faults;
    const std::size_t nodes = options.miners.size();
    const auto* const solo = std::get_if<SoloRules>(&options.genesis.engine);
    if (options.duration_ms <= options.quiet_ms + minute_ms || nodes < 2) return faults;
    const std::uint64_t range_ms = options.duration_ms - options.quiet_ms;
    const std::uint64_t count = 1 + range_ms / (30 * minute_ms);
    for (std::uint64_t i = 0; i < count; ++i) {
        SimFault fault;
        fault.kind = static_cast<SimFault::Kind>(random.below(4));
        fault.begin_ms = random.below(range_ms);
        fault.end_ms =
            std::min(fault.begin_ms + minute_ms / 2 + random.below(10 * minute_ms), range_ms);
        fault.node = random.below(nodes);
        if (fault.kind == SimFault::Kind::partition) fault.node = 1 + random.below(nodes - 1);
        if (fault.kind == SimFault::Kind::crash)
            fault.amount = static_cast<std::int64_t>(random.below(6));
        if (fault.kind == SimFault::Kind::skew)
            fault.amount = static_cast<std::int64_t>(random.below(2 * day_ms)) - day_ms;
        if (fault.kind == SimFault::Kind::skew && solo && fault.node == solo_producer(options))
            fault.amount = std::min(fault.amount, static_cast<std::int64_t>(solo->future_s * 1000));
        if (fault.kind == SimFault::Kind::slow)
            fault.amount = static_cast<std::int64_t>(random.below(10'000));
        faults.push_back(fault);
    }
    return faults;
}

SimReport simulate(const SimOptions& options)
{
    const bool is_solo = std::holds_alternative<SoloRules>(options.genesis.engine);
    for (const SimMiner& miner : options.miners)
        if (is_solo && !is_producers(miner.role) && miner.role != SimRole::honest &&
            miner.role != SimRole::header_spam)
            throw Error{Exit::config, "nobody can be " + std::string{to_text(miner.role)} +
                                          " on a chain of one producer"};
    return SimChain{options}.run();
}

std::vector<SimFault> shrunk_faults(SimOptions options)
{
    for (std::size_t i = 0; i < options.faults.size();) {
        SimOptions without = options;
        without.faults.erase(without.faults.begin() + static_cast<std::ptrdiff_t>(i));
        if (simulate(without).violations.empty())
            ++i;
        else
            options = std::move(without);
    }
    return options.faults;
}

} // namespace cairn
