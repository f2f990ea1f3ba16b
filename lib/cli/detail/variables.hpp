#pragma once

#include "cli/detail/command.hpp"

// Options that come from the environment: "--link-timeout" is CAIRN_LINK_TIMEOUT.

namespace cairn::detail {

/// The value of a variable of the environment, or null.
using Lookup = std::function<const char*(const std::string& name)>;

std::string variable_of(const Option& option);

/// Stores the variables of those options that the command line does not give; an empty variable
/// counts as none. A flag takes "0" or "1", one that can be repeated how often; an option that can
/// be repeated takes its values with white space between. Throws Error{config}, naming the
/// variable.
void store_variables(const Given& given, const Lookup& look_up);

} // namespace cairn::detail
