#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace cairn {
namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t size = 0; // bytes; 0 if they are not UTF-8
};

/// The first character of `text`, which is not empty.
Character first_of(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};

    std::uint32_t code = lead & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) return {};
        code = code << 6U | (byte(i) & 0x3fU);
    }
    const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (is_overlong || is_surrogate || code > 0x10ffff) return {};
    return {code, size};
}

bool is_printable(std::uint32_t code)
{
    const auto in = [&](std::uint32_t low, std::uint32_t high) {
        return low <= code && code <= high;
    };
    const bool is_control = in(0, 0x1f) || in(0x7f, 0x9f);
    const bool is_bidi = code == 0x61c || in(0x200e, 0x200f) || in(0x202a, 0x202e) ||
                         in(0x2066, 0x2069); // the property Bidi_Control
    const bool is_separator = in(0x2028, 0x2029);
    return !is_control && !is_bidi && !is_separator;
}

void append_hex(std::string& out, std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto value = static_cast<unsigned char>(c);
        out += "\\x";
        out += digits[value >> 4U];
        out += digits[value & 15U];
    }
}

} // namespace

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const Character character = first_of(text);
        if (character.size == 0) return false;
        text.remove_prefix(character.size);
    }
    return true;
}

std::string escape(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const Character character = first_of(text);
        const std::string_view bytes = text.substr(0, std::max<std::size_t>(character.size, 1));
        text.remove_prefix(bytes.size());

        if (bytes == "\n")
            out += "\\n";
        else if (bytes == "\t")
            out += "\\t";
        else if (bytes == "'" || bytes == "\\")
            (out += '\\') += bytes;
        else if (character.size != 0 && is_printable(character.code))
            out += bytes;
        else
            append_hex(out, bytes);
    }
    return out;
}

std::size_t edit_distance(std::string_view left, std::string_view right)
{
    // row[j] is the distance between what was read of `left` and the first j characters of `right`.
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string shell_quote(std::string_view text)
{
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'')
            quoted += "'\\''";
        else
            quoted += c;
    }
    return quoted + '\'';
}

} // namespace cairn
