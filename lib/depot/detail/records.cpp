#include "depot/detail/records.hpp"

#include "base/cursor.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

const char* const what = "a record of the store";

template <class FixedBytes>
void put_fixed(Bytes& out, const FixedBytes& value)
{
    out.insert(out.end(), value.bytes.begin(), value.bytes.end());
}

Bytes to_bytes_of(std::initializer_list<std::uint64_t> numbers)
{
    Bytes bytes;
    Writer writer{bytes};
    for (const std::uint64_t number : numbers) writer.integer(number);
    return bytes;
}

/// These numbers, one after another.
template <std::unsigned_integral... Int>
void take(Reader& reader, Int&... numbers)
{
    ((numbers = reader.integer<Int>()), ...);
}

ShardClass take_class(Reader& reader)
{
    const auto number = reader.integer<std::uint8_t>();
    if (number > static_cast<std::uint8_t>(shard_class_last))
        throw Error{Exit::data, std::string{what} + " has an unknown class"};
    return static_cast<ShardClass>(number);
}

} // namespace

Bytes to_bytes(const ShardRecord& record)
{
    Bytes bytes;
    Writer writer{bytes};
    writer.integer(static_cast<std::uint8_t>(record.state));
    writer.integer(record.pack);
    for (const std::uint64_t number : {record.offset, record.size, record.entries, record.trash_s})
        writer.integer(number);
    return bytes;
}

ShardRecord parse_shard_record(ByteView bytes)
{
    Reader reader{bytes, what};
    ShardRecord record;
    const auto state = reader.integer<std::uint8_t>();
    if (state > static_cast<std::uint8_t>(ShardState::damaged))
        throw Error{Exit::data, std::string{what} + " has an unknown state"};
    record.state = static_cast<ShardState>(state);
    take(reader, record.pack, record.offset, record.size, record.entries, record.trash_s);
    reader.finish();
    return record;
}

Bytes to_bytes(const EntryRecord& record)
{
    Bytes bytes;
    put_fixed(bytes, record.item.root);
    Writer writer{bytes};
    for (const std::uint64_t number : {record.item.size, record.time_s, record.expiry_s})
        writer.integer(number);
    return bytes;
}

EntryRecord parse_entry_record(ByteView bytes)
{
    Reader reader{bytes, what};
    EntryRecord record;
    record.item.root = reader.fixed<ShardRoot>();
    take(reader, record.item.size, record.time_s, record.expiry_s);
    reader.finish();
    return record;
}

Bytes to_bytes(const Usage& record)
{
    return to_bytes_of({record.bytes, record.entries});
}

Usage parse_usage(ByteView bytes)
{
    Reader reader{bytes, what};
    Usage record;
    take(reader, record.bytes, record.entries);
    reader.finish();
    return record;
}

Bytes to_bytes(const PackRecord& record)
{
    return to_bytes_of({record.length, record.used});
}

PackRecord parse_pack_record(ByteView bytes)
{
    Reader reader{bytes, what};
    PackRecord record;
    take(reader, record.length, record.used);
    reader.finish();
    return record;
}

Bytes to_bytes(const Totals& record)
{
    Bytes bytes = to_bytes_of({record.objects, record.bytes, record.trash_bytes, record.disk_bytes,
                               record.damaged, record.next_serial});
    Writer{bytes}.integer(record.next_pack);
    put_fixed(bytes, record.scrubbed);
    return bytes;
}

Totals parse_totals(ByteView bytes)
{
    Reader reader{bytes, what};
    Totals record;
    take(reader, record.objects, record.bytes, record.trash_bytes, record.disk_bytes,
         record.damaged, record.next_serial, record.next_pack);
    record.scrubbed = reader.fixed<ShardRoot>();
    reader.finish();
    return record;
}

Bytes to_key(const EntryKey& key)
{
    Bytes bytes;
    put_fixed(bytes, key.owner);
    bytes.push_back(static_cast<std::byte>(key.kind));
    Writer{bytes}.big_endian(key.serial);
    return bytes;
}

EntryKey parse_entry_key(ByteView bytes)
{
    Reader reader{bytes, what};
    EntryKey key;
    key.owner = reader.fixed<AccountId>();
    key.kind = take_class(reader);
    key.serial = reader.big_endian<std::uint64_t>();
    reader.finish();
    return key;
}

Bytes holder_key(const ShardRoot& root, const AccountId& owner, std::uint64_t serial)
{
    Bytes bytes;
    put_fixed(bytes, root);
    put_fixed(bytes, owner);
    Writer{bytes}.big_endian(serial);
    return bytes;
}

std::uint64_t serial_of_holder(ByteView key)
{
    Reader reader{key, what};
    reader.take(ShardRoot::size + AccountId::size);
    const auto serial = reader.big_endian<std::uint64_t>();
    reader.finish();
    return serial;
}

Bytes expiry_key(std::uint64_t expiry_s, const EntryKey& key)
{
    Bytes bytes;
    Writer{bytes}.big_endian(expiry_s);
    const Bytes rest = to_key(key);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

Bytes trash_key(std::uint64_t trash_s, const ShardRoot& root)
{
    Bytes bytes;
    Writer{bytes}.big_endian(trash_s);
    put_fixed(bytes, root);
    return bytes;
}

Bytes to_key(const NoteKey& key)
{
    Bytes bytes;
    put_fixed(bytes, key.subject);
    put_fixed(bytes, key.root);
    return bytes;
}

NoteKey parse_note_key(ByteView bytes)
{
    Reader reader{bytes, what};
    NoteKey key;
    key.subject = reader.fixed<NoteSubject>();
    key.root = reader.fixed<ShardRoot>();
    reader.finish();
    return key;
}

Bytes noted_key(const NoteKey& key)
{
    Bytes bytes;
    put_fixed(bytes, key.root);
    put_fixed(bytes, key.subject);
    return bytes;
}

NoteKey parse_noted_key(ByteView bytes)
{
    Reader reader{bytes, what};
    NoteKey key;
    key.root = reader.fixed<ShardRoot>();
    key.subject = reader.fixed<NoteSubject>();
    reader.finish();
    return key;
}

Bytes pack_key(std::uint32_t pack)
{
    Bytes bytes;
    Writer{bytes}.big_endian(pack);
    return bytes;
}

std::uint32_t parse_pack_key(ByteView key)
{
    Reader reader{key, what};
    const auto pack = reader.big_endian<std::uint32_t>();
    reader.finish();
    return pack;
}

std::uint64_t time_of_key(ByteView key)
{
    Reader reader{key, what};
    return reader.big_endian<std::uint64_t>();
}

ByteView rest_of_key(ByteView key)
{
    Reader reader{key, what};
    reader.take(sizeof(std::uint64_t));
    return reader.take(reader.left());
}

} // namespace cairn::detail
