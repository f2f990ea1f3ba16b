#pragma once

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// The header of an age v1 file, cairn-age(5). Source: C2SP age specification, v1.

inline constexpr std::size_t age_header_size_max = 1024 * 1024; // bytes
inline constexpr std::size_t age_stanzas_max = 8192;            // recipients of one file
inline constexpr std::size_t file_key_size = 16;                // bytes
inline constexpr std::size_t age_mac_size = 32;                 // bytes

/// What one recipient needs to find the file key.
struct Stanza {
    std::vector<std::string> arguments; ///< printable ASCII without spaces; the first is the type
    Bytes body;
};

struct AgeHeader {
    std::vector<Stanza> stanzas;
    std::array<std::byte, age_mac_size> mac{};
};

/// True when `prefix` begins as an age file does.
bool is_age(ByteView prefix);

/// Bytes of the header at the start of `prefix`; none when more bytes are needed to tell.
/// Throws Error{data} when it cannot be an age header.
std::optional<std::size_t> find_age_header_size(ByteView prefix);

/// Parses a whole header, byte for byte what to_text would write. Throws Error{data}.
AgeHeader parse_age_header(ByteView header);

/// The header for a file key, MAC included.
std::string to_text(const std::vector<Stanza>& stanzas, const Secret& file_key);

/// Whether the header was made by someone who knows the file key.
[[nodiscard]] bool is_authentic(const AgeHeader& header, ByteView header_bytes,
                                const Secret& file_key);

} // namespace cairn
