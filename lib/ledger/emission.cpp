#include "ledger/emission.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr unsigned gib_bits = 30;
constexpr unsigned discovery_bits = 19; // of 2^19 blocks a GiB of found space
constexpr unsigned last_coin_phase = 30;

/// Of one atom in a phase: 2^30 bytes, times 2^p, times 2^19, for each of an atom's share of a
/// coin.
Uint128 space_for_coin(std::uint64_t phase)
{
    return Uint128{1} << (gib_bits + phase + discovery_bits);
}

Amount coins_of(std::uint64_t phase)
{
    if (phase < last_coin_phase) return {ccc_cap.atoms >> (phase + 1)};
    return {phase == last_coin_phase ? atoms_per_coin : 0};
}

} // namespace

Amount CccEmission::mint(std::uint64_t space_bytes)
{
    assert(space_bytes <= ccc_space_max);
    std::uint64_t minted = 0;
    while (space_bytes > 0 && phase < ccc_phases) {
        const Uint128 cost = space_for_coin(phase);
        const Uint128 found = rest + Uint128{space_bytes} * atoms_per_coin;
        const Uint128 atoms = found / cost;
        if (atoms < left.atoms) {
            rest = found % cost;
            left.atoms -= static_cast<std::uint64_t>(atoms);
            return {minted + static_cast<std::uint64_t>(atoms)};
        }
        const Uint128 missing = Uint128{left.atoms} * cost - rest;
        space_bytes -= static_cast<std::uint64_t>((missing + atoms_per_coin - 1) / atoms_per_coin);
        minted += left.atoms;
        rest = 0;
        left = coins_of(++phase);
    }
    return {minted};
}

void CccEmission::skip(Amount amount)
{
    while (amount.atoms > 0) {
        assert(phase < ccc_phases);
        const std::uint64_t skipped = std::min(amount.atoms, left.atoms);
        left.atoms -= skipped;
        amount.atoms -= skipped;
        if (left.atoms == 0) left = coins_of(++phase);
    }
}

Amount CccEmission::rate(std::uint64_t space_bytes) const
{
    const std::uint64_t at = std::min<std::uint64_t>(phase, last_coin_phase);
    return {static_cast<std::uint64_t>(Uint128{space_bytes} * atoms_per_coin / space_for_coin(at))};
}

Amount points_minted(Amount base, std::uint64_t per_mille, std::uint64_t epoch,
                     std::uint64_t year_epochs)
{
    const Uint128 whole = Uint128{1000} * year_epochs;
    const Uint128 growth = Uint128{base.atoms} * per_mille;
    const Uint128 until = growth * (epoch + 1) / whole;
    return {static_cast<std::uint64_t>(until - growth * epoch / whole)};
}

} // namespace cairn
