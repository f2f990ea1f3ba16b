#pragma once

#include "base/entropy.hpp"
#include "crypto/keys.hpp"
#include "format/address.hpp"
#include "format/age_recipient.hpp"

#include <string>

namespace cairn {

// The identity of a person or a node and its file, cairn-identity(5).

inline constexpr std::size_t identity_file_size_max = 4096; // bytes

/// 32 bytes of entropy and all keys that follow from them: the only thing to back up.
class Identity {
public:
    static Identity generate(Entropy& entropy);

    /// The identity of 24 words. Throws Error{data} when they are not 24, or one is wrong.
    static Identity recover(ByteView sentence);

    /// The identity in a file. Throws Error{data} unless `text` is, to the byte, what to_file()
    /// writes: there is one file for one identity.
    static Identity parse(ByteView text);

    /// The whole identity file.
    [[nodiscard]] Secret to_file() const;

    /// The 24 words.
    [[nodiscard]] Secret to_words() const;

    /// A key of 32 bytes for one use: HKDF-SHA-256 of the BIP-39 seed, see cairn-identity(5).
    [[nodiscard]] Secret derive(std::string_view label, std::uint32_t index = 0) const;

    [[nodiscard]] const Ed25519KeyPair& signing() const noexcept { return signing_; }
    [[nodiscard]] X25519Identity decryption() const;

private:
    explicit Identity(Secret entropy);

    Secret entropy_;
    Secret seed_; // of BIP 39
    Ed25519KeyPair signing_;
};

/// True when a text says that it is an identity file of ours.
bool is_identity_file(ByteView text);

/// The four public forms.
struct PublicForms {
    std::string address;
    std::string recipient;
    std::string did;
    std::string minisign;
    std::string key;     ///< the public key itself, in hex digits
    std::string account; ///< its account's id, in hex digits
};
PublicForms public_forms(const Ed25519PublicKey& key);

} // namespace cairn
