#include "codec/cbor.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

#include <cassert>
#include <optional>

namespace cairn {
namespace {

constexpr unsigned number_major = 0;
constexpr unsigned bytes_major = 2;
constexpr unsigned text_major = 3;
constexpr unsigned array_major = 4;
constexpr std::byte false_byte{0xf4};
constexpr std::byte true_byte{0xf5};
constexpr std::byte null_byte{0xf6};

void put_head(Bytes& out, unsigned major, std::uint64_t value)
{
    const std::size_t size = cbor_head_size(value);
    if (size == 1) {
        out.push_back(std::byte(major << 5U | static_cast<unsigned>(value)));
        return;
    }
    const unsigned info = size == 2 ? 24 : size == 3 ? 25 : size == 5 ? 26 : 27;
    out.push_back(std::byte(major << 5U | info));
    for (std::size_t i = size - 1; i-- > 0;) out.push_back(std::byte(value >> (8 * i) & 0xffU));
}

void append(Bytes& out, ByteView bytes)
{
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// What the first byte of an item announces, if the profile has it.
std::optional<CborKind> kind_of(unsigned first)
{
    switch (first >> 5U) {
    case number_major:
        return CborKind::number;
    case bytes_major:
        return CborKind::bytes;
    case text_major:
        return CborKind::text;
    case array_major:
        return CborKind::array;
    }
    const auto byte = std::byte(first);
    if (byte == false_byte || byte == true_byte) return CborKind::boolean;
    if (byte == null_byte) return CborKind::null;
    return std::nullopt;
}

} // namespace

void CborWriter::array(std::size_t count)
{
    put_head(*out_, array_major, count);
}

void CborWriter::number(std::uint64_t value)
{
    put_head(*out_, number_major, value);
}

void CborWriter::bytes(ByteView value)
{
    put_head(*out_, bytes_major, value.size());
    append(*out_, value);
}

void CborWriter::text(std::string_view value)
{
    if (!is_utf8(value)) throw Error{Exit::data, "'" + escape(value) + "' is not UTF-8"};
    put_head(*out_, text_major, value.size());
    append(*out_, as_bytes(value));
}

void CborWriter::boolean(bool value)
{
    out_->push_back(value ? true_byte : false_byte);
}

void CborWriter::null()
{
    out_->push_back(null_byte);
}

void CborReader::refuse(const std::string& reason) const
{
    throw Error{Exit::data, what_ + ": " + reason + " at byte " + std::to_string(start_)};
}

std::uint64_t CborReader::take_integer(std::size_t size)
{
    if (size > input_.size() - offset_) refuse("truncated");
    std::uint64_t value = 0;
    for (const std::byte byte : input_.subspan(offset_, size))
        value = value << 8U | std::to_integer<std::uint64_t>(byte);
    offset_ += size;
    return value;
}

/// The integer that the low five bits of the first byte hold or announce.
std::uint64_t CborReader::take_argument(unsigned info)
{
    if (info < 24) return info;
    if (info > 27) refuse(info == 31 ? "indefinite length" : "reserved CBOR head");
    const std::size_t size = std::size_t{1} << (info - 24U);
    const std::uint64_t value = take_integer(size);
    if (cbor_head_size(value) != 1 + size) refuse("integer not in its shortest form");
    return value;
}

/// Counts an item that was read: it completes the arrays of which it is the last. An array of items
/// to come is put on top.
void CborReader::count_in(std::uint64_t count)
{
    if (depth_ > 0) --missing_[depth_ - 1];
    if (count != 0) {
        if (count > input_.size() - offset_) refuse("truncated"); // an item takes a byte at least
        if (depth_ == cbor_depth_max) refuse("arrays nested too deeply");
        missing_[depth_++] = count;
    }
    while (depth_ > 0 && missing_[depth_ - 1] == 0) --depth_;
}

CborItem CborReader::any()
{
    start_ = offset_;
    const auto first = static_cast<unsigned>(take_integer(1));
    const std::optional<CborKind> kind = kind_of(first);
    if (!kind) refuse("CBOR item of a kind that is not used");

    CborItem item{.kind = *kind};
    if (kind == CborKind::boolean || kind == CborKind::null)
        item.value = std::byte(first) == true_byte ? 1 : 0;
    else
        item.value = take_argument(first & 31U);

    if (kind == CborKind::bytes || kind == CborKind::text) {
        if (item.value > input_.size() - offset_) refuse("truncated");
        item.data = input_.subspan(offset_, static_cast<std::size_t>(item.value));
        offset_ += item.data.size();
        if (kind == CborKind::text && !is_utf8(as_text(item.data))) refuse("text not UTF-8");
    }
    count_in(kind == CborKind::array ? item.value : 0);
    return item;
}

CborItem CborReader::take(CborKind kind, const char* name)
{
    const CborItem item = any();
    if (item.kind != kind) refuse(std::string{"no "} + name);
    return item;
}

void CborReader::array(std::size_t count)
{
    const CborItem item = take(CborKind::array, "array");
    if (item.value != count)
        refuse("array of " + std::to_string(item.value) + " items instead of " +
               std::to_string(count));
}

std::size_t CborReader::array_up_to(std::size_t count_max)
{
    const CborItem item = take(CborKind::array, "array");
    if (item.value > count_max)
        refuse("array of more than " + std::to_string(count_max) + " items");
    return static_cast<std::size_t>(item.value);
}

std::uint64_t CborReader::number(std::uint64_t value_max)
{
    const CborItem item = take(CborKind::number, "number");
    if (item.value > value_max) refuse("number above " + std::to_string(value_max));
    return item.value;
}

ByteView CborReader::bytes(std::size_t size)
{
    const CborItem item = take(CborKind::bytes, "byte string");
    if (item.data.size() != size)
        refuse("byte string of " + std::to_string(item.data.size()) + " bytes instead of " +
               std::to_string(size));
    return item.data;
}

ByteView CborReader::bytes_up_to(std::size_t size_max)
{
    const CborItem item = take(CborKind::bytes, "byte string");
    if (item.data.size() > size_max)
        refuse("byte string of more than " + std::to_string(size_max) + " bytes");
    return item.data;
}

std::string_view CborReader::text(std::size_t size_max)
{
    const CborItem item = take(CborKind::text, "text");
    if (item.data.size() > size_max)
        refuse("text of more than " + std::to_string(size_max) + " bytes");
    return as_text(item.data);
}

bool CborReader::boolean()
{
    return take(CborKind::boolean, "boolean").value == 1;
}

void CborReader::null()
{
    (void)take(CborKind::null, "null");
}

bool CborReader::is_null() const noexcept
{
    return offset_ < input_.size() && input_[offset_] == null_byte;
}

ByteView CborReader::whole()
{
    const std::size_t begin = offset_;
    for (std::uint64_t missing = 1; missing > 0; --missing) {
        const CborItem item = any();
        if (item.kind == CborKind::array) missing += item.value;
    }
    return input_.subspan(begin, offset_ - begin);
}

void CborReader::finish() const
{
    assert(depth_ == 0);
    if (offset_ != input_.size())
        throw Error{Exit::data, what_ + ": unexpected bytes after byte " + std::to_string(offset_)};
}

void check_cbor(ByteView input, const std::string& what)
{
    CborReader reader{input, what};
    (void)reader.whole();
    reader.finish();
}

} // namespace cairn
