#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Money: whole atoms, never negative, never rounded in silence.

namespace cairn {

inline constexpr std::uint64_t atoms_per_coin = 1'000'000'000;

__extension__ using Uint128 = unsigned __int128; // of intermediate results

struct Amount {
    std::uint64_t atoms = 0;

    friend auto operator<=>(const Amount&,
                            const Amount&) = default; // NOLINT(modernize-use-nullptr)
};

/// None when the sum is more than 2^64 - 1 atoms.
[[nodiscard]] constexpr std::optional<Amount> plus(Amount a, Amount b)
{
    Amount sum;
    if (__builtin_add_overflow(a.atoms, b.atoms, &sum.atoms)) return std::nullopt;
    return sum;
}

/// None when b is more than a.
[[nodiscard]] constexpr std::optional<Amount> minus(Amount a, Amount b)
{
    if (a < b) return std::nullopt;
    return Amount{a.atoms - b.atoms};
}

/// floor(amount * part / whole); the remainder stays with whoever has the amount. Needs
/// part <= whole and whole > 0.
[[nodiscard]] constexpr Amount share_of(Amount amount, std::uint64_t part, std::uint64_t whole)
{
    return {static_cast<std::uint64_t>(Uint128{amount.atoms} * part / whole)};
}

/// Coins, exactly: "0", "1.5", "0.000000001".
[[nodiscard]] std::string to_text(Amount amount);

/// Coins with at most nine decimals, "12" or "0.5", or atoms, "1500atoms". None for anything else:
/// signs, exponents, white space, leading zeros, what is not a whole number of atoms, and what is
/// more than 2^64 - 1 of them.
[[nodiscard]] std::optional<Amount> parse_amount(std::string_view text);

/// The height of a block: how many blocks are before it.
struct Height {
    std::uint32_t value = 0;

    friend auto operator<=>(const Height&,
                            const Height&) = default; // NOLINT(modernize-use-nullptr)
};

/// So many blocks later; the last height there is where there are not so many.
[[nodiscard]] constexpr Height operator+(Height height, std::uint32_t blocks)
{
    Height sum;
    if (__builtin_add_overflow(height.value, blocks, &sum.value)) return {UINT32_MAX};
    return sum;
}

} // namespace cairn
