#include "depot/detail/pack.hpp"

#include "base/cursor.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::string_view pack_magic = "CAIRNPAK";
constexpr std::string_view entry_magic = "ENTR";
constexpr std::uint32_t pack_version = 1;
constexpr std::size_t check_size = 8; // bytes

} // namespace

Bytes to_pack_header(std::uint32_t pack)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(pack_magic));
    writer.integer(pack_version);
    writer.integer(pack);
    return bytes;
}

Bytes to_pack_entry_header(const ShardItem& item)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.put(as_bytes(entry_magic));
    writer.integer(static_cast<std::uint32_t>(item.size));
    writer.put(item.root.bytes);
    const Blake3Digest check = blake3(bytes);
    writer.put(ByteView{check.bytes}.first(check_size));
    return bytes;
}

std::optional<ShardItem> parse_pack_entry_header(ByteView bytes)
{
    if (bytes.size() != pack_entry_header_size) return std::nullopt;
    Reader reader{bytes, "a pack entry"};
    reader.take(entry_magic.size());
    ShardItem item;
    item.size = reader.integer<std::uint32_t>();
    item.root = reader.fixed<ShardRoot>();
    if (item.size > packed_size_max || !std::ranges::equal(to_pack_entry_header(item), bytes))
        return std::nullopt;
    return item;
}

std::vector<PackEntry> scan_pack(const File& file, std::uint64_t length)
{
    std::vector<PackEntry> entries;
    std::array<std::byte, pack_entry_header_size> header{};
    for (std::uint64_t offset = pack_header_size; offset + header.size() <= length;) {
        try {
            if (file.read_at(offset, header) != header.size()) break;
        } catch (const Error&) { // a sector that cannot be read leads no further
            break;
        }
        const auto item = parse_pack_entry_header(header);
        if (!item || packed_size(item->size) > length - offset) break;
        entries.push_back({offset, *item});
        offset += packed_size(item->size);
    }
    return entries;
}

} // namespace cairn::detail
