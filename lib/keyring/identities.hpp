#pragma once

#include "format/identity.hpp"
#include "format/signature.hpp"
#include "stream/age_stream.hpp"

#include <string>
#include <vector>

namespace cairn {

/// The identity in a file of ours, plain or encrypted with a passphrase; `path` may be "-", "fd:N"
/// or "credential:NAME". Throws Error{noperm} when others may read the file.
Identity load_identity(const std::string& path, const AskPassphrase& ask);

/// The key of a program that nobody is asked for: as load_identity(), but Error{noperm} where there
/// is a passphrase.
Ed25519KeyPair load_service_key(const std::string& path);

/// All that a file can open age files with: our identity file, an identity file of age, an
/// unencrypted OpenSSH key of type ed25519, or an age file with a passphrase around one of them.
std::vector<AgeIdentity> load_age_identities(const std::string& path, const AskPassphrase& ask);

/// What a file can sign with: our identity file, or an unencrypted secret key of minisign.
MinisignSecret load_signer(const std::string& path, const AskPassphrase& ask);

/// The recipients named in a file; see parse_recipient_file.
std::vector<Recipient> load_recipients(const std::string& path);

/// The key that `text` names: a line "RW...", an address, a did:key, or a file with one of them.
SignerKey load_signer_key(const std::string& text);

} // namespace cairn
