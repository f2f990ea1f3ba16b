#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>

namespace cairn {

bool is_terminal(int fd) noexcept;

/// Columns of the terminal behind `fd`; 80 when it does not say.
unsigned terminal_width(int fd) noexcept;

/// Tells text from what could be a command to a terminal, over any number of pieces.
class TerminalText {
public:
    /// False for control characters but tab and line feed, in ASCII or C1, and for what is not
    /// UTF-8.
    [[nodiscard]] bool accepts(ByteView bytes) noexcept;

private:
    unsigned continuations_ = 0; // bytes that complete a character
    bool is_c1_next_ = false;
};

/// Asks on the controlling terminal, without echo; never on standard input or output. Writes the
/// line without its end to `answer`, returns its size. Throws Error{usage} without a terminal,
/// Error{noperm} when the line is longer than `answer`.
std::size_t prompt_secret(const char* question, MutableByteView answer);

/// Asks on the controlling terminal, never on standard input or output; what is typed is seen. The
/// line without its end, as far as it is no longer than 1024 bytes. None where there is no
/// terminal.
[[nodiscard]] std::optional<std::string> prompt_line(const std::string& question);

} // namespace cairn
