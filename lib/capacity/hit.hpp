#pragma once

#include "capacity/nonce.hpp"

// What a scoop is worth in a round: the smaller the hit, the better.

namespace cairn {

/// What a round asks: the generation signature in the family, a digest of seed and height in our
/// chains.
using Challenge = Fixed<struct ChallengeTag, 32>;

/// The first 8 bytes, little-endian, of Shabal-256(challenge, scoop).
struct Hit {
    std::uint64_t value = 0;

    friend auto operator<=>(const Hit&, const Hit&) = default; // NOLINT(modernize-use-nullptr)
};

/// The hit of one scoop. Needs scoop_size bytes.
[[nodiscard]] Hit hit_of(const Challenge& challenge, ByteView scoop);

/// One of many scoops.
struct RankedScoop {
    Hit hit;
    std::uint64_t index = 0;
};

/// The best of scoops that lie one behind the other; of equal ones the first. Needs a multiple of
/// scoop_size bytes, at least one scoop.
[[nodiscard]] RankedScoop best_scoop(const Challenge& challenge, ByteView list,
                                     ShabalKernel kernel = shabal_kernels().back());

} // namespace cairn
