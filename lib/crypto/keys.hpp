#pragma once

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "crypto/secret.hpp"

#include <optional>

namespace cairn {

using Ed25519PublicKey = Fixed<struct Ed25519PublicKeyTag, 32>;
using Ed25519Signature = Fixed<struct Ed25519SignatureTag, 64>;
using X25519PublicKey = Fixed<struct X25519PublicKeyTag, 32>;

/// An Ed25519 key pair (RFC 8032). The secret half stays in guarded memory.
class Ed25519KeyPair {
public:
    static constexpr std::size_t seed_size = 32; // bytes

    /// The pair a seed stands for; the same seed always gives the same pair (RFC 8032, 5.1.5).
    explicit Ed25519KeyPair(Secret seed);

    /// Another owner of the same pair.
    [[nodiscard]] Ed25519KeyPair clone() const
    {
        return Ed25519KeyPair{Secret::copy(seed_.bytes())};
    }

    [[nodiscard]] Ed25519PublicKey public_key() const noexcept { return public_key_; }

    /// The seed, for a library that signs by itself; lives as long as the pair.
    [[nodiscard]] ByteView seed() const noexcept { return seed_.bytes(); }

    /// A deterministic signature (RFC 8032, 5.1.6).
    [[nodiscard]] Ed25519Signature sign(ByteView message) const;

    /// The X25519 secret key that belongs to the pair's X25519 image: SHA-512(seed)[0..32).
    [[nodiscard]] Secret x25519_secret() const;

private:
    Secret seed_;
    Ed25519PublicKey public_key_;
};

/// libsodium's verdict, which is cairn's: canonical S, no small-order keys.
[[nodiscard]] bool verify(const Ed25519PublicKey& key, ByteView message,
                          const Ed25519Signature& signature);

/// The Montgomery form of an Ed25519 key; none when it is not a point of the main subgroup.
std::optional<X25519PublicKey> x25519_image(const Ed25519PublicKey& key);

/// The public key of a 32-byte secret (RFC 7748). Needs secret.size() == 32.
X25519PublicKey x25519_public(ByteView secret);

/// The shared secret (RFC 7748); none when it is all zeros, which a low-order point gives.
/// Needs secret.size() == 32.
std::optional<Secret> x25519(ByteView secret, const X25519PublicKey& point);

/// `size` fresh secret bytes.
Secret random_secret(Entropy& entropy, std::size_t size);

} // namespace cairn
