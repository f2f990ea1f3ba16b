#pragma once

#include "capacity/claim.hpp"

#include <optional>
#include <string>

// Owners of plots as people and scripts name them.

namespace cairn {

/// A chain's id: 64 hex digits. Throws Error{usage}.
[[nodiscard]] std::array<std::byte, 32> parse_chain_id(const std::string& text);

/// An account's id: an address, a did:key, or 64 hex digits. Throws Error{usage}.
[[nodiscard]] std::array<std::byte, 32> parse_account_id(const std::string& text);

/// An account of the family: a decimal number, or, with a chain of ours, as parse_account_id, whose
/// number on that chain it becomes. Throws Error{usage}.
[[nodiscard]] NumericAccount parse_numeric_account(const std::string& text,
                                                   const std::optional<std::string>& chain);

} // namespace cairn
