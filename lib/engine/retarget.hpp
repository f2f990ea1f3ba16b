#pragma once

#include "ledger/genesis.hpp"

// The base target of each block, and how long a quality has to wait: in integers, cairn-poc(7).

namespace cairn {

/// The base target of a block at a height, whose parent has time `parent_time_s`: the first one
/// times 2^((elapsed - expected) / half-life), as ASERT aserti3-2d computes it, between 1 and the
/// genesis' maximum.
[[nodiscard]] std::uint64_t base_target_at(const PocRules& rules, std::uint64_t first_time_s,
                                           Height height, std::uint64_t parent_time_s);

/// Seconds after its parent before which no block of this quality may be made.
[[nodiscard]] std::uint64_t delay_of(const PocRules& rules, std::uint64_t quality,
                                     std::uint64_t base_target);

/// The largest number whose cube is not more. Needs a value of at most 2^127.
[[nodiscard]] std::uint64_t cube_root(Uint128 value);

/// 2^64 / base target: how many nonces are looked at on average for such a block.
[[nodiscard]] std::uint64_t work_of(std::uint64_t base_target);

/// The space that makes blocks of a base target in the genesis' time, in bytes; at most 2^60.
[[nodiscard]] std::uint64_t fitting_space(const PocRules& rules, std::uint64_t base_target);

/// The same times the genesis' calibration: what is certified; at most 2^60.
[[nodiscard]] std::uint64_t space_of(const Genesis& genesis, std::uint64_t base_target);

} // namespace cairn
