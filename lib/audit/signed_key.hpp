#pragma once

#include "audit/key.hpp"
#include "crypto/keys.hpp"

#include <string>
#include <string_view>

// Keys of storage proofs as they are handed out, with their owner's signature, cairn-audit-key(5).
// A parse_ function throws Error{data} unless the bytes are exactly what to_bytes writes and all
// points are points of their groups; the signature is not checked by it.

namespace cairn {

/// The audit key of an identity: proofs about its files are checked with it.
struct SignedAuditKey {
    AuditKey key;
    Ed25519PublicKey owner;
    Ed25519Signature signature; ///< of the key's id
};

inline constexpr std::size_t audit_key_size_max = 512; // bytes

[[nodiscard]] SignedAuditKey sign(const AuditKey& key, const Ed25519KeyPair& owner);
[[nodiscard]] bool is_signed(const SignedAuditKey& key);
Bytes to_bytes(const SignedAuditKey& key);
SignedAuditKey parse_audit_key(ByteView bytes);

/// "cairn-audit-key:" and base64url of the bytes: the line in an audit key's file.
std::string to_text(const SignedAuditKey& key);

/// Whether a text begins like this.
bool is_audit_key_text(std::string_view text);

/// The first line of a text that begins like this; lines before it begin with '#'. Throws
/// Error{data} when there is none, or it is malformed.
SignedAuditKey parse_audit_key_text(std::string_view text);

/// What providers make proofs with, which belongs to an audit key.
struct SignedProverKey {
    SignedAuditKey audit;
    ProverKey powers;
};

inline constexpr std::size_t prover_key_size_max = sectors_max * G1::size + 1024; // bytes

Bytes to_bytes(const SignedProverKey& key);
SignedProverKey parse_prover_key(ByteView bytes);

} // namespace cairn
