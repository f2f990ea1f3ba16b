#include "base/base64.hpp"
#include "format/signature.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto key = parse_signer_key(as_text(input));
    if (key) {
        std::string_view line = as_text(input);
        if (line.ends_with('\n')) line.remove_suffix(1);
        require(line.ends_with(to_minisign(*key)), "a key is written as it was read");
    }
    const std::string text = to_base64(front(input, 50), Padding::padded);
    const auto wrapped = parse_signer_key(text);
    if (wrapped) require(to_minisign(*wrapped) == text, "a key is written as it was read");
}
