#pragma once

#include "crypto/keys.hpp"

#include <string>

namespace cairn {

/// The identity in the file `name` of a node's directory, made at the first start, for its owner
/// alone to read. Throws Error{data} when the file is damaged, Error{noperm} when others may read
/// it.
Ed25519KeyPair load_or_make_key(const std::string& directory, const std::string& name,
                                Entropy& entropy);

} // namespace cairn
