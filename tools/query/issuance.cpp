#include "issuance.hpp"

#include "base/error.hpp"
#include "ledger/emission.hpp"
#include "ledger/genesis.hpp"
#include "os/input.hpp"
#include "os/path_info.hpp"

#include <algorithm>

using namespace cairn;

namespace {

constexpr std::uint64_t year_ms = std::uint64_t{365} * 24 * 3600 * 1000;
constexpr std::uint64_t million = 1'000'000;

/// How it is at the end of a year or of a phase.
struct Row {
    const char* step = "year";
    std::uint64_t number = 0;
    std::uint64_t height = 0; ///< of the last block
    Amount minted;            ///< in this step
    Amount supply;
    Amount whole; ///< that the supply is compared with
};

void tell(const Row& row, Console& console)
{
    const auto share = static_cast<std::uint64_t>(
        row.whole == Amount{} ? 0 : Uint128{row.supply.atoms} * million / row.whole.atoms);
    if (console.json())
        return console.result(Json::object()
                                  .set(row.step, row.number)
                                  .set("height", row.height)
                                  .set("minted_atoms", Json::decimal(row.minted.atoms))
                                  .set("supply_atoms", Json::decimal(row.supply.atoms))
                                  .set("share_ppm", share));
    constexpr std::uint64_t percent = million / 100;
    std::string digits = std::to_string(share % percent);
    digits.insert(0, 4 - digits.size(), '0');
    console.print(std::to_string(row.number) + '\t' + std::to_string(row.height) + '\t' +
                  to_text(row.minted) + '\t' + to_text(row.supply) + '\t' +
                  std::to_string(share / percent) + '.' + digits + " %\n");
}

std::uint64_t block_time_ms(const Genesis& genesis)
{
    if (const auto* const solo = std::get_if<SoloRules>(&genesis.engine)) return solo->interval_ms;
    return std::get<PocRules>(genesis.engine).block_time_s * 1000;
}

/// A chain of the policy ccc with the same space in all blocks.
struct CccChain {
    CccEmission emission{};
    std::uint64_t space = 0; // bytes
    std::uint64_t height = 0;
    Amount supply{};

    /// Mints as blocks do up to a height, or to the end of a phase if that comes before. Within a
    /// phase many blocks mint together what they mint one by one, since nothing is lost to
    /// rounding.
    void advance(std::uint64_t end)
    {
        const std::uint64_t phase = emission.phase;
        std::uint64_t most = std::max<std::uint64_t>(1, ccc_space_max / space);
        while (height < end && emission.phase == phase) {
            const std::uint64_t blocks = std::min(most, end - height);
            CccEmission next = emission;
            const Amount minted = next.mint(space * blocks);
            if (next.phase != phase && blocks > 1) {
                most = blocks / 2;
                continue;
            }
            emission = next;
            supply.atoms += minted.atoms;
            height += blocks;
        }
    }
};

void simulate(CccChain chain, std::uint64_t years, std::uint64_t year_blocks, bool is_by_phase,
              Console& console)
{
    Amount before = chain.supply;
    const auto tell_step = [&](const char* step, std::uint64_t number) {
        tell({step, number, chain.height, *minus(chain.supply, before), chain.supply, ccc_cap},
             console);
        before = chain.supply;
    };
    for (std::uint64_t year = 1; year <= years; ++year) {
        const std::uint64_t end = year * year_blocks;
        while (chain.height < end) {
            const std::uint64_t phase = chain.emission.phase;
            if (phase == ccc_phases) {
                if (is_by_phase) return;
                chain.height = end;
                break;
            }
            chain.advance(end);
            for (std::uint64_t over = phase; is_by_phase && over < chain.emission.phase; ++over)
                tell_step("phase", over);
        }
        if (!is_by_phase) tell_step("year", year);
    }
}

void simulate(const PointsPolicy& policy, Amount supply, std::uint64_t years, Console& console)
{
    const Amount first = supply;
    const std::uint64_t year_blocks = policy.year_epochs * policy.epoch_blocks;
    for (std::uint64_t year = 1; year <= years; ++year) {
        const Amount base = supply;
        for (std::uint64_t epoch = 0; epoch < policy.year_epochs; ++epoch) {
            const Amount minted =
                points_minted(base, policy.inflation_per_mille, epoch, policy.year_epochs);
            supply.atoms +=
                std::min(minted, minus(points_supply_max, supply).value_or(Amount{})).atoms;
        }
        tell({"year", year, year * year_blocks, *minus(supply, base), supply, first}, console);
    }
}

} // namespace

void IssuanceVerb::declare(Cli& cli)
{
    verb_ = &cli.verb("issuance", "Simulate how many coins there will be, without a node");
    verb_->usage("[--genesis FILE] [--space SIZE] [--years N] [--by year|phase]");
    verb_->option("--genesis", "FILE", genesis_, "The chain: a file, or dev, ccc, points; ccc");
    verb_->size("--space", "SIZE", space_, {1, ccc_space_max},
                "With ccc: each block finds the coins of SIZE");
    verb_->number("--years", "N", years_, {1, 1'000}, "So many years; 20");
    verb_->choice("--by", step_, {"year", "phase"}, "What a line is of");
}

Exit IssuanceVerb::run(Console& console) const
{
    const Genesis genesis = named_genesis(genesis_, read_if_there(genesis_, genesis_size_max));
    const bool is_by_phase = step_ == "phase";
    const Amount first = first_supply(genesis);
    if (const auto* const points = std::get_if<PointsPolicy>(&genesis.policy)) {
        if (is_by_phase || space_)
            throw Error{Exit::usage, "points have no phases, and need no space"};
        if (first == Amount{})
            throw Error{Exit::config, "nobody has points in this genesis, so there will be none"};
        simulate(*points, first, years_, console);
        return Exit::ok;
    }
    CccChain chain;
    chain.space = space_.value_or(std::get<CccPolicy>(genesis.policy).space_bytes);
    if (chain.space == 0)
        throw Error{Exit::usage, "the space of this chain is not known", "name it by --space SIZE"};
    chain.emission.skip(first);
    chain.supply = first;
    simulate(chain, years_, std::max<std::uint64_t>(1, year_ms / block_time_ms(genesis)),
             is_by_phase, console);
    return Exit::ok;
}
