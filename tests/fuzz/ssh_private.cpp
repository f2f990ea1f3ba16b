#include "base/base64.hpp"
#include "format/ssh_key.hpp"
#include "fuzz.hpp"

#include <algorithm>

// The input is a file, or what the base64 in one stands for.

namespace cairn {
namespace {

void read(ByteView text)
{
    const auto pair = accepted([&] { return parse_ssh_private(text); });
    if (!pair) return;
    const auto again = parse_ssh_private(text);
    require(pair->public_key() == again.public_key(), "a private key reads the same twice");
}

} // namespace

void fuzz(ByteView input)
{
    if (is_ssh_private(input)) return read(input);
    read(as_bytes("-----BEGIN OPENSSH PRIVATE KEY-----\n" + to_base64(input, Padding::padded) +
                  "\n-----END OPENSSH PRIVATE KEY-----\n"));
}

} // namespace cairn
