#include "format/sealed.hpp"

#include "fuzz.hpp"

// The input is a sealed file, the payload behind a good header, or a plaintext.

namespace cairn {
namespace {

X25519Identity identity()
{
    return to_identity(Secret::copy(as_bytes("the secret key of nobody at all.")));
}

/// What is in a file; none when it is refused, or not for the identity.
std::optional<Secret> open(ByteView file)
{
    static const AgeIdentity reader{identity()};
    std::optional<Secret> plain;
    (void)accepted([&] {
        plain = open_small(file, reader);
        return true;
    });
    return plain;
}

} // namespace

void fuzz(ByteView input)
{
    (void)open(input);
    if (!is_sampled(input, 4) || input.size() > chunk_size) return;
    static const X25519Recipient recipient{identity().key};
    CountingEntropy entropy;
    const Bytes file = seal_small(input, recipient, entropy);
    const auto plain = open(file);
    require(plain && is_same(plain->bytes(), input), "what is sealed opens");

    Bytes other = file;
    const std::size_t header_size = *find_age_header_size(file);
    other.resize(header_size);
    other.insert(other.end(), input.begin(), input.end());
    if (input.size() >= payload_nonce_size)
        require(!open(other).has_value(), "nobody guesses a tag");
}

} // namespace cairn
