#pragma once

#include "cli/cli.hpp"

#include <cstdint>
#include <string>

namespace cairn::detail {

/// How a number is written.
enum class Unit { none, bytes, milliseconds };

/// The value of the option `name` ("--threads"). Throws Error{usage}, which shows the range.
std::uint64_t to_number(const std::string& name, const std::string& text, Range range, Unit unit);

} // namespace cairn::detail
