#include "base/base64.hpp"
#include "format/signature.hpp"
#include "fuzz.hpp"

// The input is a file, or what the base64 in one stands for.

namespace cairn {
namespace {

void read(ByteView text)
{
    auto secret = accepted([&] { return parse_minisign_secret(text); });
    if (!secret || !*secret) return;
    const auto again = parse_minisign_secret(text);
    require(again && again->pair.public_key() == (*secret)->pair.public_key() &&
                again->number == (*secret)->number,
            "a secret key reads the same twice");
}

} // namespace

void fuzz(ByteView input)
{
    read(input);
    const std::string text =
        "untrusted comment: key\n" + to_base64(front(input, 200), Padding::padded) + '\n';
    read(as_bytes(text));
}

} // namespace cairn
