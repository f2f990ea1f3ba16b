#pragma once

#include "base/error.hpp"

#include <string>

namespace cairn {

/// Throws Error{code}: "cannot open 'me.key': No such file or directory". Reads errno.
[[noreturn]] void throw_errno(Exit code, const char* action, const std::string& object);

} // namespace cairn
