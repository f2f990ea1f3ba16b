#pragma once

#include "capacity/claim.hpp"

namespace cairn {

/// hits_of() by several threads, each with as many claims at a time as fill the lanes of the
/// kernel.
[[nodiscard]] std::vector<Hit> hits_in_parallel(std::span<const Claim> claims, unsigned threads);

} // namespace cairn
