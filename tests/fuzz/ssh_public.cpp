#include "base/base64.hpp"
#include "format/ssh_key.hpp"
#include "fuzz.hpp"

#include <algorithm>

void cairn::fuzz(ByteView input)
{
    const std::string_view text = as_text(input);
    const auto key = parse_ssh_public(text);
    if (key) {
        const std::string line = "ssh-ed25519 " + to_base64(to_ssh_wire(*key), Padding::padded);
        require(text == line || text.starts_with(line + ' '), "a key is written as it was read");
    }
    const auto wrapped =
        parse_ssh_public("ssh-ed25519 " + to_base64(front(input, 60), Padding::padded));
    if (wrapped)
        require(is_same(to_ssh_wire(*wrapped), input.first(ssh_wire_size)),
                "a blob is written as it was read");
}
