#pragma once

#include "crypto/keys.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// The public forms of an identity, cairn-identity(5).

enum class Network { main, test };

/// "cairn1..." or "tcairn1...": bech32m of a type byte 0 and the key, 65 characters or one more.
std::string to_address(const Ed25519PublicKey& key, Network network = Network::main);

struct Address {
    Ed25519PublicKey key;
    Network network = Network::main;
};

/// None unless to_address writes exactly this text, or its upper-case form.
std::optional<Address> parse_address(std::string_view text);

/// "did:key:z6Mk...", which has no checksum: accept it, never show it alone.
std::string to_did(const Ed25519PublicKey& key);
std::optional<Ed25519PublicKey> parse_did(std::string_view text);

/// "age1...": bech32 of an X25519 key.
std::string to_age_recipient(const X25519PublicKey& key);
std::optional<X25519PublicKey> parse_age_recipient(std::string_view text);

/// True when there is in a text what secrets of ours, of age, OpenSSH, minisign or signify begin
/// with: it must not be shown in messages.
bool looks_secret(std::string_view text);

} // namespace cairn
