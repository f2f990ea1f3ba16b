#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>

namespace cairn {

/// Whether `=` fills the last group of four characters (RFC 4648, 3.2).
enum class Padding { padded, unpadded };

/// The number of characters that `size` bytes become.
constexpr std::size_t base64_size(std::size_t size, Padding padding)
{
    const std::size_t tail = size % 3;
    if (padding == Padding::padded) return size / 3 * 4 + (tail != 0 ? 4 : 0);
    return size / 3 * 4 + (tail != 0 ? tail + 1 : 0);
}

/// Writes `bytes` in the standard alphabet (RFC 4648, 4), on one line. Branch-free: secrets may
/// pass through. Needs text.size() == base64_size(bytes.size(), padding).
void to_base64_text(ByteView bytes, Padding padding, MutableByteView text) noexcept;
std::string to_base64(ByteView bytes, Padding padding);

/// Reads exactly what to_base64 writes: no white space, padding as asked, unused bits zero.
/// Gives the number of bytes written to the front of `bytes`, which may be longer. Needs
/// bytes.size() >= text.size() / 4 * 3 + 2, whatever the text. Branch-free.
[[nodiscard]] std::optional<std::size_t> parse_base64_into(std::string_view text, Padding padding,
                                                           MutableByteView bytes) noexcept;
[[nodiscard]] std::optional<Bytes> from_base64(std::string_view text, Padding padding);

/// The same, unpadded, in the alphabet that is safe in URLs (RFC 4648, 5); for public bytes.
std::string to_base64url(ByteView bytes);
[[nodiscard]] std::optional<Bytes> from_base64url(std::string_view text);

} // namespace cairn
