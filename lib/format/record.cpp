#include "format/record.hpp"

#include "base/error.hpp"
#include "format/record_parts.hpp"

namespace cairn {

std::optional<RecordType> record_type(ByteView front)
{
    constexpr auto array_type = std::byte{0x80};
    constexpr auto byte_follows = std::byte{0x18}; // the number is not in the head
    const auto is_type = [](std::byte number) {
        const auto type = static_cast<RecordType>(number);
        return (type >= RecordType::manifest && type <= RecordType::tags_reply) ||
               (type >= RecordType::descriptor && type <= RecordType::snapshot_chunk);
    };
    if (front.empty() || (front[0] & std::byte{0xe0}) != array_type || front[0] < std::byte{0x82} ||
        front[0] > std::byte{0x97})
        return std::nullopt;
    front = front.subspan(1);
    const bool is_long = !front.empty() && front[0] == byte_follows;
    if (is_long) front = front.subspan(1);
    if (front.size() < 2 || !is_type(front[0]) || is_long != (front[0] >= byte_follows) ||
        front[1] != static_cast<std::byte>(record_version))
        return std::nullopt;
    return static_cast<RecordType>(front[0]);
}

void put_record_head(CborWriter& writer, RecordType type, std::size_t parts)
{
    writer.array(2 + parts);
    writer.number(static_cast<std::uint64_t>(type));
    writer.number(record_version);
}

void take_record_head(CborReader& reader, RecordType type, std::size_t parts)
{
    reader.array(2 + parts);
    if (reader.number() != static_cast<std::uint64_t>(type)) reader.refuse("another type");
    if (reader.number() != record_version) reader.refuse("its version is unknown");
}

void check_record_size(ByteView bytes, std::size_t size_max, const char* what)
{
    if (bytes.size() > size_max)
        throw Error{Exit::data,
                    std::string{what} + " has more than " + std::to_string(size_max) + " bytes"};
}

} // namespace cairn
