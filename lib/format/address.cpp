#include "format/address.hpp"

#include "base/base58.hpp"
#include "base/bech32.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view main_hrp = "cairn";
constexpr std::string_view test_hrp = "tcairn";
constexpr std::string_view age_hrp = "age";
constexpr std::string_view did_prefix = "did:key:z";
constexpr std::byte ed25519_type{0};
constexpr std::array<std::string_view, 3> bech32_marks{"AGE-SECRET-KEY-", "CAIRN-SEED",
                                                       "-----BEGIN"};
// How secret keys of minisign, with and without a passphrase, and of signify begin.
constexpr std::array<std::string_view, 3> base64_marks{"RWRTY0Iy", "RWQAAEIy", "RWRCSw"};
constexpr std::array ed25519_multicodec{std::byte{0xed}, std::byte{0x01}};

template <class Key>
std::optional<Key> key_from(ByteView bytes, ByteView prefix)
{
    if (bytes.size() != prefix.size() + Key::size ||
        !std::ranges::equal(bytes.first(prefix.size()), prefix))
        return std::nullopt;
    Key key;
    std::ranges::copy(bytes.subspan(prefix.size()), key.bytes.begin());
    return key;
}

Bytes join(ByteView prefix, ByteView key)
{
    Bytes joined{prefix.begin(), prefix.end()};
    joined.insert(joined.end(), key.begin(), key.end());
    return joined;
}

} // namespace

std::string to_address(const Ed25519PublicKey& key, Network network)
{
    const std::string_view hrp = network == Network::main ? main_hrp : test_hrp;
    return to_bech32(hrp, join({&ed25519_type, 1}, key.bytes), Checksum::bech32m);
}

std::optional<Address> parse_address(std::string_view text)
{
    const auto parsed = parse_bech32(text, Checksum::bech32m);
    if (!parsed || (parsed->hrp != main_hrp && parsed->hrp != test_hrp)) return std::nullopt;
    const auto key = key_from<Ed25519PublicKey>(parsed->payload, {&ed25519_type, 1});
    if (!key) return std::nullopt;
    return Address{*key, parsed->hrp == main_hrp ? Network::main : Network::test};
}

std::string to_did(const Ed25519PublicKey& key)
{
    return std::string{did_prefix} + to_base58(join(ed25519_multicodec, key.bytes));
}

std::optional<Ed25519PublicKey> parse_did(std::string_view text)
{
    if (!text.starts_with(did_prefix)) return std::nullopt;
    const auto bytes = from_base58(text.substr(did_prefix.size()));
    return bytes ? key_from<Ed25519PublicKey>(*bytes, ed25519_multicodec) : std::nullopt;
}

std::string to_age_recipient(const X25519PublicKey& key)
{
    return to_bech32(age_hrp, key.bytes, Checksum::bech32);
}

std::optional<X25519PublicKey> parse_age_recipient(std::string_view text)
{
    const auto parsed = parse_bech32(text, Checksum::bech32);
    if (!parsed || parsed->hrp != age_hrp) return std::nullopt;
    return key_from<X25519PublicKey>(parsed->payload, {});
}

bool looks_secret(std::string_view text)
{
    std::string upper{text};
    std::ranges::transform(upper, upper.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    const auto is_in = [](std::string_view whole) {
        return [whole](std::string_view mark) { return whole.find(mark) != whole.npos; };
    };
    return std::ranges::any_of(bech32_marks, is_in(upper)) ||
           std::ranges::any_of(base64_marks, is_in(text));
}

} // namespace cairn
