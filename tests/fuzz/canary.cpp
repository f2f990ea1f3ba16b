#include "base/cursor.hpp"
#include "fuzz.hpp"

// Not a parser of ours: it has the fault that every harness must find within seconds. The number
// of items is multiplied in 32 bits, so a large one passes the check and is read beyond the end.

void cairn::fuzz(ByteView input)
{
    const auto sum = accepted([&] {
        constexpr std::uint32_t item_size = 32; // bytes
        Reader reader{input, "the canary"};
        if (as_text(reader.take(2)) != "CA") throw Error{Exit::data, "not a canary"};
        const auto count = reader.integer<std::uint32_t>();
        const std::uint32_t size = count * item_size; // the planted fault
        if (size > reader.left()) throw Error{Exit::data, "a truncated canary"};
        const ByteView items = reader.take(reader.left());
        unsigned total = 0;
        for (std::size_t i = 0; i < count; ++i)
            total += std::to_integer<unsigned>(items.data()[i * item_size]);
        return total;
    });
    static_cast<void>(sum);
}
