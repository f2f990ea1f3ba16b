#include "format/age_header.hpp"

#include "base/base64.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto size = accepted([&] { return find_age_header_size(input); });
    const ByteView text = size && *size ? input.first(**size) : input;
    const auto header = accepted([&] { return parse_age_header(text); });
    if (!header) return;

    // What is written differs in the MAC alone, because the file key is another one.
    static const Secret file_key = Secret::copy(as_bytes("a key of nobody."));
    static_assert(sizeof "a key of nobody." == file_key_size + 1);
    std::string written = to_text(header->stanzas, file_key);
    const std::string mac = to_base64(header->mac, Padding::unpadded) + '\n';
    written.replace(written.size() - mac.size(), mac.size(), mac);
    require(is_same(as_bytes(written), text), "a header is written as it was read");
    require(size && *size == text.size(), "a header that parses has a size that is found");
    require(!is_authentic(*header, text, file_key), "nobody guesses a MAC");
}
