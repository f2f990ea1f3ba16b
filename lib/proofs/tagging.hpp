#pragma once

#include "audit/tag_file.hpp"
#include "base/entropy.hpp"
#include "stream/age_stream.hpp"

#include <string>

namespace cairn {

struct TagOptions {
    unsigned workers = 1;
    std::string temporary_directory = "/tmp"; ///< for more than 512 Ki blocks
    Done done{};                              ///< counts bytes of the shard
};

/// Writes the tag file of a shard that is read once, in constant memory: what its blocks are at
/// alpha waits, encrypted, for the root. Throws Error{ioerr}, Error{cantcreat} and what source and
/// sink throw.
TagHeader tag_stream(const Source& source, const Sink& sink, const Tagger& tagger, Entropy& entropy,
                     const TagOptions& options);

} // namespace cairn
