#pragma once

#include "audit/storage_challenge.hpp"
#include "codec/cbor.hpp"

// The list of files in challenges and transcripts.

namespace cairn::detail {

void put_challenged(CborWriter& writer, std::span<const ChallengedFile> files);

/// At least one file, together at most tagged_size_max bytes.
std::vector<ChallengedFile> take_challenged(CborReader& reader);

} // namespace cairn::detail
