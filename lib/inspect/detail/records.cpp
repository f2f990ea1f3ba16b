#include "base/error.hpp"
#include "base/hex.hpp"
#include "format/index.hpp"
#include "format/list.hpp"
#include "format/receipt_lines.hpp"
#include "inspect/detail/objects.hpp"

#include <algorithm>

// Records of the storage network, cairn-node(5), cairn-receipt(5), cairn-list(5), cairn-index(5),
// cairn-storage(7). Links in them are secrets: they are shown without their keys.

namespace cairn::detail {
namespace {

constexpr std::size_t receipts_shown_max = 256;
constexpr std::size_t entries_shown_max = 4096;

void add_network(Json& json, const NetworkId& network)
{
    if (network != NetworkId{}) json.set("network", to_hex_text(network.bytes));
}

Json to_json(const NodeRecord& record)
{
    Json addresses = Json::array();
    for (const std::string& address : record.addresses) addresses.push(address);
    Json json = kind_json("node-record");
    json.set("sequence", Json::decimal(record.sequence))
        .set("node", to_address(record.node_key))
        .set("account", to_hex_text(account_id(record.node_key).bytes))
        .set("link_key", to_hex_text(record.link_key.bytes))
        .set("addresses", addresses)
        .set("stores", (record.capabilities & capability_stores) != 0)
        .set("relays", (record.capabilities & capability_relays) != 0);
    add_network(json, record.network);
    return json.set("expiry_s", record.expiry_s).set("signed", is_signed(record));
}

Json to_json(const Receipt& receipt)
{
    Json json = kind_json("receipt");
    json.set("provider", to_address(receipt.node_key));
    add_network(json, receipt.network);
    json.set("owner", to_hex_text(receipt.owner.bytes))
        .set("serial", Json::decimal(receipt.serial))
        .set("time_s", receipt.time_s)
        .set("expiry_s", receipt.expiry_s);
    Json items = Json::array();
    for (const ShardItem& item : receipt.items)
        items.push(
            Json::object().set("root", to_hex_text(item.root.bytes)).set("size_bytes", item.size));
    return json.set("items", items).set("signed", is_signed(receipt));
}

Json to_json(const DropRequest& request)
{
    Json json = kind_json("drop-order");
    add_network(json, request.network);
    json.set("owner", to_address(request.owner))
        .set("provider", to_hex_text(request.provider.bytes));
    Json items = Json::array();
    for (const DropItem& item : request.items)
        items.push(Json::object()
                       .set("root", to_hex_text(item.root.bytes))
                       .set("serial", Json::decimal(item.serial)));
    return json.set("items", items).set("signed", is_signed(request));
}

void add_link(Json& json, const Secret& text)
{
    const Link link = parse_link(text.bytes());
    json.set("locator", to_locator_text(link)).set("has_key", link.key.has_value());
}

Json to_json(const IndexRecord& record)
{
    Json json = kind_json("index-record");
    json.set("op", record.op == IndexOp::put ? "put" : "rm")
        .set("sequence", Json::decimal(record.sequence))
        .set("time_s", record.time_s)
        .set("name", record.name)
        .set("media_type", record.media_type)
        .set("size_bytes", record.size);
    add_link(json, record.link);
    return json;
}

/// As chmod takes it: "0755".
std::string octal(unsigned mode)
{
    std::string digits(4, '0');
    for (std::size_t i = digits.size(); i-- > 0; mode /= 8)
        digits[i] = static_cast<char>('0' + mode % 8);
    return digits;
}

Json to_json(const TreeEntry& entry)
{
    Json json = Json::object().set("path", entry.path);
    switch (entry.kind) {
    case TreeKind::file:
        json.set("kind", "file").set("size_bytes", entry.size);
        add_link(json, *entry.link);
        break;
    case TreeKind::directory:
        json.set("kind", "directory");
        break;
    case TreeKind::symlink:
        json.set("kind", "symlink").set("target", entry.target);
        break;
    }
    if (entry.kind != TreeKind::symlink) json.set("mode", octal(entry.mode));
    return json.set("mtime_ns", Json::decimal(entry.mtime_ns));
}

Json inspect_list(const Source& source)
{
    TreeReader reader{source};
    Json entries = Json::array();
    std::uint64_t count = 0;
    std::uint64_t total = 0;
    for (; const auto entry = reader.next(); ++count) {
        total += entry->size;
        if (count < entries_shown_max) entries.push(to_json(*entry));
    }
    Json json = kind_json("list");
    json.set("entries", count).set("total_bytes", total);
    if (count <= entries_shown_max) json.set("list", entries);
    return json;
}

Json inspect_receipts(const Source& source)
{
    ReceiptLines lines{source};
    Json receipts = Json::array();
    std::uint64_t shards = 0;
    bool is_all_signed = true;
    while (const auto receipt = lines.next()) {
        shards += receipt->items.size();
        is_all_signed = is_all_signed && is_signed(*receipt);
        if (lines.line() <= receipts_shown_max) receipts.push(to_json(*receipt));
    }
    Json json = kind_json("receipts");
    json.set("receipts", lines.line()).set("shards", shards).set("signed", is_all_signed);
    if (lines.line() <= receipts_shown_max) json.set("list", receipts);
    return json;
}

} // namespace

std::optional<Json> inspect_records(const Peeked& peeked)
{
    const std::string_view text = as_text(peeked.front);
    if (text.starts_with("cairn-receipt:")) return inspect_receipts(peeked.source);
    if (is_list(peeked.front)) return inspect_list(peeked.source);
    if (!peeked.is_whole) return std::nullopt;
    if (const auto record =
            parse_node_text(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text))
        return to_json(*record);
    const auto type = record_type(peeked.front);
    if (type == RecordType::node) return to_json(parse_node_record(peeked.front));
    if (type == RecordType::receipt) return to_json(parse_receipt(peeked.front));
    if (type == RecordType::drop_request) return to_json(parse_drop_request(peeked.front));
    if (type == RecordType::index) return to_json(parse_index_record(peeked.front));
    return std::nullopt;
}

} // namespace cairn::detail
