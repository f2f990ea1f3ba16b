#pragma once

#include "hash/digest.hpp"
#include "stream/age_stream.hpp"

namespace cairn {

/// The BLAKE2b of everything a source gives, in constant memory.
Blake2bDigest blake2b_of(const Source& source, const Done& done = {});

/// All bytes of a source. Throws Error{data} when there are more than `size_max`.
Bytes read_all(const Source& source, std::size_t size_max);

} // namespace cairn
