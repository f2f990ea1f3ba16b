#include "format/frame.hpp"

#include "base/cursor.hpp"
#include "base/error.hpp"
#include "hash/blake3.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t check_size = 8; // bytes of the hash

} // namespace

Bytes frame_head(ByteView content)
{
    Bytes head;
    Writer writer{head};
    writer.big_endian(static_cast<std::uint32_t>(content.size()));
    writer.put(ByteView{blake3(content).bytes}.first(check_size));
    return head;
}

std::size_t framed_size(ByteView head, std::size_t size_max, const char* what)
{
    const auto size = Reader{head, "the frame"}.big_endian<std::uint32_t>();
    if (size == 0 || size > size_max)
        throw Error{Exit::data, "a frame of " + std::to_string(size) + " bytes holds no " + what};
    return size;
}

bool is_framed(ByteView head, ByteView content)
{
    return std::ranges::equal(head, frame_head(content));
}

std::optional<Bytes> read_framed(const ReadBytes& read, std::size_t size_max, const char* what)
{
    const std::string name{what};
    Bytes head(frame_head_size);
    const std::size_t got = read(head);
    if (got == 0) return std::nullopt;
    if (got < head.size()) throw Error{Exit::data, "the stream ends within a " + name};
    Bytes bytes(framed_size(head, size_max, what));
    if (read(bytes) < bytes.size()) throw Error{Exit::data, "the stream ends within a " + name};
    if (!is_framed(head, bytes)) throw Error{Exit::data, "a " + name + " of the stream is damaged"};
    return bytes;
}

} // namespace cairn
