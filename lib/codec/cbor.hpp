#pragma once

#include "base/bytes.hpp"

#include <string>
#include <utility>

// The strict profile of CBOR that structured data is written in: the core deterministic encoding of
// RFC 8949, 4.2.1, narrowed to unsigned integers, byte strings, text strings, arrays, booleans and
// null. A value has one encoding, and nothing else is read.

namespace cairn {

/// How deeply arrays may nest; an item outside any array has depth 0.
inline constexpr std::size_t cbor_depth_max = 16; // arrays

/// The bytes before the contents of a string or an array of `value` bytes or items; the whole of
/// the number `value`.
constexpr std::size_t cbor_head_size(std::uint64_t value)
{
    if (value < 24) return 1;
    if (value <= 0xff) return 2;
    if (value <= 0xffff) return 3;
    return value <= 0xffffffff ? 5 : 9;
}

/// Appends items to `out`, which it borrows. The caller writes after array(count) as many items.
class CborWriter {
public:
    explicit CborWriter(Bytes& out) : out_{&out} {}

    void array(std::size_t count);
    void number(std::uint64_t value);
    void bytes(ByteView value);
    /// Throws Error{data} if `value` is not UTF-8.
    void text(std::string_view value);
    void boolean(bool value);
    void null();

private:
    Bytes* out_;
};

enum class CborKind { number, bytes, text, array, boolean, null };

/// One item, or the head of an array, whose `value` items follow.
struct CborItem {
    CborKind kind = CborKind::null;
    std::uint64_t value = 0; ///< number, or count of the array, or 1 for true
    ByteView data{};         ///< of bytes and text; lives as long as the input
};

/// Reads items from front to back. All limits are inclusive. Everything throws Error{data},
/// "<what>: <reason> at byte <offset>", when the input is not what was asked for or not in the
/// profile. The input is borrowed; views live as long as it.
class CborReader {
public:
    CborReader(ByteView input, std::string what) : input_{input}, what_{std::move(what)} {}

    void array(std::size_t count);
    /// The count is at most the number of bytes that follow, so memory may be reserved for it.
    std::size_t array_up_to(std::size_t count_max);
    std::uint64_t number(std::uint64_t value_max = UINT64_MAX);
    ByteView bytes(std::size_t size);
    ByteView bytes_up_to(std::size_t size_max);
    template <class FixedBytes>
    FixedBytes fixed();
    std::string_view text(std::size_t size_max);
    bool boolean();
    void null();

    /// Whether null comes next; reads nothing.
    [[nodiscard]] bool is_null() const noexcept;

    /// Any one item. For an array, its items are the next ones.
    CborItem any();

    /// Any one item with all that is in it, as it was written.
    ByteView whole();

    /// The number of arrays that are not yet complete.
    [[nodiscard]] std::size_t depth() const noexcept { return depth_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

    /// Call it last. Throws when bytes follow; the arrays must be complete.
    void finish() const;

    /// For what the caller finds wrong: "<what>: <reason> at byte <start of the last item>".
    [[noreturn]] void refuse(const std::string& reason) const;

private:
    std::uint64_t take_integer(std::size_t size);
    std::uint64_t take_argument(unsigned info);
    CborItem take(CborKind kind, const char* name);
    void count_in(std::uint64_t count);

    ByteView input_;
    std::string what_;
    std::size_t offset_ = 0;
    std::size_t start_ = 0; // of the last item
    std::size_t depth_ = 0;
    std::array<std::uint64_t, cbor_depth_max> missing_{}; // items of each open array
};

template <class FixedBytes>
FixedBytes CborReader::fixed()
{
    FixedBytes value;
    const ByteView view = bytes(FixedBytes::size);
    for (std::size_t i = 0; i < view.size(); ++i) value.bytes[i] = view[i];
    return value;
}

/// Throws Error{data} unless `input` is one item of the profile, complete, and nothing else.
void check_cbor(ByteView input, const std::string& what = "CBOR");

} // namespace cairn
