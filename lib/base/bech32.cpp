#include "base/bech32.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {
namespace {

constexpr std::string_view lower_symbols = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::string_view upper_symbols = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
constexpr std::size_t checksum_size = 6; // groups of five bits

constexpr std::string_view symbols_of(LetterCase letters)
{
    return letters == LetterCase::lower ? lower_symbols : upper_symbols;
}

/// All ones if the two are equal, else 0; both below 2^31.
constexpr std::uint32_t equal_mask(std::uint32_t left, std::uint32_t right)
{
    return 0U - (((left ^ right) - 1U) >> 31U);
}

/// Every symbol is looked at, so that no address depends on the value.
std::byte symbol_of(std::uint32_t value, std::string_view symbols)
{
    std::uint32_t symbol = 0;
    for (std::uint32_t i = 0; i < 32; ++i)
        symbol |= equal_mask(value, i) & static_cast<unsigned char>(symbols[i]);
    return std::byte(symbol);
}

/// The five bits of a symbol; 32 for any other character.
std::uint32_t value_of(char symbol, std::string_view symbols)
{
    std::uint32_t value = 0;
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < 32; ++i) {
        const std::uint32_t mask =
            equal_mask(static_cast<unsigned char>(symbol), static_cast<unsigned char>(symbols[i]));
        value |= mask & i;
        found |= mask;
    }
    return value | (~found & 32U);
}

/// The checksum of BIP 173: a BCH code over GF(32).
class Polymod {
public:
    explicit Polymod(std::string_view hrp)
    {
        for (const char c : hrp) add(static_cast<unsigned char>(c) >> 5U);
        add(0);
        for (const char c : hrp) add(static_cast<unsigned char>(c) & 31U);
    }

    void add(std::uint32_t value)
    {
        constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                         0x3d4233dd, 0x2a1462b3};
        const std::uint32_t top = sum_ >> 25U;
        sum_ = (sum_ & 0x1ffffffU) << 5U ^ value;
        for (unsigned i = 0; i < 5; ++i) sum_ ^= (0U - (top >> i & 1U)) & generator[i];
    }

    [[nodiscard]] std::uint32_t sum() const { return sum_; }

private:
    std::uint32_t sum_ = 1;
};

constexpr std::uint32_t last_constant(Checksum checksum)
{
    return checksum == Checksum::bech32 ? 1 : 0x2bc830a3;
}

char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char to_case(char c, LetterCase letters)
{
    const bool is_raised = letters == LetterCase::upper && c >= 'a' && c <= 'z';
    return is_raised ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_hrp(std::string_view hrp)
{
    return !hrp.empty() && hrp.size() <= bech32_hrp_max &&
           std::ranges::all_of(hrp, [](char c) { return c > 32 && c < 127 && c == to_lower(c); });
}

} // namespace

void to_bech32_text(std::string_view hrp, ByteView payload, Checksum checksum, MutableByteView out,
                    LetterCase letters) noexcept
{
    assert(is_hrp(hrp) && out.size() <= bech32_text_max);
    assert(out.size() == bech32_size(hrp.size(), payload.size()));
    const std::string_view symbols = symbols_of(letters);
    std::size_t at = 0;
    for (const char c : hrp) out[at++] = std::byte(to_case(c, letters));
    out[at++] = std::byte{'1'};

    Polymod polymod{hrp};
    const auto put = [&](std::uint32_t value) {
        polymod.add(value);
        out[at++] = symbol_of(value, symbols);
    };
    std::uint32_t pending = 0;
    unsigned bits = 0; // how many of the low bits of `pending` wait; known from the position alone
    for (const std::byte byte : payload) {
        pending = (pending << 8U | std::to_integer<std::uint32_t>(byte)) & 0xfffU;
        for (bits += 8; bits >= 5; bits -= 5) put(pending >> (bits - 5U) & 31U);
    }
    if (bits != 0) put(pending << (5U - bits) & 31U);

    for (std::size_t i = 0; i < checksum_size; ++i) polymod.add(0);
    const std::uint32_t sum = polymod.sum() ^ last_constant(checksum);
    for (unsigned shift = 30; shift != 0;)
        out[at++] = symbol_of(sum >> (shift -= 5U) & 31U, symbols);
}

std::string to_bech32(std::string_view hrp, ByteView payload, Checksum checksum)
{
    std::string text(bech32_size(hrp.size(), payload.size()), '\0');
    to_bech32_text(hrp, payload, checksum, std::as_writable_bytes(std::span{text}));
    return text;
}

bool parse_bech32_into(std::string_view text, std::string_view hrp, Checksum checksum,
                       MutableByteView payload, LetterCase letters) noexcept
{
    assert(is_hrp(hrp));
    if (text.size() > bech32_text_max) return false;
    if (text.size() != bech32_size(hrp.size(), payload.size())) return false;
    for (std::size_t i = 0; i < hrp.size(); ++i)
        if (text[i] != to_case(hrp[i], letters)) return false;
    if (text[hrp.size()] != '1') return false;
    text.remove_prefix(hrp.size() + 1);

    Polymod polymod{hrp};
    std::size_t at = 0;
    std::uint32_t wrong = 0;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint32_t value = value_of(text[i], symbols_of(letters));
        wrong |= value >> 5U;
        polymod.add(value & 31U);
        if (i >= text.size() - checksum_size) continue;
        pending = (pending << 5U | (value & 31U)) & 0xfffU;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        payload[at++] = std::byte(pending >> bits & 0xffU);
    }
    wrong |= pending & ((1U << bits) - 1U);
    wrong |= polymod.sum() ^ last_constant(checksum);
    return wrong == 0;
}

std::optional<Bech32> parse_bech32(std::string_view text, Checksum checksum)
{
    if (text.size() > bech32_text_max) return std::nullopt;
    const std::size_t hrp_size = text.rfind('1');
    if (hrp_size == text.npos || text.size() - hrp_size - 1 < checksum_size) return std::nullopt;

    Bech32 result;
    const bool has_upper = std::ranges::any_of(text, [](char c) { return c != to_lower(c); });
    if (has_upper) result.letters = LetterCase::upper;
    for (const char c : text.substr(0, hrp_size)) result.hrp.push_back(to_lower(c));
    if (!is_hrp(result.hrp)) return std::nullopt;
    result.payload.resize((text.size() - hrp_size - 1 - checksum_size) * 5 / 8);
    if (!parse_bech32_into(text, result.hrp, checksum, result.payload, result.letters))
        return std::nullopt;
    return result;
}

} // namespace cairn
