#include "provider/json_calls.hpp"

#include "format/audit_message.hpp"
#include "net/fields.hpp"

#include <algorithm>

namespace cairn {
namespace {

std::string hex(const auto& fixed)
{
    return to_hex_text(fixed.bytes);
}

Json to_json(const ShardItem& item)
{
    return Json::object().set("root", hex(item.root)).set("size_bytes", item.size);
}

PutRequest put_request(Fields& fields, const CallMaterial& material)
{
    if (material.shards.empty())
        throw Error{Exit::usage, "shard.put needs what is to be stored", "name it by --body FILE"};
    PutRequest request;
    request.kind = parse_shard_class(fields.text("class").value_or("data"));
    request.expiry_s = fields.number("expiry_s").value_or(0);
    for (const ByteView shard : material.shards)
        request.items.push_back({blake3(shard), shard.size()});
    return request;
}

GetRequest get_request(Fields& fields)
{
    GetRequest request;
    request.root = fields.id<ShardRoot>("root");
    const auto size = fields.number("size_bytes");
    if (!size) throw Error{Exit::data, "'size_bytes' is missing: shard.has tells it"};
    request.size = *size;
    request.offset = fields.number("offset_bytes").value_or(0);
    if (request.offset > request.size) throw Error{Exit::data, "the offset is beyond the shard"};
    request.length = fields.number("length_bytes").value_or(request.size - request.offset);
    return request;
}

DropRequest drop_request(Fields& fields, const CallMaterial& material)
{
    if (material.owner == nullptr)
        throw Error{Exit::usage, "shard.drop needs the owner's identity", "name it by -i FILE"};
    DropRequest request;
    request.network = material.network;
    request.provider = account_id(material.provider);
    const Json items = fields.list("items");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Json each = items.item(i);
        Fields item{each};
        const auto root = item.id<ShardRoot>("root");
        const auto serial = item.number("serial");
        item.finish();
        if (!serial) throw Error{Exit::data, "'serial' is missing"};
        request.items.push_back({root, *serial});
    }
    sign(request, *material.owner);
    return request;
}

ListRequest list_request(Fields& fields)
{
    return {parse_shard_class(fields.text("class").value_or("data")),
            fields.number("after").value_or(0)};
}

/// The files in the order that the protocol wants, whatever it was.
ProveRequest prove_request(Fields& fields)
{
    ProveRequest request;
    request.key = fields.id<AuditKeyId>("key");
    request.nonce = fields.id<AuditNonce>("nonce");
    const auto blocks = fields.number("blocks");
    if (!blocks) throw Error{Exit::data, "'blocks' is missing"};
    request.blocks = *blocks;
    request.files = fields.ids<AuditFileId>("files");
    std::ranges::sort(request.files);
    return request;
}

Json to_json(const TagsReply& reply)
{
    Json subjects = Json::array();
    for (const std::vector<ShardItem>& items : reply.items) {
        Json found = Json::array();
        for (const ShardItem& item : items) found.push(to_json(item));
        subjects.push(std::move(found));
    }
    return Json::object().set("items", std::move(subjects));
}

Json to_json(const PeersReply& reply)
{
    Json records = Json::array();
    for (const NodeRecord& record : reply.records) records.push(cairn::to_json(record));
    return Json::object().set("records", std::move(records));
}

} // namespace

ShardClass parse_shard_class(std::string_view text)
{
    if (text == "data") return ShardClass::data;
    if (text == "index") return ShardClass::index;
    if (text == "tags") return ShardClass::tags;
    throw Error{Exit::data, "'class' is none of data, index and tags"};
}

Json to_json(const HasReply& reply)
{
    Json entries = Json::array();
    for (const HasEntry& entry : reply.entries)
        entries.push(Json::object()
                         .set("is_here", entry.is_here)
                         .set("size_bytes", entry.size)
                         .set("serial", Json::decimal(entry.serial)));
    return Json::object().set("entries", std::move(entries));
}

Json to_json(const ListReply& reply)
{
    Json entries = Json::array();
    for (const ListEntry& entry : reply.entries)
        entries.push(to_json(entry.item)
                         .set("serial", Json::decimal(entry.serial))
                         .set("time_s", entry.time_s));
    return Json::object().set("entries", std::move(entries));
}

Json to_json(const Receipt& receipt)
{
    Json items = Json::array();
    for (const ShardItem& item : receipt.items) items.push(to_json(item));
    return Json::object()
        .set("receipt", to_text(receipt))
        .set("node", to_address(receipt.node_key))
        .set("owner", hex(receipt.owner))
        .set("serial", Json::decimal(receipt.serial))
        .set("time_s", receipt.time_s)
        .set("expiry_s", receipt.expiry_s)
        .set("items", std::move(items));
}

Json to_json(const NodeRecord& record)
{
    Json addresses = Json::array();
    for (const std::string& address : record.addresses) addresses.push(address);
    return Json::object()
        .set("record", to_text(record))
        .set("node", to_address(record.node_key))
        .set("link_key", hex(record.link_key))
        .set("sequence", Json::decimal(record.sequence))
        .set("addresses", std::move(addresses))
        .set("stores", (record.capabilities & capability_stores) != 0)
        .set("relays", (record.capabilities & capability_relays) != 0)
        .set("expiry_s", record.expiry_s);
}

Json to_json(const HelloReply& reply)
{
    return to_json(reply.record)
        .set("free_bytes", reply.free_size)
        .set("shard_bytes_max", reply.shard_size)
        .set("time_s", reply.time_s);
}

Bytes to_request(std::string_view method, const Json& json, const CallMaterial& material)
{
    Fields fields{json};
    Bytes bytes;
    if (method == method::shard_put) {
        bytes = to_bytes(put_request(fields, material));
    } else if (method == method::shard_get) {
        bytes = to_bytes(get_request(fields));
    } else if (method == method::shard_has) {
        bytes = to_bytes(HasRequest{fields.ids<ShardRoot>("roots")});
    } else if (method == method::shard_drop) {
        bytes = to_bytes(drop_request(fields, material));
    } else if (method == method::shard_list) {
        bytes = to_bytes(list_request(fields));
    } else if (method == method::shard_prove) {
        bytes = to_bytes(prove_request(fields));
    } else if (method == method::shard_tags) {
        bytes = to_bytes(TagsRequest{fields.ids<TagSubject>("subjects")});
    } else if (method != method::peers && method != method::hello) {
        throw Error{Exit::usage, "unknown method",
                    "one of hello, shard.put, shard.get, shard.has, shard.drop, shard.list, "
                    "shard.prove, shard.tags, peers"};
    }
    fields.finish();
    return bytes;
}

Json reply_to_json(std::string_view method, ByteView reply)
{
    if (method == method::hello) return to_json(parse_hello_reply(reply));
    if (method == method::shard_put) return to_json(parse_receipt(reply));
    if (method == method::shard_has) return to_json(parse_has_reply(reply));
    if (method == method::shard_drop)
        return Json::object().set("dropped", parse_drop_reply(reply).dropped);
    if (method == method::shard_list) return to_json(parse_list_reply(reply));
    if (method == method::shard_prove)
        return Json::object().set("proof", hex(parse_prove_reply(reply).proof));
    if (method == method::shard_tags) return to_json(parse_tags_reply(reply));
    if (method == method::peers) return to_json(parse_peers_reply(reply));
    return Json::object();
}

} // namespace cairn
