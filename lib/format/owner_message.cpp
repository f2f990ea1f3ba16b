#include "format/message.hpp"
#include "format/record_parts.hpp"

// What an owner says and asks for: hello, drop, list; and peers.

namespace cairn {
namespace {

constexpr std::string_view hello_context = "cairn/hello/v1";
constexpr std::string_view drop_context = "cairn/drop/v1";
constexpr std::size_t drop_signed_parts = 4;

struct LinkKeys {
    const Ed25519PublicKey& caller;
    const Ed25519PublicKey& callee;
};

Bytes hello_message(const HelloRequest& request, const LinkKeys& link)
{
    return signed_message(hello_context, RecordType::hello_request, 4, [&](CborWriter& writer) {
        writer.bytes(request.network.bytes);
        writer.bytes(request.owner->bytes);
        writer.bytes(link.caller.bytes);
        writer.bytes(link.callee.bytes);
    });
}

void put_drop_parts(CborWriter& writer, const DropRequest& request)
{
    writer.bytes(request.network.bytes);
    writer.bytes(request.owner.bytes);
    writer.bytes(request.provider.bytes);
    writer.array(request.items.size());
    for (const DropItem& item : request.items) {
        writer.array(2);
        writer.bytes(item.root.bytes);
        writer.number(item.serial);
    }
}

Bytes drop_message(const DropRequest& request)
{
    return signed_message(drop_context, RecordType::drop_request, drop_signed_parts,
                          [&](CborWriter& writer) { put_drop_parts(writer, request); });
}

} // namespace

Bytes to_bytes(const HelloRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::hello_request, 3);
    writer.bytes(request.network.bytes);
    if (request.owner) {
        writer.bytes(request.owner->bytes);
        writer.bytes(request.signature.bytes);
    } else {
        writer.null();
        writer.null();
    }
    return bytes;
}

HelloRequest parse_hello_request(ByteView bytes)
{
    CborReader reader{bytes, "the hello request"};
    take_record_head(reader, RecordType::hello_request, 3);
    HelloRequest request;
    request.network = reader.fixed<NetworkId>();
    if (reader.is_null()) {
        reader.null();
        reader.null();
    } else {
        request.owner = reader.fixed<Ed25519PublicKey>();
        request.signature = reader.fixed<Ed25519Signature>();
    }
    reader.finish();
    return request;
}

void sign(HelloRequest& request, const Ed25519KeyPair& owner, const Ed25519PublicKey& caller_link,
          const Ed25519PublicKey& callee_link)
{
    request.owner = owner.public_key();
    request.signature = owner.sign(hello_message(request, {caller_link, callee_link}));
}

bool is_signed(const HelloRequest& request, const Ed25519PublicKey& caller_link,
               const Ed25519PublicKey& callee_link)
{
    return request.owner &&
           verify(*request.owner, hello_message(request, {caller_link, callee_link}),
                  request.signature);
}

Bytes to_bytes(const HelloReply& reply)
{
    Bytes bytes = {};
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::hello_reply, 4);
    const Bytes record = to_bytes(reply.record);
    bytes.insert(bytes.end(), record.begin(), record.end());
    writer.number(reply.free_size);
    writer.number(reply.shard_size);
    writer.number(reply.time_s);
    return bytes;
}

HelloReply parse_hello_reply(ByteView bytes)
{
    constexpr const char* what = "the hello reply";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::hello_reply, 4);
    HelloReply reply;
    reply.record = parse_node_record(reader.whole());
    reply.free_size = reader.number();
    reply.shard_size = reader.number(shard_size_max);
    reply.time_s = reader.number(time_max_s);
    reader.finish();
    return reply;
}

Bytes to_bytes(const DropRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::drop_request, drop_signed_parts + 1);
    put_drop_parts(writer, request);
    writer.bytes(request.signature.bytes);
    return bytes;
}

DropRequest parse_drop_request(ByteView bytes)
{
    constexpr const char* what = "the drop request";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::drop_request, drop_signed_parts + 1);
    DropRequest request;
    request.network = reader.fixed<NetworkId>();
    request.owner = reader.fixed<Ed25519PublicKey>();
    request.provider = reader.fixed<AccountId>();
    request.items.resize(reader.array_up_to(put_items_max));
    if (request.items.empty()) reader.refuse("no shards");
    for (DropItem& item : request.items) {
        reader.array(2);
        item.root = reader.fixed<ShardRoot>();
        item.serial = reader.number();
        if (item.serial == 0) reader.refuse("no serial");
    }
    request.signature = reader.fixed<Ed25519Signature>();
    reader.finish();
    return request;
}

void sign(DropRequest& request, const Ed25519KeyPair& owner)
{
    request.owner = owner.public_key();
    request.signature = owner.sign(drop_message(request));
}

bool is_signed(const DropRequest& request)
{
    return verify(request.owner, drop_message(request), request.signature);
}

Bytes to_bytes(const DropReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::drop_reply, 1);
    writer.number(reply.dropped);
    return bytes;
}

DropReply parse_drop_reply(ByteView bytes)
{
    CborReader reader{bytes, "the drop reply"};
    take_record_head(reader, RecordType::drop_reply, 1);
    DropReply reply;
    reply.dropped = reader.number(put_items_max);
    reader.finish();
    return reply;
}

Bytes to_bytes(const ListRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::list_request, 2);
    writer.number(static_cast<std::uint64_t>(request.kind));
    writer.number(request.after);
    return bytes;
}

ListRequest parse_list_request(ByteView bytes)
{
    CborReader reader{bytes, "the list request"};
    take_record_head(reader, RecordType::list_request, 2);
    ListRequest request;
    request.kind =
        static_cast<ShardClass>(reader.number(static_cast<std::uint64_t>(shard_class_last)));
    request.after = reader.number();
    reader.finish();
    return request;
}

Bytes to_bytes(const ListReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::list_reply, 1);
    writer.array(reply.entries.size());
    for (const ListEntry& entry : reply.entries) {
        writer.array(4);
        writer.number(entry.serial);
        writer.bytes(entry.item.root.bytes);
        writer.number(entry.item.size);
        writer.number(entry.time_s);
    }
    return bytes;
}

ListReply parse_list_reply(ByteView bytes)
{
    constexpr const char* what = "the list reply";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::list_reply, 1);
    ListReply reply;
    reply.entries.resize(reader.array_up_to(list_entries_max));
    std::uint64_t before = 0;
    for (ListEntry& entry : reply.entries) {
        reader.array(4);
        entry.serial = reader.number();
        if (entry.serial <= before) reader.refuse("a serial that does not ascend");
        before = entry.serial;
        entry.item.root = reader.fixed<ShardRoot>();
        entry.item.size = reader.number(shard_size_max);
        entry.time_s = reader.number(time_max_s);
    }
    reader.finish();
    return reply;
}

Bytes to_bytes(const PeersReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::peers_reply, 1);
    writer.array(reply.records.size());
    for (const NodeRecord& record : reply.records) {
        const Bytes item = to_bytes(record);
        bytes.insert(bytes.end(), item.begin(), item.end());
    }
    return bytes;
}

PeersReply parse_peers_reply(ByteView bytes)
{
    constexpr const char* what = "the peers reply";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::peers_reply, 1);
    PeersReply reply;
    const std::size_t count = reader.array_up_to(message_size_max);
    for (std::size_t i = 0; i < count; ++i)
        reply.records.push_back(parse_node_record(reader.whole()));
    reader.finish();
    return reply;
}

} // namespace cairn
