#pragma once

#include "base/error.hpp"
#include "stream/age_stream.hpp"

#include <string>
#include <vector>

namespace cairn {

struct BatchOptions {
    std::string directory; ///< gets NAME.age for each file; made if it does not exist
    bool replace = false;  ///< files that exist there
    bool is_armored = false;
    unsigned workers = 1;
};

/// What became of one file of a batch.
struct BatchFailure {
    std::string path;
    Exit code = Exit::ioerr;
    std::string reason;
};

/// Encrypts many files, each to a file of its own, several at a time, with one sync for hundreds of
/// them; names appear when their data is durable. A file that fails is left out and told of; the
/// others are encrypted. Throws Error{usage} when two files would get one name, Error{cantcreat} or
/// Error{ioerr} when the directory fails.
std::vector<BatchFailure> encrypt_batch(const std::vector<std::string>& paths,
                                        const std::vector<Recipient>& recipients, Entropy& entropy,
                                        const BatchOptions& options, const Done& done);

/// The names in a list: one a line, or ended by NUL where `is_nul`. Throws Error{data} for an empty
/// name.
std::vector<std::string> parse_file_list(ByteView list, bool is_nul);

} // namespace cairn
