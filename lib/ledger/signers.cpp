#include "ledger/signers.hpp"

namespace cairn {

Signers::Signers(const Transaction& transaction)
{
    for (const KeySignature& signature : transaction.signatures)
        signers_.push_back({signature.key});
    for (const Descriptor& descriptor : transaction.descriptors)
        descriptors_.push_back({descriptor_id(descriptor), &descriptor});
}

template <class IsMeant>
bool Signers::cover_by_descriptor(IsMeant is_meant)
{
    const auto known = std::ranges::find_if(descriptors_, is_meant, &Known::id);
    if (known == descriptors_.end()) return false;
    known->is_needed = true;
    std::vector<Ed25519PublicKey> keys;
    for (Signer& signer : signers_) {
        keys.push_back(signer.key);
        if (std::ranges::binary_search(known->descriptor->keys, signer.key))
            signer.is_needed = true;
    }
    return is_met(*known->descriptor, keys);
}

bool Signers::cover(const AccountId& id, const std::optional<Account>& account)
{
    if (account && account->controller)
        return cover_by_descriptor(
            [&](const DescriptorId& known) { return known == *account->controller; });
    for (Signer& signer : signers_) {
        if (account_id(signer.key) != id) continue;
        signer.is_needed = true;
        return true;
    }
    return cover_by_descriptor([&](const DescriptorId& known) { return account_id(known) == id; });
}

bool Signers::are_all_needed() const
{
    return std::ranges::all_of(signers_, &Signer::is_needed) &&
           std::ranges::all_of(descriptors_, &Known::is_needed);
}

} // namespace cairn
