#include "format/identity.hpp"

#include "base/bech32.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "crypto/kdf.hpp"
#include "format/message.hpp"
#include "format/signature.hpp"
#include "format/words.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view first_line = "# cairn identity, version 1\n";
constexpr std::string_view seed_label = "# cairn-seed: ";
constexpr std::string_view seed_hrp = "cairn-seed-";
constexpr std::string_view age_hrp = "age-secret-key-";
constexpr std::string_view derivation_salt = "CAIRN-KDF-V1";
constexpr std::size_t seed_text_size = bech32_size(seed_hrp.size(), entropy_size);
constexpr std::size_t age_text_size = bech32_size(age_hrp.size(), 32);

/// Appends to guarded memory of fixed size.
class SecretText {
public:
    explicit SecretText(std::size_t size) : text_{size} {}

    MutableByteView append(std::size_t size)
    {
        const MutableByteView place = text_.bytes().subspan(size_, size);
        size_ += size;
        return place;
    }
    void append(std::string_view text)
    {
        std::ranges::copy(as_bytes(text), append(text.size()).begin());
    }

    Secret finish() &&
    {
        text_.shrink(size_);
        return std::move(text_);
    }

private:
    Secret text_;
    std::size_t size_ = 0;
};

Secret derive_key(const Secret& seed, std::string_view label, std::uint32_t index)
{
    Bytes info{as_bytes(label).begin(), as_bytes(label).end()};
    info.push_back(std::byte{0});
    for (int shift = 24; shift >= 0; shift -= 8)
        info.push_back(static_cast<std::byte>(index >> static_cast<unsigned>(shift)));
    Secret key{32};
    hkdf_sha256(seed.bytes(), as_bytes(derivation_salt), info, key.bytes());
    return key;
}

Secret seed_of(const Secret& entropy)
{
    return to_seed(to_words(entropy.bytes()).bytes());
}

} // namespace

Identity::Identity(Secret entropy)
    : entropy_{std::move(entropy)},
      seed_{seed_of(entropy_)},
      signing_{derive_key(seed_, "ed25519", 0)}
{
}

Identity Identity::generate(Entropy& entropy)
{
    return Identity{random_secret(entropy, entropy_size)};
}

Identity Identity::recover(ByteView sentence)
{
    auto entropy = parse_words(sentence);
    if (!entropy || entropy->size() != entropy_size)
        throw Error{Exit::data, "these are not the 24 words of an identity",
                    "check their spelling and order against your copy"};
    return Identity{std::move(*entropy)};
}

Identity Identity::parse(ByteView text)
{
    if (as_text(text).find('\r') != std::string_view::npos)
        throw Error{Exit::data, "the identity file has CRLF line ends",
                    "restore it from its words, or change its line ends to LF"};
    const std::size_t label = as_text(text).find(seed_label);
    Secret entropy{entropy_size};
    if (label != std::string_view::npos &&
        parse_bech32_into(as_text(text).substr(label + seed_label.size(), seed_text_size), seed_hrp,
                          Checksum::bech32m, entropy.bytes(), LetterCase::upper)) {
        Identity identity{std::move(entropy)};
        if (constant_time_equal(identity.to_file().bytes(), text)) return identity;
    }
    throw Error{Exit::data, "not a cairn identity file, version 1, or a damaged one"};
}

Secret Identity::to_file() const
{
    const PublicForms forms = public_forms(signing_.public_key());
    SecretText text{identity_file_size_max};
    text.append(first_line);
    text.append("# address: " + forms.address + '\n');
    text.append("# recipient: " + forms.recipient + '\n');
    text.append("# did: " + forms.did + '\n');
    text.append("# minisign: " + forms.minisign + '\n');
    text.append(seed_label);
    to_bech32_text(seed_hrp, entropy_.bytes(), Checksum::bech32m, text.append(seed_text_size),
                   LetterCase::upper);
    text.append("\n");
    to_bech32_text(age_hrp, decryption().secret.bytes(), Checksum::bech32,
                   text.append(age_text_size), LetterCase::upper);
    text.append("\n");
    return std::move(text).finish();
}

Secret Identity::to_words() const
{
    return cairn::to_words(entropy_.bytes());
}

Secret Identity::derive(std::string_view label, std::uint32_t index) const
{
    return derive_key(seed_, label, index);
}

X25519Identity Identity::decryption() const
{
    return to_identity(signing_.x25519_secret());
}

bool is_identity_file(ByteView text)
{
    return as_text(text).starts_with("# cairn identity") ||
           as_text(text).find(seed_label) != std::string_view::npos;
}

PublicForms public_forms(const Ed25519PublicKey& key)
{
    const auto image = x25519_image(key);
    return {.address = to_address(key),
            .recipient = image ? to_age_recipient(*image) : std::string{},
            .did = to_did(key),
            .minisign = to_minisign({key_number(key), key}),
            .key = to_hex_text(key.bytes),
            .account = to_hex_text(account_id(key).bytes)};
}

} // namespace cairn
