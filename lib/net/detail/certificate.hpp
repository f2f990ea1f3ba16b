#pragma once

#include "crypto/keys.hpp"

#include <optional>

struct ssl_ctx_st;
struct x509_store_ctx_st;

namespace cairn::detail {

/// What is asked of a peer's certificate, and what it holds.
struct KeyCheck {
    std::optional<Ed25519PublicKey> expected;
    Ed25519PublicKey key;
    bool is_other = false; ///< the key is not the expected one
};

/// Makes a context show a self-signed certificate of a key; the same key makes the same
/// certificate. Throws Error{oserr}.
void use_certificate(ssl_ctx_st* context, const Ed25519KeyPair& key);

/// Whether a peer's certificate will do: it is the only one, and its key is an Ed25519 key, and
/// the expected one. Nothing else in it counts: that the peer has the secret key, TLS itself
/// proves.
[[nodiscard]] bool accept_certificate(x509_store_ctx_st* store, KeyCheck& check) noexcept;

} // namespace cairn::detail
