#pragma once

#include "crypto/secret.hpp"

#include <optional>
#include <string_view>

namespace cairn {

// The words of BIP 39, English: 32 bytes of entropy as 24 words, the last of which checks the rest.

inline constexpr std::size_t entropy_size = 32;    // bytes
inline constexpr std::size_t words_size_max = 215; // characters: 24 words of 8 and the spaces

/// The sentence of some entropy: words with one space between two. Works for 16 to 32 bytes in
/// steps of 4. No branch or address depends on the entropy.
Secret to_words(ByteView entropy);

/// The entropy of a sentence; words may be separated by any white space and written in capitals.
/// None when a word or the checksum is wrong.
std::optional<Secret> parse_words(ByteView sentence);

/// The BIP-39 seed, 64 bytes: PBKDF2 of the sentence as to_words writes it.
Secret to_seed(ByteView sentence, std::string_view passphrase = {});

} // namespace cairn
