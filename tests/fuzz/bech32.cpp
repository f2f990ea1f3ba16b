#include "base/bech32.hpp"

#include "fuzz.hpp"

// Bech32 and bech32m.

void cairn::fuzz(ByteView input)
{
    for (const Checksum checksum : {Checksum::bech32, Checksum::bech32m}) {
        const auto parsed = parse_bech32(as_text(input), checksum);
        if (parsed) {
            Bytes text(bech32_size(parsed->hrp.size(), parsed->payload.size()));
            to_bech32_text(parsed->hrp, parsed->payload, checksum, text, parsed->letters);
            require(is_same(text, input), "bech32 is written as it was read");
        }
        const ByteView payload = front(input, 40);
        const std::string text = to_bech32("cairn", payload, checksum);
        const auto again = parse_bech32(text, checksum);
        require(again && is_same(again->payload, payload), "bech32 is reversible");
        const Checksum other = checksum == Checksum::bech32 ? Checksum::bech32m : Checksum::bech32;
        require(!parse_bech32(text, other), "a text of one checksum is none of the other");
    }
}
