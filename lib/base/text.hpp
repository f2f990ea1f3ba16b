#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

/// Strictly UTF-8: no overlong form, no surrogate, nothing above U+10FFFF (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

/// Text from outside, fit for one line of a message between single quotes. Quote and backslash get
/// a backslash, line feed and tab become \n and \t, and each byte of what could change the terminal
/// or the look of the line becomes \xNN: controls (C0, DEL, C1), bidirectional controls, line and
/// paragraph separators, and what is not UTF-8.
std::string escape(std::string_view text);

/// How many characters (bytes) must be inserted, removed or replaced to make one of the other.
/// Takes left.size() * right.size() steps: compare only with short texts.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// `text` as one word of the shell, whatever is in it.
std::string shell_quote(std::string_view text);

} // namespace cairn
