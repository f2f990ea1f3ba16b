#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"

#include <cstdlib>

// For *_test.cpp files only.

namespace cairn {

/// Bytes written as hex digits, as test vectors print them.
template <std::size_t Size>
std::array<std::byte, Size> hex(const char (&digits)[2 * Size + 1])
{
    std::array<std::byte, Size> bytes{};
    if (!from_hex(as_bytes({digits, 2 * Size}), bytes)) std::abort();
    return bytes;
}

/// The same for a length known at run time.
inline Bytes hex_bytes(std::string_view digits)
{
    Bytes bytes(digits.size() / 2);
    if (!from_hex(as_bytes(digits), bytes)) std::abort();
    return bytes;
}

/// The status of the Error that `call` throws; Exit::ok when it throws none.
Exit exit_of(auto&& call)
{
    try {
        call();
        return Exit::ok;
    } catch (const Error& error) {
        return error.code();
    }
}

/// `size` bytes of a fixed pseudo-random sequence (xorshift64*), for data whose value is no matter.
inline Bytes noise(std::size_t size, std::uint64_t seed = 1)
{
    Bytes bytes(size);
    std::uint64_t x = seed * 0x9e3779b97f4a7c15U + 1;
    for (std::byte& byte : bytes) {
        x ^= x >> 12U;
        x ^= x << 25U;
        x ^= x >> 27U;
        byte = static_cast<std::byte>((x * 0x2545f4914f6cdd1dU) >> 56U);
    }
    return bytes;
}

} // namespace cairn
