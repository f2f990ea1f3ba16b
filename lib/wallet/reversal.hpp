#pragma once

#include <cstdint>

// How likely it is that a transaction is taken back, cairn-poc(7), "Confirmations".

namespace cairn {

/// By how much building on every fork multiplies the space of whoever does it, without bending: p
/// of cairn-poc(7) for so many blocks an epoch. At least 1.
[[nodiscard]] double fork_gain(std::uint64_t epoch_blocks);

/// The probability that somebody with this share of all space ever makes a better chain without a
/// block that has so many confirmations, if the space counts as `gain` times as much: Rosenfeld's
/// formula, in which the attacker begins one block ahead. From 0 to 1. Needs 0 <= share < 1.
[[nodiscard]] double reversal_probability(double share, double gain, std::uint64_t confirmations);

} // namespace cairn
