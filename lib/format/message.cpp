#include "format/message.hpp"

#include "format/detail/shard_items.hpp"

// What is put, read and asked for; the other messages are in owner_message.cpp.

namespace cairn {
namespace detail {

void put_items(CborWriter& writer, const std::vector<ShardItem>& items)
{
    writer.array(items.size());
    for (const ShardItem& item : items) {
        writer.array(2);
        writer.bytes(item.root.bytes);
        writer.number(item.size);
    }
}

std::vector<ShardItem> take_items(CborReader& reader)
{
    const std::size_t count = reader.array_up_to(put_items_max);
    if (count == 0) reader.refuse("no shards");
    std::vector<ShardItem> items(count);
    for (ShardItem& item : items) {
        reader.array(2);
        item.root = reader.fixed<ShardRoot>();
        item.size = reader.number(shard_size_max);
    }
    return items;
}

} // namespace detail

Bytes to_bytes(const PutRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::put_request, 3);
    writer.number(static_cast<std::uint64_t>(request.kind));
    writer.number(request.expiry_s);
    detail::put_items(writer, request.items);
    return bytes;
}

PutRequest parse_put_request(ByteView bytes)
{
    constexpr const char* what = "the put request";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::put_request, 3);
    PutRequest request;
    request.kind =
        static_cast<ShardClass>(reader.number(static_cast<std::uint64_t>(shard_class_last)));
    request.expiry_s = reader.number(time_max_s);
    request.items = detail::take_items(reader);
    reader.finish();
    return request;
}

Bytes to_bytes(const GetRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::get_request, 4);
    writer.bytes(request.root.bytes);
    writer.number(request.size);
    writer.number(request.offset);
    writer.number(request.length);
    return bytes;
}

GetRequest parse_get_request(ByteView bytes)
{
    CborReader reader{bytes, "the get request"};
    take_record_head(reader, RecordType::get_request, 4);
    GetRequest request;
    request.root = reader.fixed<ShardRoot>();
    request.size = reader.number(shard_size_max);
    request.offset = reader.number(request.size);
    request.length = reader.number(request.size - request.offset);
    if (request.length == 0 && request.size != 0) reader.refuse("an empty range");
    reader.finish();
    return request;
}

Bytes to_bytes(const HasRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::has_request, 1);
    writer.array(request.roots.size());
    for (const ShardRoot& root : request.roots) writer.bytes(root.bytes);
    return bytes;
}

HasRequest parse_has_request(ByteView bytes)
{
    constexpr const char* what = "the has request";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::has_request, 1);
    HasRequest request;
    request.roots.resize(reader.array_up_to(has_roots_max));
    if (request.roots.empty()) reader.refuse("no shards");
    for (ShardRoot& root : request.roots) root = reader.fixed<ShardRoot>();
    reader.finish();
    return request;
}

Bytes to_bytes(const HasReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::has_reply, 1);
    writer.array(reply.entries.size());
    for (const HasEntry& entry : reply.entries) {
        writer.array(3);
        writer.boolean(entry.is_here);
        writer.number(entry.size);
        writer.number(entry.serial);
    }
    return bytes;
}

HasReply parse_has_reply(ByteView bytes)
{
    constexpr const char* what = "the has reply";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::has_reply, 1);
    HasReply reply;
    reply.entries.resize(reader.array_up_to(has_roots_max));
    for (HasEntry& entry : reply.entries) {
        reader.array(3);
        entry.is_here = reader.boolean();
        entry.size = reader.number(shard_size_max);
        entry.serial = reader.number();
    }
    reader.finish();
    return reply;
}

} // namespace cairn
