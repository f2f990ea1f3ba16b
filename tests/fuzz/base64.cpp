#include "base/base64.hpp"

#include "base/hex.hpp"
#include "fuzz.hpp"

// Base64 and hexadecimal digits.

void cairn::fuzz(ByteView input)
{
    for (const Padding padding : {Padding::padded, Padding::unpadded}) {
        const auto bytes = from_base64(as_text(input), padding);
        if (bytes)
            require(to_base64(*bytes, padding) == as_text(input),
                    "base64 is written as it was read");
        const auto again = from_base64(to_base64(input, padding), padding);
        require(again && is_same(*again, input), "base64 is reversible");
    }

    Bytes bytes(input.size() / 2);
    const ByteView digits = input.first(bytes.size() * 2);
    if (from_hex(digits, bytes))
        require(to_hex_text(bytes) == as_text(digits), "hex is written as it was read");
    Bytes again(input.size());
    require(from_hex(as_bytes(to_hex_text(input)), again) && is_same(again, input),
            "hex is reversible");
}
