#include "codec/cbor.hpp"

#include "base/hex.hpp"
#include "inspect/detail/objects.hpp"

namespace cairn::detail {
namespace {

Json take_item(CborReader& reader)
{
    const CborItem item = reader.any();
    switch (item.kind) {
    case CborKind::number:
        return Json::decimal(item.value);
    case CborKind::bytes:
        return to_hex_text(item.data);
    case CborKind::text:
        return as_text(item.data);
    case CborKind::boolean:
        return item.value != 0;
    case CborKind::null:
        return {};
    case CborKind::array:
        break;
    }
    Json list = Json::array();
    for (std::uint64_t i = 0; i < item.value; ++i) list.push(take_item(reader));
    return list;
}

} // namespace

std::optional<Json> inspect_cbor(const Peeked& peeked)
{
    constexpr auto array_type = std::byte{0x80};
    if (!peeked.is_whole || (peeked.front[0] & std::byte{0xe0}) != array_type) return std::nullopt;
    CborReader reader{peeked.front, "the CBOR item"};
    const Json item = take_item(reader);
    reader.finish();
    return Json::object().set("kind", "cbor").set("item", item);
}

} // namespace cairn::detail
