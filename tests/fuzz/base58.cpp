#include "base/base58.hpp"

#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto bytes = from_base58(as_text(input));
    if (bytes) require(to_base58(*bytes) == as_text(input), "base58 is written as it was read");
    const ByteView some = front(input, base58_size_max);
    const auto again = from_base58(to_base58(some));
    require(again && is_same(*again, some), "base58 is reversible");
}
