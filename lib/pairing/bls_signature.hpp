#pragma once

#include "pairing/hash_to_curve.hpp"
#include "pairing/pairing.hpp"

#include <string_view>

// BLS signatures (draft-irtf-cfrg-bls-signature-05), in both variants. A secret key is a scalar
// that is not 0. Keys and signatures are checked when they are decoded, but for infinity, which no
// function here takes for a key.

namespace cairn {

/// Ciphersuites: signatures in G2 with proofs of possession, for votes that are aggregated; in G2
/// and in G1 without.
inline constexpr std::string_view bls_g2_pop = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
inline constexpr std::string_view bls_g2_basic = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_";
inline constexpr std::string_view bls_g1_basic = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

// ---- min-pk: keys in G1, 48 bytes; signatures in G2, 96 bytes.

[[nodiscard]] G1 bls_public_key_g1(const Scalar& secret);
[[nodiscard]] G2 bls_sign_g2(const Scalar& secret, ByteView message, std::string_view suite);
[[nodiscard]] bool bls_verify(const G1& key, ByteView message, const G2& signature,
                              std::string_view suite);

/// That whoever published a key has its secret: without it, others' keys can be cancelled out of
/// aggregates. The suite is that of bls_g2_pop.
[[nodiscard]] G2 bls_prove_possession(const Scalar& secret);
[[nodiscard]] bool bls_verify_possession(const G1& key, const G2& proof);

/// Signatures are aggregated by their sum. Of one message signed by many, whose possession is
/// proven.
[[nodiscard]] bool bls_verify_common(std::span<const G1> keys, ByteView message,
                                     const G2& signature);

/// Of one message each; without proofs of possession all must differ, which is checked for
/// bls_g2_basic.
[[nodiscard]] bool bls_verify_all(std::span<const G1> keys, std::span<const ByteView> messages,
                                  const G2& signature, std::string_view suite);

// ---- min-sig: keys in G2, signatures in G1, for beacons.

[[nodiscard]] G2 bls_public_key_g2(const Scalar& secret);
[[nodiscard]] G1 bls_sign_g1(const Scalar& secret, ByteView message, std::string_view suite);
[[nodiscard]] bool bls_verify(const G2& key, ByteView message, const G1& signature,
                              std::string_view suite);

} // namespace cairn
