#pragma once

#include "base/bytes.hpp"
#include "crypto/keys.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

// Detached signatures as minisign writes them, and those of signify, which are only read:
// cairn-signature(5).

using KeyNumber = Fixed<struct KeyNumberTag, 8>;

/// A public key as minisign and signify know it.
struct SignerKey {
    KeyNumber number;
    Ed25519PublicKey key;
};

/// The number that cairn gives a key: the first 8 bytes of its BLAKE2b-512.
KeyNumber key_number(const Ed25519PublicKey& key);

/// "RW...": the line that `minisign -P` takes.
std::string to_minisign(const SignerKey& key);

/// A line "RW...", or the file of minisign or signify that has it below its comment. None for
/// anything else.
std::optional<SignerKey> parse_signer_key(std::string_view text);

/// The key pair in an unencrypted secret key file of minisign. None when `file` is no such file.
/// Throws Error{noperm} when it is encrypted, Error{data} when it is damaged.
struct MinisignSecret {
    KeyNumber number;
    Ed25519KeyPair pair;
};
std::optional<MinisignSecret> parse_minisign_secret(ByteView file);

enum class SignatureKind {
    prehashed, ///< minisign, of the file's BLAKE2b-512: what cairn writes
    legacy,    ///< minisign's older one, of the file itself
    signify,   ///< of the file itself, and no trusted comment
};

inline constexpr std::size_t signature_file_size_max = 20 * 1024; // bytes

/// A signature file.
struct SignatureFile {
    SignatureKind kind = SignatureKind::prehashed;
    KeyNumber number;
    Ed25519Signature signature;
    std::string untrusted_comment;
    std::string trusted_comment;        ///< not of signify
    Ed25519Signature comment_signature; ///< of signature and trusted comment; not of signify
};

/// Signs what has this digest. Comments are one line each: throws Error{usage} otherwise.
SignatureFile sign_digest(const Ed25519KeyPair& pair, const KeyNumber& number,
                          ByteView blake2b_digest, std::string untrusted_comment,
                          std::string trusted_comment);

/// What follows from the text of a prehashed signature; only that kind is written.
std::string to_text(const SignatureFile& file);

/// Throws Error{data} when it is not a signature file.
SignatureFile parse_signature(std::string_view text);

/// Whether `message` is signed by `key`: the BLAKE2b-512 of the data for the prehashed kind, the
/// data itself for the others. The number of the key and the trusted comment are checked too.
[[nodiscard]] bool is_signed(const SignatureFile& file, const SignerKey& key, ByteView message);

} // namespace cairn
