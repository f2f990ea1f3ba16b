#include "format/audit_message.hpp"

#include "format/record_parts.hpp"

namespace cairn {

Bytes to_bytes(const ProveRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::prove_request, 4);
    writer.bytes(request.key.bytes);
    writer.bytes(request.nonce.bytes);
    writer.number(request.blocks);
    writer.array(request.files.size());
    for (const AuditFileId& file : request.files) writer.bytes(file.bytes);
    return bytes;
}

ProveRequest parse_prove_request(ByteView bytes)
{
    constexpr const char* what = "the prove request";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::prove_request, 4);
    ProveRequest request;
    request.key = reader.fixed<AuditKeyId>();
    request.nonce = reader.fixed<AuditNonce>();
    request.blocks = reader.number(prove_blocks_max);
    if (request.blocks == 0) reader.refuse("no blocks");
    request.files.resize(reader.array_up_to(prove_files_max));
    if (request.files.empty()) reader.refuse("no files");
    const AuditFileId* before = nullptr;
    for (AuditFileId& file : request.files) {
        file = reader.fixed<AuditFileId>();
        if (before != nullptr && !(*before < file)) reader.refuse("a file that does not ascend");
        before = &file;
    }
    reader.finish();
    return request;
}

Bytes to_bytes(const ProveReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::prove_reply, 1);
    writer.bytes(reply.proof.bytes);
    return bytes;
}

ProveReply parse_prove_reply(ByteView bytes)
{
    CborReader reader{bytes, "the prove reply"};
    take_record_head(reader, RecordType::prove_reply, 1);
    ProveReply reply;
    reply.proof = reader.fixed<decltype(reply.proof)>();
    reader.finish();
    return reply;
}

Bytes to_bytes(const TagsRequest& request)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::tags_request, 1);
    writer.array(request.subjects.size());
    for (const TagSubject& subject : request.subjects) writer.bytes(subject.bytes);
    return bytes;
}

TagsRequest parse_tags_request(ByteView bytes)
{
    CborReader reader{bytes, "the tags request"};
    take_record_head(reader, RecordType::tags_request, 1);
    TagsRequest request;
    request.subjects.resize(reader.array_up_to(tags_ids_max));
    if (request.subjects.empty()) reader.refuse("no subjects");
    for (TagSubject& subject : request.subjects) subject = reader.fixed<TagSubject>();
    reader.finish();
    return request;
}

Bytes to_bytes(const TagsReply& reply)
{
    Bytes bytes;
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::tags_reply, 1);
    writer.array(reply.items.size());
    for (const std::vector<ShardItem>& items : reply.items) {
        writer.array(items.size());
        for (const ShardItem& item : items) {
            writer.array(2);
            writer.bytes(item.root.bytes);
            writer.number(item.size);
        }
    }
    return bytes;
}

TagsReply parse_tags_reply(ByteView bytes)
{
    constexpr const char* what = "the tags reply";
    check_record_size(bytes, message_size_max, what);
    CborReader reader{bytes, what};
    take_record_head(reader, RecordType::tags_reply, 1);
    TagsReply reply;
    reply.items.resize(reader.array_up_to(tags_ids_max));
    for (std::vector<ShardItem>& items : reply.items) {
        items.resize(reader.array_up_to(tags_items_max));
        for (ShardItem& item : items) {
            reader.array(2);
            item.root = reader.fixed<ShardRoot>();
            item.size = reader.number(shard_size_max);
        }
    }
    reader.finish();
    return reply;
}

} // namespace cairn
