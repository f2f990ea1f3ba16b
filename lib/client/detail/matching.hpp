#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace cairn::detail {

/// Gives as many shards as possible a provider of their own among those that have them:
/// `holders[shard]` are providers, so is the result.
std::vector<std::optional<std::size_t>>
match_holders(const std::vector<std::vector<std::size_t>>& holders);

} // namespace cairn::detail
