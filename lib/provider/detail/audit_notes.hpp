#pragma once

#include "audit/tag_file.hpp"
#include "depot/depot.hpp"

// What a provider notes of the shards of class tags that it has accepted, cairn-store(5). Subjects
// are roots, ids of audited files and ids of audit keys: digests of different things, which never
// meet.

namespace cairn::detail {

inline NoteSubject subject_of(const auto& digest)
{
    return {digest.bytes};
}

/// Of an audited file: where its tag file is in the tag set.
struct TagPlace {
    ShardRoot root; ///< of the shard that is tagged
    std::uint64_t offset = 0;
    std::uint64_t length = 0; ///< bytes
};
Bytes to_bytes(const TagPlace& place);
TagPlace parse_tag_place(ByteView bytes); ///< throws Error{data}

/// Of an audit key: the sectors of its blocks.
Bytes to_sectors_note(std::uint32_t sectors);
std::uint32_t parse_sectors_note(ByteView bytes); ///< throws Error{data}

} // namespace cairn::detail
