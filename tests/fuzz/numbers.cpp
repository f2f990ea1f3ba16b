#include "base/number.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const std::string_view text = as_text(input);
    const auto number = parse_number(text);
    if (number) require(std::to_string(*number) == text, "a number is written as it was read");

    const auto size = parse_size(text);
    if (size) require(parse_size(std::to_string(*size)) == size, "a size is a number of bytes");
    if (number) require(size == number, "a number is a size");

    const auto duration = parse_duration_ms(text);
    if (duration)
        require(parse_duration_ms(std::to_string(*duration) + "ms") == duration,
                "a duration is a number of milliseconds");

    ByteView rest = input;
    const std::uint64_t any = take_number(rest);
    require(format_size(any).size() < 32 && format_rate(any).size() < 32 &&
                format_duration(any).size() < 48,
            "what is written for people is short");
}
