#include "kv/detail/front.hpp"

#include "base/cursor.hpp"
#include "os/directory.hpp"
#include "os/input.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace cairn::detail {
namespace {

// Data version 1 of LMDB 0.9, on a machine of 64 bits: page 0 and page 1 each begin with a page
// header and a meta record, of which LMDB follows the newer.
constexpr std::size_t meta_size = 152; // bytes, page header included
constexpr std::uint16_t meta_flag = 0x08;
constexpr std::uint32_t meta_magic = 0xbeefc0de;
constexpr std::uint32_t data_version = 1;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr std::uint16_t depth_max = 32;        // levels
constexpr std::uint32_t page_size_max = 65536; // bytes

struct Meta {
    std::uint32_t page_size = 0;
    std::uint64_t last_page = 0;
    std::uint64_t transaction = 0;
    bool is_whole = false; // within its own bounds
};

[[noreturn]] void refuse(const std::string& name, const char* why)
{
    throw Error{Exit::data, "the database '" + name + "' is damaged: " + why};
}

/// None unless the bytes are a meta page that LMDB could follow.
std::optional<Meta> parse_meta(ByteView bytes)
{
    Reader reader{bytes, "the database's head"};
    Meta meta;
    reader.take(8 + 2); // page number, padding
    if (reader.integer<std::uint16_t>() != meta_flag) return std::nullopt;
    reader.take(4);
    if (reader.integer<std::uint32_t>() != meta_magic) return std::nullopt;
    if (reader.integer<std::uint32_t>() != data_version) return std::nullopt;
    reader.take(8 + 8); // address and size of the map
    std::array<std::uint16_t, 2> depths{};
    std::array<std::uint64_t, 2> roots{};
    for (std::size_t table = 0; table < 2; ++table) { // the free pages, the named tables
        const auto pad = reader.integer<std::uint32_t>();
        if (table == 0) meta.page_size = pad;
        reader.take(2); // flags
        depths[table] = reader.integer<std::uint16_t>();
        reader.take(4 * 8); // counts of pages and entries
        roots[table] = reader.integer<std::uint64_t>();
    }
    meta.last_page = reader.integer<std::uint64_t>();
    meta.transaction = reader.integer<std::uint64_t>();
    meta.is_whole = std::ranges::max(depths) <= depth_max &&
                    std::ranges::all_of(roots, [&](std::uint64_t root) {
                        return root == no_page || root <= meta.last_page;
                    });
    if (!std::has_single_bit(meta.page_size) || meta.page_size < 512 ||
        meta.page_size > page_size_max)
        return std::nullopt;
    return meta;
}

Meta read_meta(const Input& file, std::uint64_t offset, const std::string& name)
{
    std::array<std::byte, meta_size> bytes{};
    if (file.read_at(offset, bytes) != bytes.size()) refuse(name, "its file is truncated");
    const auto meta = parse_meta(bytes);
    if (!meta) refuse(name, "its first pages are not what they were");
    return *meta;
}

} // namespace

std::optional<std::uint64_t> check_front(const std::string& path, const std::string& name)
{
    if (!exists(path)) return std::nullopt;
    const Input file = Input::open_regular(path);
    const std::uint64_t size = *file.size();
    if (size == 0) return std::nullopt;
    const Meta first = read_meta(file, 0, name);
    const Meta second = read_meta(file, first.page_size, name);
    if (second.page_size != first.page_size) refuse(name, "its first pages are not what they were");
    // LMDB leaves the other one half written when a write fails.
    const Meta& newer = second.transaction > first.transaction ? second : first;
    if (!newer.is_whole) refuse(name, "its first pages are not what they were");
    for (const Meta& meta : {first, second})
        if (meta.last_page >= size / meta.page_size) refuse(name, "its file is truncated");
    return size;
}

} // namespace cairn::detail
