#pragma once

#include "capacity/hit.hpp"

// Rounds by the rules of the family (Burst, Signum, BHD), in integers: which scoop is asked for,
// and how long a hit has to wait.

namespace cairn {

/// Which scoop of each nonce a round is about, 0 to 4095.
struct ScoopNumber {
    std::uint16_t value = 0;

    friend auto operator<=>(const ScoopNumber&, const ScoopNumber&) = default;
};

/// The generation signature of the block that follows one made by `generator`.
[[nodiscard]] Challenge next_challenge(const Challenge& before, NumericAccount generator);

/// The scoop of the family's round at a height.
[[nodiscard]] ScoopNumber scoop_of(const Challenge& challenge, std::uint64_t height);

/// The scoop of a round whose challenge is a digest of all that it depends on: its last 12 bits.
[[nodiscard]] ScoopNumber scoop_of(const Challenge& challenge);

/// How likely a block is: a nonce of the network needs on average 2^64 / base target seconds,
/// divided by how many there are.
struct BaseTarget {
    std::uint64_t value = 1;

    friend auto operator<=>(const BaseTarget&, const BaseTarget&) = default;
};

/// Seconds that a hit has to wait. Needs a base target that is not 0.
[[nodiscard]] std::uint64_t deadline_of(Hit hit, BaseTarget target);

/// Signum's deadline since its height 765 000: floor(ln(deadline) * T / ln(T)) for a block time of
/// T seconds, 2 <= T <= 2^20.
[[nodiscard]] std::uint64_t logarithmic_deadline(std::uint64_t deadline,
                                                 std::uint32_t block_time_s);

/// What a deadline is divided by for coins that are committed, since Signum's height 878 000:
/// (commitment / average) ^ 0.4515449935, between 1/8 and 8, in units of 2^-32. Needs an average
/// that is not 0.
[[nodiscard]] std::uint64_t commitment_factor(std::uint64_t commitment, std::uint64_t average);

/// floor(deadline / factor), where the factor is in units of 2^-32.
[[nodiscard]] std::uint64_t divided_deadline(std::uint64_t deadline, std::uint64_t factor);

} // namespace cairn
