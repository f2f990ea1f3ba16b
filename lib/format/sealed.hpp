#pragma once

#include "format/age_payload.hpp"
#include "format/age_recipient.hpp"

#include <string>

namespace cairn {

// Whole age files in memory, for what fits one chunk: cairn-age(5).

/// The age file of `plain` for one recipient. Needs plain.size() <= chunk_size.
Bytes seal_small(ByteView plain, const Recipient& recipient, Entropy& entropy);

/// What is in it; none when it is not for this identity. Throws Error{data} when it is malformed,
/// changed, or of more than one chunk.
std::optional<Secret> open_small(ByteView file, const AgeIdentity& identity);

/// The same bytes as text.
std::string to_armor(ByteView file);

/// A link for one recipient alone, armored: what `cairn-decrypt` makes a link again.
std::string seal_grant(const Secret& link_text, const Recipient& recipient, Entropy& entropy);

} // namespace cairn
