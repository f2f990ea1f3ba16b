#pragma once

#include "ledger/execution.hpp"

// Groups: calls of several accounts, of which all are done or none. cairn-transaction(5).

namespace cairn {

inline constexpr std::size_t group_calls_max = 20;

/// The method of module 0 that has calls in its arguments.
inline constexpr std::uint16_t group_method = 1;

/// The calls of a group, none of them a group. Whoever sends the group pays for it.
Bytes to_bytes(std::span<const Call> calls);

/// Throws Error{data}.
std::vector<Call> parse_group(ByteView bytes);

/// All calls of a transaction whose call this is: itself, or those of its group. Throws
/// Error{data}.
std::vector<Call> calls_of(const Call& call);

} // namespace cairn
