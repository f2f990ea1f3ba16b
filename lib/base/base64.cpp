#include "base/base64.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

/// 1 if low <= value <= high, else 0, without a branch the processor could learn. All below 2^31.
constexpr unsigned in_range(unsigned value, unsigned low, unsigned high)
{
    return ((low - 1U - value) & (value - high - 1U)) >> 31U;
}

constexpr unsigned symbol_of(unsigned value)
{
    return in_range(value, 0, 25) * (value + 'A') + in_range(value, 26, 51) * (value - 26U + 'a') +
           in_range(value, 52, 61) * (value - 52U + '0') + in_range(value, 62, 62) * '+' +
           in_range(value, 63, 63) * '/';
}

/// The six bits of a symbol; 64 for any other character.
constexpr unsigned value_of(unsigned symbol)
{
    const unsigned upper = in_range(symbol, 'A', 'Z');
    const unsigned lower = in_range(symbol, 'a', 'z');
    const unsigned digit = in_range(symbol, '0', '9');
    const unsigned plus = in_range(symbol, '+', '+');
    const unsigned slash = in_range(symbol, '/', '/');
    return upper * (symbol - 'A') + lower * (symbol - 'a' + 26U) + digit * (symbol - '0' + 52U) +
           plus * 62U + slash * 63U + (1U - upper - lower - digit - plus - slash) * 64U;
}

} // namespace

void to_base64_text(ByteView bytes, Padding padding, MutableByteView text) noexcept
{
    assert(text.size() == base64_size(bytes.size(), padding));
    std::size_t at = 0;
    unsigned pending = 0;
    unsigned bits = 0; // how many of the low bits of `pending` wait; known from the position alone
    for (const std::byte byte : bytes) {
        pending = (pending << 8U | std::to_integer<unsigned>(byte)) & 0xffffU;
        for (bits += 8; bits >= 6; bits -= 6)
            text[at++] = std::byte(symbol_of(pending >> (bits - 6U) & 63U));
    }
    if (bits != 0) text[at++] = std::byte(symbol_of(pending << (6U - bits) & 63U));
    while (at < text.size()) text[at++] = std::byte{'='};
}

std::string to_base64(ByteView bytes, Padding padding)
{
    std::string text(base64_size(bytes.size(), padding), '\0');
    to_base64_text(bytes, padding, std::as_writable_bytes(std::span{text}));
    return text;
}

std::optional<std::size_t> parse_base64_into(std::string_view text, Padding padding,
                                             MutableByteView bytes) noexcept
{
    assert(bytes.size() >= text.size() / 4 * 3 + 2);
    if (padding == Padding::padded) {
        if (text.size() % 4 != 0) return std::nullopt;
        for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    }
    if (text.size() % 4 == 1) return std::nullopt;

    std::size_t at = 0;
    unsigned wrong = 0;
    unsigned pending = 0;
    unsigned bits = 0;
    for (const char symbol : text) {
        const unsigned value = value_of(static_cast<unsigned char>(symbol));
        wrong |= value >> 6U;
        pending = (pending << 6U | (value & 63U)) & 0x3fffU;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes[at++] = std::byte(pending >> bits & 0xffU);
    }
    wrong |= pending & ((1U << bits) - 1U);
    if (wrong != 0) return std::nullopt;
    return at;
}

std::optional<Bytes> from_base64(std::string_view text, Padding padding)
{
    Bytes bytes(text.size() / 4 * 3 + 2);
    const auto size = parse_base64_into(text, padding, bytes);
    if (!size) return std::nullopt;
    bytes.resize(*size);
    return bytes;
}

std::string to_base64url(ByteView bytes)
{
    std::string text = to_base64(bytes, Padding::unpadded);
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::optional<Bytes> from_base64url(std::string_view text)
{
    if (text.find_first_of("+/") != text.npos) return std::nullopt;
    std::string standard{text};
    std::ranges::replace(standard, '-', '+');
    std::ranges::replace(standard, '_', '/');
    return from_base64(standard, Padding::unpadded);
}

} // namespace cairn
