#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>

namespace cairn {

/// The last constant of the checksum: BIP 173 and BIP 350. A text of one is refused as the other.
enum class Checksum { bech32, bech32m };

enum class LetterCase { lower, upper };

/// Not the 90 characters of BIP 173: recipients of age with post-quantum keys are longer.
inline constexpr std::size_t bech32_text_max = 4096; // characters
inline constexpr std::size_t bech32_hrp_max = 83;    // characters of the human-readable part

/// The number of characters that a payload of `payload_size` bytes becomes.
constexpr std::size_t bech32_size(std::size_t hrp_size, std::size_t payload_size)
{
    return hrp_size + 1 + payload_size / 5 * 8 + (payload_size % 5 * 8 + 4) / 5 + 6;
}

/// Writes `hrp`, "1", the payload and the checksum. `hrp` is given in lower case whatever the
/// letters written. Branch-free on the payload: secrets may pass through.
/// Needs out.size() == bech32_size(hrp.size(), payload.size()), at most bech32_text_max.
void to_bech32_text(std::string_view hrp, ByteView payload, Checksum checksum, MutableByteView out,
                    LetterCase letters = LetterCase::lower) noexcept;
std::string to_bech32(std::string_view hrp, ByteView payload, Checksum checksum);

/// Reads exactly what to_bech32_text writes for this `hrp` (lower case), these letters and a
/// payload of this size; false on anything else, when `payload` holds garbage. Branch-free on the
/// payload.
[[nodiscard]] bool parse_bech32_into(std::string_view text, std::string_view hrp, Checksum checksum,
                                     MutableByteView payload,
                                     LetterCase letters = LetterCase::lower) noexcept;

struct Bech32 {
    std::string hrp; ///< in lower case
    Bytes payload;
    LetterCase letters = LetterCase::lower; ///< as they were written
};

/// Reads a text with any human-readable part, in lower or in upper case but not in both. For public
/// values only. The bits that fill the last group must be zero.
[[nodiscard]] std::optional<Bech32> parse_bech32(std::string_view text, Checksum checksum);

} // namespace cairn
