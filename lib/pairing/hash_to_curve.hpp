#pragma once

#include "pairing/g1.hpp"
#include "pairing/g2.hpp"

#include <span>
#include <string_view>

// RFC 9380: messages to points of which nobody knows a logarithm. Tags name who hashes and what
// for; they should have at least 16 bytes. Takes time that depends on the message, so hash no
// secrets.

namespace cairn {

/// expand_message_xmd with SHA-256: `size` bytes, at most 255 * 32, which look random. A tag of
/// more than 255 bytes is hashed first.
[[nodiscard]] Bytes expand_message(ByteView message, std::string_view tag, std::size_t size);

/// BLS12381G1_XMD:SHA-256_SSWU_RO_: as good as drawn from the group.
[[nodiscard]] G1 hash_to_g1(ByteView message, std::string_view tag);

/// The sum of scalars[i] times hash_to_g1(messages[i], tag), for scalars that everybody may know:
/// what leads into the group is done once. Needs as many of both.
[[nodiscard]] G1 sum_of_hashes(std::span<const Scalar> scalars, std::span<const Bytes> messages,
                               std::string_view tag);

/// BLS12381G1_XMD:SHA-256_SSWU_NU_: faster; a part of the group is never met.
[[nodiscard]] G1 encode_to_g1(ByteView message, std::string_view tag);

/// BLS12381G2_XMD:SHA-256_SSWU_RO_ and _NU_.
[[nodiscard]] G2 hash_to_g2(ByteView message, std::string_view tag);
[[nodiscard]] G2 encode_to_g2(ByteView message, std::string_view tag);

/// What these are made of: field elements to points of the group, each the sum of its images.
/// Elements are 48 bytes, big-endian, of G2 two each, the real part first; none if one is not below
/// the modulus.
[[nodiscard]] std::optional<G1> map_to_g1(ByteView elements);
[[nodiscard]] std::optional<G2> map_to_g2(ByteView elements);

} // namespace cairn
