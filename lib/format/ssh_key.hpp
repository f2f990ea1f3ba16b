#pragma once

#include "crypto/keys.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// Keys of OpenSSH, Ed25519 only: the public line of authorized_keys(5), and the unencrypted private
// key file that `ssh-keygen -t ed25519` writes (PROTOCOL.key of OpenSSH).

inline constexpr std::size_t ssh_wire_size = 51; // bytes

/// The public key blob as SSH hashes and sends it.
std::array<std::byte, ssh_wire_size> to_ssh_wire(const Ed25519PublicKey& key);

/// "ssh-ed25519 AAAA... comment"; none when it is not such a line.
std::optional<Ed25519PublicKey> parse_ssh_public(std::string_view line);

/// True when a text is a private key file of OpenSSH.
bool is_ssh_private(ByteView text);

/// The key in a private key file. Throws Error{data} when it is malformed or of another type,
/// Error{noperm} when it is encrypted.
Ed25519KeyPair parse_ssh_private(ByteView text);

} // namespace cairn
