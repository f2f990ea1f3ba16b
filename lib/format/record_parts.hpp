#pragma once

#include "codec/cbor.hpp"
#include "crypto/keys.hpp"
#include "format/record.hpp"

// What all records have in common, for those that write and read them.

namespace cairn {

inline constexpr std::uint64_t record_version = 1;

/// The front of an array of type, version and `parts` more.
void put_record_head(CborWriter& writer, RecordType type, std::size_t parts);
void take_record_head(CborReader& reader, RecordType type, std::size_t parts);

/// Throws Error{data} when `bytes` are more than a record of this kind has.
void check_record_size(ByteView bytes, std::size_t size_max, const char* what);

/// What a signature covers: the context, a zero byte, and the record without its signature, which
/// `put_parts` writes.
template <class PutParts>
Bytes signed_message(std::string_view context, RecordType type, std::size_t parts,
                     PutParts put_parts)
{
    const ByteView text = as_bytes(context);
    Bytes message{text.begin(), text.end()};
    message.push_back(std::byte{0});
    CborWriter writer{message};
    put_record_head(writer, type, parts);
    put_parts(writer);
    return message;
}

} // namespace cairn
