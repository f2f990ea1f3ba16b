#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cairn {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

/// `Size` bytes with a meaning. Each Tag makes a type of its own, so that a key is never passed
/// where a digest is wanted:  using ObjectId = Fixed<struct ObjectIdTag, 32>;
template <class Tag, std::size_t Size>
struct Fixed {
    static constexpr std::size_t size = Size; // bytes

    std::array<std::byte, Size> bytes{};

    friend auto operator<=>(const Fixed&, const Fixed&) = default; // NOLINT(modernize-use-nullptr)
};

/// The same memory seen as bytes.
inline ByteView as_bytes(std::string_view text)
{
    return std::as_bytes(std::span{text});
}

/// The same memory seen as text; the view lives as long as `bytes`.
inline std::string_view as_text(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// C libraries speak unsigned char.
inline const unsigned char* uchars(ByteView bytes) noexcept
{
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* uchars(MutableByteView bytes) noexcept
{
    return reinterpret_cast<unsigned char*>(bytes.data());
}

template <std::size_t Size>
const unsigned char* uchars(const std::array<std::byte, Size>& bytes) noexcept
{
    return uchars(ByteView{bytes});
}
template <std::size_t Size>
unsigned char* uchars(std::array<std::byte, Size>& bytes) noexcept
{
    return uchars(MutableByteView{bytes});
}

/// `dividend / divisor`, rounded up. Needs divisor > 0.
constexpr std::uint64_t divide_up(std::uint64_t dividend, std::uint64_t divisor)
{
    return dividend / divisor + (dividend % divisor != 0 ? 1 : 0);
}

} // namespace cairn
