#pragma once

#include "base/entropy.hpp"
#include "format/age_recipient.hpp"
#include "format/armor.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace cairn {

// age files of any length in constant memory: two buffers of 256 KiB a worker.

/// Told how many bytes more are done, from any thread.
using Done = std::function<void(std::uint64_t bytes)>;

struct EncryptOptions {
    bool is_armored = false;
    unsigned workers = 1;
    std::optional<std::uint64_t> size_hint = std::nullopt; ///< of the source: saves memory if small
    Done done{};                                           ///< counts plaintext
};

/// Writes the age file of `source` for all recipients, of which there is at least one, and a
/// passphrase only alone. Throws Error{usage} when there are more than age_stanzas_max,
/// Error{ioerr} and what source and sink throw.
void encrypt_stream(const Source& source, const Sink& sink,
                    const std::vector<Recipient>& recipients, Entropy& entropy,
                    const EncryptOptions& options);

/// Gives the passphrase of a file, when the header shows that it needs one.
using AskPassphrase = std::function<Secret()>;

struct DecryptOptions {
    unsigned workers = 1;
    Done done{}; ///< counts plaintext
};

/// Writes the plaintext of an age file, armored or not, in order and never a byte of a chunk that
/// did not authenticate. Throws Error{data} when the file is malformed, truncated or changed, after
/// writing the chunks before that place; Error{noperm} when no identity opens it.
void decrypt_stream(const Source& source, const Sink& sink,
                    const std::vector<AgeIdentity>& identities, const AskPassphrase& ask,
                    const DecryptOptions& options);

/// The beginning of an age file and a source of the rest.
struct OpenedAge {
    AgeHeader header;
    Bytes header_bytes;
    Source payload;
    bool is_armored = false;
};

/// Reads the header. Throws Error{data}.
OpenedAge open_age(const Source& source);

} // namespace cairn
