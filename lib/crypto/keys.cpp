#include "crypto/keys.hpp"

#include "crypto/detail/sodium.hpp"

#include <cassert>

#include <sodium.h>

namespace cairn {

static_assert(Ed25519KeyPair::seed_size == crypto_sign_SEEDBYTES);
static_assert(Ed25519PublicKey::size == crypto_sign_PUBLICKEYBYTES);
static_assert(X25519PublicKey::size == crypto_scalarmult_BYTES);

namespace {

/// sodium's form of a secret key: seed and public key joined. We keep the seed only.
Secret joined_key(ByteView seed, Ed25519PublicKey& public_key)
{
    assert(seed.size() == Ed25519KeyPair::seed_size);
    Secret joined{crypto_sign_SECRETKEYBYTES};
    crypto_sign_seed_keypair(uchars(public_key.bytes), uchars(joined.bytes()), uchars(seed));
    return joined;
}

} // namespace

Ed25519KeyPair::Ed25519KeyPair(Secret seed) : seed_{std::move(seed)}
{
    joined_key(seed_.bytes(), public_key_);
}

Ed25519Signature Ed25519KeyPair::sign(ByteView message) const
{
    Ed25519PublicKey key;
    const Secret joined = joined_key(seed_.bytes(), key);
    Ed25519Signature signature;
    crypto_sign_detached(uchars(signature.bytes), nullptr, uchars(message), message.size(),
                         uchars(joined.bytes()));
    return signature;
}

Secret Ed25519KeyPair::x25519_secret() const
{
    Secret digest{crypto_hash_sha512_BYTES};
    crypto_hash_sha512(uchars(digest.bytes()), uchars(seed_.bytes()), seed_.size());
    digest.shrink(crypto_scalarmult_SCALARBYTES);
    return digest;
}

bool verify(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature)
{
    detail::start_sodium();
    return crypto_sign_verify_detached(uchars(signature.bytes), uchars(message), message.size(),
                                       uchars(key.bytes)) == 0;
}

std::optional<X25519PublicKey> x25519_image(const Ed25519PublicKey& key)
{
    detail::start_sodium();
    X25519PublicKey image;
    if (crypto_sign_ed25519_pk_to_curve25519(uchars(image.bytes), uchars(key.bytes)) != 0)
        return std::nullopt;
    return image;
}

X25519PublicKey x25519_public(ByteView secret)
{
    assert(secret.size() == crypto_scalarmult_SCALARBYTES);
    detail::start_sodium();
    X25519PublicKey key;
    crypto_scalarmult_base(uchars(key.bytes), uchars(secret));
    return key;
}

std::optional<Secret> x25519(ByteView secret, const X25519PublicKey& point)
{
    assert(secret.size() == crypto_scalarmult_SCALARBYTES);
    Secret shared{crypto_scalarmult_BYTES};
    if (crypto_scalarmult(uchars(shared.bytes()), uchars(secret), uchars(point.bytes)) != 0)
        return std::nullopt;
    return shared;
}

Secret random_secret(Entropy& entropy, std::size_t size)
{
    Secret secret{size};
    entropy.fill(secret.bytes());
    return secret;
}

} // namespace cairn
