#include "format/address.hpp"
#include "format/age_recipient.hpp"
#include "format/ssh_key.hpp"
#include "fuzz.hpp"

// One recipient, a file of them, and the public forms they come in.

namespace cairn {
namespace {

std::string lower(std::string_view text)
{
    std::string result{text};
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

void read_forms(std::string_view text)
{
    if (const auto key = parse_age_recipient(text))
        require(to_age_recipient(*key) == lower(text), "a recipient is written as it was read");
    if (const auto address = parse_address(text))
        require(to_address(address->key, address->network) == lower(text),
                "an address is written as it was read");
    if (const auto key = parse_did(text))
        require(to_did(*key) == text, "a did:key is written as it was read");
}

} // namespace

void fuzz(ByteView input)
{
    const std::string_view text = as_text(input);
    looks_secret(text);
    read_forms(text);
    const auto one = accepted([&] { return parse_recipient(text); });
    if (one) require(!std::holds_alternative<PassphraseRecipient>(*one), "text is no passphrase");
    const auto all = accepted([&] { return parse_recipient_file(text); });
    if (all) require(!all->empty(), "a file has recipients or is refused");

    if (!is_sampled(input, 8)) return;
    Ed25519PublicKey key;
    const ByteView bytes = front(input, key.size);
    std::copy(bytes.begin(), bytes.end(), key.bytes.begin());
    for (const Network network : {Network::main, Network::test}) {
        const auto address = parse_address(to_address(key, network));
        require(address && address->key == key && address->network == network,
                "an address is reversible");
    }
    require(parse_did(to_did(key)) == key, "a did:key is reversible");
}

} // namespace cairn
