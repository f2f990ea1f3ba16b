#include "format/index.hpp"

#include "base/error.hpp"
#include "format/link.hpp"
#include "format/list.hpp"
#include "format/record_parts.hpp"
#include "format/sealed.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view label = "index";
constexpr std::size_t parts = 7;
constexpr const char* what = "the index record";

static_assert(index_record_size_max % index_block_size == 0);
static_assert(index_record_size_max >=
              index_name_size_max + index_media_type_size_max + link_size_max + 64);

bool is_media_type(std::string_view text)
{
    return text.size() <= index_media_type_size_max &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void check(const IndexRecord& record)
{
    const bool is_name = record.name.empty() ||
                         (record.name.size() <= index_name_size_max && is_tree_path(record.name));
    if (!is_name) throw Error{Exit::data, "the name in an index record is not a relative path"};
    if (!is_media_type(record.media_type))
        throw Error{Exit::data, "the media type in an index record is not one"};
    (void)parse_link(record.link.bytes());
}

} // namespace

Secret to_plain(const IndexRecord& record)
{
    check(record);
    Bytes bytes;
    bytes.reserve(index_record_size_max); // so that it never moves and leaves the link behind
    CborWriter writer{bytes};
    put_record_head(writer, RecordType::index, parts);
    writer.number(record.sequence);
    writer.number(record.time_s);
    writer.number(static_cast<std::uint64_t>(record.op));
    writer.bytes(as_bytes(record.name));
    writer.text(record.media_type);
    writer.number(record.size);
    writer.text(as_text(record.link.bytes()));
    bytes.resize(divide_up(bytes.size(), index_block_size) * index_block_size);
    Secret plain = Secret::copy(bytes);
    wipe(bytes);
    return plain;
}

IndexRecord parse_index_record(ByteView plain)
{
    check_record_size(plain, index_record_size_max, what);
    const std::size_t size = CborReader{plain, what}.whole().size();
    if (plain.size() != divide_up(size, index_block_size) * index_block_size ||
        std::ranges::any_of(plain.subspan(size), [](std::byte b) { return b != std::byte{0}; }))
        throw Error{Exit::data, "the index record has wrong padding"};

    CborReader reader{plain.first(size), what};
    take_record_head(reader, RecordType::index, parts);
    IndexRecord record;
    record.sequence = reader.number();
    record.time_s = reader.number(time_max_s);
    const std::uint64_t op = reader.number();
    if (op != 1 && op != 2) reader.refuse("its operation is unknown");
    record.op = static_cast<IndexOp>(op);
    record.name = as_text(reader.bytes_up_to(index_name_size_max));
    record.media_type = reader.text(index_media_type_size_max);
    record.size = reader.number(object_size_max);
    record.link = Secret::copy(as_bytes(reader.text(link_size_max)));
    reader.finish();
    check(record);
    return record;
}

X25519Identity index_identity(const Identity& identity)
{
    return to_identity(identity.derive(label));
}

Bytes seal_index_record(const IndexRecord& record, const X25519PublicKey& key, Entropy& entropy)
{
    return seal_small(to_plain(record).bytes(), X25519Recipient{key}, entropy);
}

std::optional<IndexRecord> open_index_record(ByteView file, const AgeIdentity& identity)
{
    check_record_size(file, index_file_size_max, "the age file of an index record");
    const auto plain = open_small(file, identity);
    if (!plain) return std::nullopt;
    return parse_index_record(plain->bytes());
}

} // namespace cairn
