#include "base/base58.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t text_max = (base58_size_max * 138 + 99) / 100; // log 256 / log 58 < 1.38
static_assert(alphabet.size() == 58);

/// number = number * `factor` + `digit`, the number in base `base`, least digit first.
void multiply_add(std::vector<unsigned>& number, unsigned base, unsigned factor, unsigned digit)
{
    unsigned carry = digit;
    for (unsigned& place : number) {
        carry += place * factor;
        place = carry % base;
        carry /= base;
    }
    for (; carry != 0; carry /= base) number.push_back(carry % base);
}

} // namespace

std::string to_base58(ByteView bytes)
{
    assert(bytes.size() <= base58_size_max);
    const auto head = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
    std::vector<unsigned> number;
    for (const std::byte byte : bytes)
        multiply_add(number, 58, 256, std::to_integer<unsigned>(byte));

    std::string text(static_cast<std::size_t>(head - bytes.begin()), alphabet.front());
    for (std::size_t i = number.size(); i-- > 0;) text.push_back(alphabet[number[i]]);
    return text;
}

std::optional<Bytes> from_base58(std::string_view text)
{
    if (text.size() > text_max) return std::nullopt;
    std::vector<unsigned> number;
    for (const char symbol : text) {
        const std::size_t digit = alphabet.find(symbol);
        if (digit == alphabet.npos) return std::nullopt;
        multiply_add(number, 256, 58, static_cast<unsigned>(digit));
    }

    Bytes bytes(std::min(text.find_first_not_of(alphabet.front()), text.size()));
    for (std::size_t i = number.size(); i-- > 0;) bytes.push_back(std::byte(number[i]));
    if (bytes.size() > base58_size_max) return std::nullopt;
    return bytes;
}

} // namespace cairn
