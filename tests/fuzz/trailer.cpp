#include "format/shard.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto trailer = accepted([&] { return parse_trailer(input); });
    if (trailer) require(is_same(to_bytes(*trailer), input), "a trailer is written as it was read");
}
