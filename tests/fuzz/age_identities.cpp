#include "base/bech32.hpp"
#include "format/age_recipient.hpp"
#include "fuzz.hpp"

void cairn::fuzz(ByteView input)
{
    const auto identities = accepted([&] { return parse_age_identities(input); });
    if (!identities) return;
    constexpr std::string_view hrp = "age-secret-key-";
    std::size_t at = 0;
    for (const AgeIdentity& identity : *identities) {
        const auto& key = std::get<X25519Identity>(identity);
        Bytes text(bech32_size(hrp.size(), key.secret.size()));
        to_bech32_text(hrp, key.secret.bytes(), Checksum::bech32, text, LetterCase::upper);
        at = as_text(input).find(as_text(text), at);
        require(at != std::string_view::npos, "an identity is written as it was read");
        at += text.size();
    }
}
