// The door through which libFuzzer comes in, and what the targets share.

#include "fuzz.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace cairn {

void require(bool holds, const char* property)
{
    if (holds) return;
    std::fprintf(stderr, "PROPERTY BROKEN: %s\n", property);
    std::abort();
}

bool is_same(ByteView left, ByteView right)
{
    return std::ranges::equal(left, right);
}

bool is_sampled(ByteView input, unsigned one_of)
{
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const std::byte byte : input)
        hash = static_cast<std::uint32_t>((hash ^ std::to_integer<unsigned>(byte)) *
                                          std::uint64_t{16777619U});
    return (hash >> 8U) % one_of == 0;
}

ByteView front(ByteView input, std::size_t size)
{
    return input.first(std::min(input.size(), size));
}

std::uint64_t take_number(ByteView& input)
{
    std::uint64_t number = 0;
    const ByteView bytes = front(input, sizeof number);
    for (const std::byte byte : bytes) number = number << 8U | std::to_integer<unsigned>(byte);
    input = input.subspan(bytes.size());
    return number;
}

void CountingEntropy::fill(MutableByteView bytes)
{
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next_++ * 151U);
}

} // namespace cairn

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    cairn::fuzz({reinterpret_cast<const std::byte*>(data), size});
    return 0;
}
