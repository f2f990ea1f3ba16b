#pragma once

#include "audit/tag_file.hpp"
#include "client/put_journal.hpp"
#include "format/link.hpp"
#include "format/manifest.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// Objects that are smaller, as stored, are kept in whole copies unless a profile is asked for.
inline constexpr std::size_t whole_size_max = 64 * 1024 - 1; // bytes
inline constexpr unsigned whole_copies = 3;

/// The largest manifest that is stored as it is; of a larger one there is a manifest of kind 2.
inline constexpr std::size_t plain_manifest_size_max = 1024 * 1024; // bytes

/// Bytes of the segments in flight, with their parity.
inline constexpr std::size_t put_memory_max = std::size_t{72} << 20U;

/// A profile with segments so large that some of them can be in flight at a time. Throws
/// Error{usage} for a code that is not allowed.
Profile put_profile(unsigned k, unsigned m);

/// What objects are tagged with, so that anybody can check that they are still stored.
struct PutTags {
    const Tagger* tagger; ///< must live longer
    std::shared_ptr<const Bytes> prover_key;
};

/// How objects are stored.
struct PutOptions {
    NetworkId network;
    const Ed25519KeyPair* owner = nullptr; ///< the session's; must live longer
    std::optional<Profile> profile;        ///< none: whole copies for small objects, else `small`
    std::vector<Recipient> recipients;     ///< who can open the objects; none: they are public
    std::optional<X25519PublicKey> index_key; ///< index records are sealed to it; none: no records
    std::optional<std::string> journal_directory; ///< none: nothing is resumed
    std::uint64_t journal_size_min = 0;           ///< bytes: smaller files are not worth a journal
    std::optional<PutTags> tags;                  ///< none: no proofs
    bool is_known = false; ///< the owner may have public objects already: they are asked for first
    std::string temporary_directory = "/tmp";
    std::size_t memory_max = put_memory_max; ///< bytes
    std::size_t manifest_size_max = plain_manifest_size_max;
    std::uint64_t patience_ms = 30'000;     ///< with a provider that does nothing
    unsigned workers = 2;                   ///< 0: all is done in the caller's thread
    std::function<std::uint64_t()> wall_ms; ///< since 1970
};

/// What an object is read from. The source is called from worker threads, one at a time.
struct PutContent {
    Source source;
    std::optional<FileState> file; ///< of a regular file: it can be journalled
};

/// An object to be stored.
struct PutInput {
    std::uint64_t number = 0; ///< the caller's name for it
    std::string name;         ///< for the index record
    std::string media_type;
    bool has_record = true; ///< whether it gets one, if there is an index key
    /// Called once, from a worker thread. Throws Error when the content cannot be read.
    std::function<PutContent()> open;
    /// Which object it must turn out to be; asked when all was read. Empty: whichever it is.
    std::function<ObjectId()> id{};
};

} // namespace cairn
