#include "format/ssh_key.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view key_type = "ssh-ed25519";
constexpr std::string_view pem_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view pem_end = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::string_view magic{"openssh-key-v1\0", 15};
constexpr std::size_t padding_max = 255; // bytes

[[noreturn]] void refuse(const char* why)
{
    throw Error{Exit::data, std::string{"not a usable OpenSSH private key: "} + why};
}

/// Reads SSH's wire encoding: big-endian lengths before strings.
class WireReader {
public:
    explicit WireReader(ByteView bytes) : rest_{bytes} {}

    ByteView take(std::size_t size)
    {
        if (size > rest_.size()) refuse("it is truncated");
        const ByteView head = rest_.first(size);
        rest_ = rest_.subspan(size);
        return head;
    }

    std::uint32_t number()
    {
        std::uint32_t value = 0;
        for (const std::byte byte : take(4)) value = value << 8U | std::to_integer<unsigned>(byte);
        return value;
    }

    ByteView string() { return take(number()); }

    [[nodiscard]] ByteView rest() const { return rest_; }

private:
    ByteView rest_;
};

/// The bytes between the PEM lines.
Secret decode_pem(ByteView file)
{
    std::string_view text = as_text(file);
    const std::size_t begin = text.find(pem_begin);
    const std::size_t end = text.find(pem_end);
    if (begin == text.npos || end == text.npos || end < begin) refuse("no PEM lines");
    text = text.substr(begin + pem_begin.size(), end - begin - pem_begin.size());

    Secret joined{text.size() + 1};
    std::size_t size = 0;
    for (const char c : text)
        if (c != '\n' && c != '\r') joined.bytes()[size++] = static_cast<std::byte>(c);
    Secret bytes{size / 4 * 3 + 3};
    const auto count =
        parse_base64_into(as_text(joined.bytes().first(size)), Padding::padded, bytes.bytes());
    if (!count) refuse("not base64");
    bytes.shrink(*count);
    return bytes;
}

Ed25519KeyPair parse_private_section(ByteView section, ByteView public_blob)
{
    WireReader reader{section};
    if (reader.number() != reader.number()) refuse("its check numbers differ");
    if (as_text(reader.string()) != key_type) refuse("it is not of type ssh-ed25519");
    const ByteView public_key = reader.string();
    const ByteView secret = reader.string();
    reader.string(); // comment
    if (public_key.size() != Ed25519PublicKey::size || secret.size() != 64)
        refuse("it is malformed");
    const ByteView padding = reader.rest();
    if (padding.size() > padding_max) refuse("it is malformed");
    for (std::size_t i = 0; i < padding.size(); ++i)
        if (padding[i] != static_cast<std::byte>(i + 1)) refuse("it is malformed");

    Ed25519KeyPair pair{Secret::copy(secret.first(Ed25519KeyPair::seed_size))};
    const Ed25519PublicKey key = pair.public_key();
    if (!std::ranges::equal(key.bytes, public_key) ||
        !std::ranges::equal(to_ssh_wire(key), public_blob) ||
        !std::ranges::equal(key.bytes, secret.subspan(Ed25519KeyPair::seed_size)))
        refuse("its public key is not that of its secret");
    return pair;
}

} // namespace

std::array<std::byte, ssh_wire_size> to_ssh_wire(const Ed25519PublicKey& key)
{
    std::array<std::byte, ssh_wire_size> wire{};
    wire[3] = static_cast<std::byte>(key_type.size());
    std::ranges::copy(as_bytes(key_type), wire.begin() + 4);
    wire[4 + key_type.size() + 3] = static_cast<std::byte>(Ed25519PublicKey::size);
    std::ranges::copy(key.bytes, wire.begin() + 4 + key_type.size() + 4);
    return wire;
}

std::optional<Ed25519PublicKey> parse_ssh_public(std::string_view line)
{
    if (!line.starts_with(key_type) || line.substr(key_type.size(), 1) != " ") return std::nullopt;
    if (line.find('\n') != line.npos) return std::nullopt; // another key may stand there
    line.remove_prefix(key_type.size() + 1);
    const auto wire = from_base64(line.substr(0, line.find(' ')), Padding::padded);
    if (!wire || wire->size() != ssh_wire_size) return std::nullopt;
    Ed25519PublicKey key;
    std::ranges::copy(ByteView{*wire}.last(Ed25519PublicKey::size), key.bytes.begin());
    if (!std::ranges::equal(to_ssh_wire(key), *wire)) return std::nullopt;
    return key;
}

bool is_ssh_private(ByteView text)
{
    return as_text(text).starts_with(pem_begin);
}

Ed25519KeyPair parse_ssh_private(ByteView text)
{
    const Secret file = decode_pem(text);
    WireReader reader{file.bytes()};
    if (as_text(reader.take(std::min(magic.size(), file.size()))) != magic)
        refuse("its version is unknown");
    const ByteView cipher = reader.string();
    const ByteView kdf = reader.string();
    reader.string(); // options of the kdf
    if (as_text(cipher) != "none" || as_text(kdf) != "none")
        throw Error{Exit::noperm, "the OpenSSH private key is encrypted",
                    "remove its passphrase from a copy: ssh-keygen -p -N '' -f COPY"};
    if (reader.number() != 1) refuse("it holds several keys");
    const ByteView public_blob = reader.string();
    const ByteView section = reader.string();
    if (!reader.rest().empty()) refuse("bytes follow it");
    return parse_private_section(section, public_blob);
}

} // namespace cairn
