#pragma once

#include "format/shard.hpp"
#include "stream/age_stream.hpp"

#include <string>

namespace cairn {

struct EncodeOptions {
    Profile profile;
    unsigned workers = 1;
    std::string temporary_directory = "/tmp"; ///< for roots above 16 MiB
};

/// What an encoding made.
struct Encoded {
    ManifestHead head;
    ObjectId id;
};

/// Cuts a source into shard files DIR/000.shard ... and DIR/manifest, cairn-shard(5). A directory
/// that did not exist appears whole, by one rename; in one that does, files appear one by one, each
/// complete, the manifest last; with `replace`, shard files of other indices go then. Throws
/// Error{cantcreat} when one of the files exists and `replace` is false, Error{ioerr}.
Encoded encode_to_directory(const Source& source, const std::string& directory, bool replace,
                            const EncodeOptions& options, const Done& done = {});

/// Writes the shard stream of a source.
Encoded encode_to_stream(const Source& source, const Sink& sink, const EncodeOptions& options,
                         const Done& done = {});

/// The name of a shard's file: "000.shard".
std::string shard_file_name(unsigned index);

inline constexpr const char* manifest_file_name = "manifest";

} // namespace cairn
