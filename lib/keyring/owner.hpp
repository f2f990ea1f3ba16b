#pragma once

#include "base/entropy.hpp"
#include "format/age_recipient.hpp"
#include "format/identity.hpp"
#include "keyring/passphrase.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Who stores: an identity, or nobody in particular.
struct Owner {
    std::optional<Identity> identity;
    std::optional<Ed25519KeyPair> throwaway;

    [[nodiscard]] const Ed25519KeyPair& key() const
    {
        return identity ? identity->signing() : *throwaway;
    }
};

/// The identity in a file; where there is none, a key that is made up. Throws Error{noinput},
/// Error{data}, Error{noperm}.
Owner load_owner(const std::optional<std::string>& file, const PassphraseOptions& passphrase,
                 Entropy& entropy);

/// Who opens what an owner stores: these and its identity. Where that is nobody, a key that nobody
/// has: then only the link opens it. Throws Error{data}.
std::vector<Recipient> recipients_of(const Owner& owner, const std::vector<std::string>& others,
                                     Entropy& entropy);

} // namespace cairn
