#pragma once

#include "capacity/round.hpp"
#include "capacity/warp.hpp"

#include <variant>

// What somebody says that a plot holds, and the check of it, which takes nobody's plot.

namespace cairn {

/// A nonce of the family's form.
struct NonceClaim {
    NumericAccount account;
    NonceNumber nonce;
};

/// A place in a warp of the native form.
struct WarpClaim {
    PlotOwner owner;
    unsigned scale = 1; ///< at most scale_max
    std::uint64_t warp = 0;
    std::uint16_t place = 0; ///< 0 to 4095
};

/// One answer to one round.
struct Claim {
    std::variant<NonceClaim, WarpClaim> where;
    Challenge challenge;
    ScoopNumber scoop;
};

/// The hits of claims, each from nonces that are made again: 2^scale of them for a WarpClaim, one
/// for a NonceClaim, as many at a time as the kernel has lanes for.
[[nodiscard]] std::vector<Hit> hits_of(std::span<const Claim> claims,
                                       ShabalKernel kernel = shabal_kernels().back());

} // namespace cairn
