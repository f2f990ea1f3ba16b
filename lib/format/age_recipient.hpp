#pragma once

#include "base/entropy.hpp"
#include "crypto/keys.hpp"
#include "format/age_header.hpp"

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn {

// Who can open an age file, and how: the stanzas of cairn-age(5).

struct X25519Recipient {
    X25519PublicKey key;
};
struct SshRecipient {
    Ed25519PublicKey key;
};
struct PassphraseRecipient {
    Secret passphrase;
    unsigned log_n = 18; ///< 2^log_n KiB of memory and, at 18, about a second
};
using Recipient = std::variant<X25519Recipient, SshRecipient, PassphraseRecipient>;

struct X25519Identity {
    Secret secret; ///< 32 bytes
    X25519PublicKey key;
};
struct SshIdentity {
    Ed25519KeyPair pair;
};
struct PassphraseIdentity {
    Secret passphrase;
};
using AgeIdentity = std::variant<X25519Identity, SshIdentity, PassphraseIdentity>;

inline constexpr unsigned scrypt_log_n_max = 22; // 4 GiB; more is refused unread

/// What a user names a recipient by: age1..., cairn1..., did:key:... or an ssh-ed25519 line.
/// Throws Error{usage}; a secret key given by mistake is not repeated.
Recipient parse_recipient(std::string_view text);

/// A file with one recipient a line; empty lines and those with '#' in front do not count.
/// Throws Error{data} naming the line.
std::vector<Recipient> parse_recipient_file(std::string_view text);

/// The X25519 identity of a 32-byte secret.
X25519Identity to_identity(Secret secret);

/// The identities in an age identity file: lines AGE-SECRET-KEY-1..., empty lines and comments.
/// Throws Error{data}.
std::vector<AgeIdentity> parse_age_identities(ByteView file);

/// The stanza that gives a recipient the file key. Throws Error{data} for a key that no one can
/// use.
Stanza wrap(const Recipient& recipient, const Secret& file_key, Entropy& entropy);

/// The file key, if a stanza is for this identity. Throws Error{data} when a stanza of a known
/// type is malformed.
std::optional<Secret> unwrap(const AgeIdentity& identity, const AgeHeader& header);

} // namespace cairn
