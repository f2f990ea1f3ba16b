#pragma once

#include "json/json.hpp"

namespace cairn::detail {

/// Whether every object of a JSON text names each of its members once. `json` is what was read of
/// it, in which the last of several has taken the place of the others.
[[nodiscard]] bool is_named_once(std::string_view text, const Json& json);

} // namespace cairn::detail
