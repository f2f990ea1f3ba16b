#include "provider/detail/audit_notes.hpp"

#include "base/cursor.hpp"

namespace cairn::detail {
namespace {

const char* const what = "a note of the store";

} // namespace

Bytes to_bytes(const TagPlace& place)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(place.root.bytes);
    writer.integer(place.offset);
    writer.integer(place.length);
    return bytes;
}

TagPlace parse_tag_place(ByteView bytes)
{
    Reader reader{bytes, what};
    TagPlace place;
    place.root = reader.fixed<ShardRoot>();
    place.offset = reader.integer<std::uint64_t>();
    place.length = reader.integer<std::uint64_t>();
    reader.finish();
    return place;
}

Bytes to_sectors_note(std::uint32_t sectors)
{
    Bytes bytes;
    Writer{bytes}.integer(sectors);
    return bytes;
}

std::uint32_t parse_sectors_note(ByteView bytes)
{
    Reader reader{bytes, what};
    const auto sectors = reader.integer<std::uint32_t>();
    reader.finish();
    return sectors;
}

} // namespace cairn::detail
