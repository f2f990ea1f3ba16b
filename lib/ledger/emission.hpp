#pragma once

#include "ledger/amount.hpp"

// How much is minted, in integers alone. Nothing is lost to rounding: what is left of a division is
// carried to the next block.

namespace cairn {

inline constexpr unsigned ccc_phases = 31;

/// The policy ccc: in phase p a coin is found for each 2^p GiB, and discovery covers a 2^19th of
/// the space in a block. Phase p has 2^(29-p) coins, the last phase the last coin.
struct CccEmission {
    std::uint64_t phase = 0;                                 ///< ccc_phases when all is minted
    Amount left{(std::uint64_t{1} << 29U) * atoms_per_coin}; ///< in this phase
    Uint128 rest = 0; ///< carried, of an atom times space_for_atoms()

    /// What is minted for a block of so much space, at most 2^60 bytes.
    Amount mint(std::uint64_t space_bytes);

    /// Counts coins that there were from the beginning as minted.
    void skip(Amount amount);

    /// What the space would give at the phase's rate alone, rounded down: swept coins are found
    /// again at it.
    [[nodiscard]] Amount rate(std::uint64_t space_bytes) const;

    friend bool operator==(const CccEmission&, const CccEmission&) = default;
};

inline constexpr Amount ccc_cap{(std::uint64_t{1} << 30U) * atoms_per_coin};
inline constexpr std::uint64_t ccc_space_max = std::uint64_t{1} << 60U; // bytes

/// The most that there can be of points: when it is reached nothing more is minted.
inline constexpr Amount points_supply_max{std::uint64_t{1} << 63U};

/// The policy points: what is minted in an epoch (from 0) of a year whose first supply was `base`.
[[nodiscard]] Amount points_minted(Amount base, std::uint64_t per_mille, std::uint64_t epoch,
                                   std::uint64_t year_epochs);

} // namespace cairn
