#pragma once

#include "base/bytes.hpp"

namespace cairn {

bool is_terminal(int fd) noexcept;

/// Columns of the terminal behind `fd`; 80 when it does not say.
unsigned terminal_width(int fd) noexcept;

/// Asks on the controlling terminal, without echo; never on standard input or output. Writes the
/// line without its end to `answer`, returns its size. Throws Error{usage} without a terminal,
/// Error{noperm} when the line is longer than `answer`.
std::size_t prompt_secret(const char* question, MutableByteView answer);

} // namespace cairn
