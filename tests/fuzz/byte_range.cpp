#include "fuzz.hpp"
#include "stream/decode.hpp"

void cairn::fuzz(ByteView input)
{
    ByteView rest = input;
    const std::uint64_t offset = take_number(rest) % 512;
    const auto range = accepted([&] { return parse_byte_range(std::string{as_text(input)}); });
    if (!range) return;
    require(range->first <= range->last, "a range does not run backwards");
    const std::string written = std::to_string(range->first) + '-';
    require(as_text(input) == written || as_text(input) == written + std::to_string(range->last),
            "a range is written as it was read");

    const Bytes data(256);
    std::size_t expected = 0;
    for (std::uint64_t i = offset; i < offset + data.size(); ++i)
        if (i >= range->first && i <= range->last) ++expected;
    require(part_in_range(data, offset, *range).size() == expected, "a part is what is asked for");
}
