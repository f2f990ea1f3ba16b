#include "stream/age_stream.hpp"

#include "format/age_payload.hpp"
#include "fuzz.hpp"

#include <algorithm>

// Three ways in: the input is an age file, or the payload behind a good header, or a plaintext.
// No identity here asks for scrypt, so every run is cheap.

namespace cairn {
namespace {

// The identity that the vectors of C2SP/CCTV are encrypted to.
constexpr std::string_view identity_text =
    "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6";

Source source_of(ByteView bytes)
{
    return [bytes](MutableByteView buffer) mutable {
        const std::size_t size = std::min(bytes.size(), buffer.size());
        std::copy_n(bytes.begin(), size, buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

Sink sink_to(Bytes& out)
{
    return [&out](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
}

const std::vector<AgeIdentity>& identities()
{
    static const std::vector<AgeIdentity> list = parse_age_identities(as_bytes(identity_text));
    return list;
}

Bytes encrypt(ByteView plain, bool is_armored)
{
    std::vector<Recipient> recipients;
    recipients.emplace_back(X25519Recipient{std::get<X25519Identity>(identities()[0]).key});
    CountingEntropy entropy;
    Bytes file;
    encrypt_stream(source_of(plain), sink_to(file), recipients, entropy,
                   {.is_armored = is_armored, .size_hint = plain.size()});
    return file;
}

std::optional<Bytes> decrypt(ByteView file)
{
    Bytes plain;
    const auto is_done = accepted([&] {
        decrypt_stream(source_of(file), sink_to(plain), identities(), {}, {});
        return true;
    });
    require(plain.size() <= file.size(), "a plaintext is shorter than its file");
    if (!is_done) return std::nullopt;
    return plain;
}

Bytes with_good_header(ByteView payload)
{
    static const Bytes empty_file = encrypt({}, false);
    const std::size_t size = *find_age_header_size(empty_file);
    Bytes file{empty_file.begin(), empty_file.begin() + static_cast<std::ptrdiff_t>(size)};
    file.insert(file.end(), payload.begin(), payload.end());
    return file;
}

} // namespace

void fuzz(ByteView input)
{
    if (is_age(input) || is_armored(input)) {
        decrypt(input);
        return;
    }
    if (!is_sampled(input, 4)) return; // what follows takes a buffer of 512 KiB
    if (!input.empty() && std::to_integer<unsigned>(input[0]) % 4 == 0) {
        const bool is_armored = input[0] == std::byte{4};
        const auto plain = decrypt(encrypt(input, is_armored));
        require(plain && is_same(*plain, input), "what is encrypted is decrypted");
        return;
    }
    const auto plain = decrypt(with_good_header(input));
    if (plain)
        require(sealed_payload_size(plain->size()) == input.size(), "sizes follow from each other");
}

} // namespace cairn
