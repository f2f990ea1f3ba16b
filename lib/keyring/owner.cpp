#include "keyring/owner.hpp"

#include "keyring/identities.hpp"

namespace cairn {

Owner load_owner(const std::optional<std::string>& file, const PassphraseOptions& passphrase,
                 Entropy& entropy)
{
    Owner owner;
    if (file)
        owner.identity = load_identity(*file, [&] { return passphrase.read(false); });
    else
        owner.throwaway.emplace(random_secret(entropy, Ed25519KeyPair::seed_size));
    return owner;
}

std::vector<Recipient> recipients_of(const Owner& owner, const std::vector<std::string>& others,
                                     Entropy& entropy)
{
    std::vector<Recipient> recipients;
    recipients.reserve(others.size() + 1);
    for (const std::string& text : others) recipients.push_back(parse_recipient(text));
    if (owner.identity) recipients.emplace_back(X25519Recipient{owner.identity->decryption().key});
    if (recipients.empty())
        recipients.emplace_back(X25519Recipient{to_identity(random_secret(entropy, 32)).key});
    return recipients;
}

} // namespace cairn
