#include "format/record.hpp"

#include "base/error.hpp"
#include "format/detail/records.hpp"

namespace cairn {

std::optional<RecordType> record_type(ByteView front)
{
    constexpr auto array_type = std::byte{0x80};
    constexpr auto last_type = static_cast<std::byte>(RecordType::peers_reply);
    if (front.size() < 3 || (front[0] & std::byte{0xe0}) != array_type ||
        front[0] < std::byte{0x82} || front[0] > std::byte{0x97} || front[1] < std::byte{1} ||
        front[1] > last_type || front[2] != static_cast<std::byte>(detail::record_version))
        return std::nullopt;
    return static_cast<RecordType>(front[1]);
}

namespace detail {

void put_head(CborWriter& writer, RecordType type, std::size_t parts)
{
    writer.array(2 + parts);
    writer.number(static_cast<std::uint64_t>(type));
    writer.number(record_version);
}

void take_head(CborReader& reader, RecordType type, std::size_t parts)
{
    reader.array(2 + parts);
    if (reader.number() != static_cast<std::uint64_t>(type)) reader.refuse("another type");
    if (reader.number() != record_version) reader.refuse("its version is unknown");
}

void check_size(ByteView bytes, std::size_t size_max, const char* what)
{
    if (bytes.size() > size_max)
        throw Error{Exit::data,
                    std::string{what} + " has more than " + std::to_string(size_max) + " bytes"};
}

} // namespace detail
} // namespace cairn
