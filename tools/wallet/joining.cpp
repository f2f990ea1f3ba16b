#include "joining.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "format/link.hpp"
#include "keyring/identities.hpp"
#include "ledger/registry.hpp"
#include "wallet/words.hpp"

namespace cairn {

void Joining::declare_key(Cli& verb)
{
    verb.option("--node-key", "FILE", key_,
                "The key of the provider's node, which agrees to serve");
}

void Joining::declare(Cli& verb)
{
    declare_key(verb);
    verb.option("--bond", "AMOUNT", bond_, "Put this into the bond");
    verb.size("--capacity", "SIZE", capacity_, {}, "Offer so much room");
    verb.option("--price", "AMOUNT", price_, "For a GiB and a window; nothing");
    verb.option("--address", "HOST:PORT", addresses_, "Where the node is; up to 4");
    verb.flag("--professional", is_professional_, "Of the class whose bond is locked for long");
}

bool Joining::is_chosen() const
{
    return bond_ || price_ || capacity_ || !addresses_.empty() || is_professional_;
}

Call Joining::call() const
{
    if (!key_) throw Error{Exit::usage, "no key of a node", "use --node-key FILE"};
    if (!bond_) throw Error{Exit::usage, "no bond", "use --bond AMOUNT"};
    if (!capacity_) throw Error{Exit::usage, "no capacity", "use --capacity SIZE"};
    if (addresses_.size() > provider_addresses_max)
        throw Error{Exit::usage, "a provider has at most " +
                                     std::to_string(provider_addresses_max) + " addresses"};
    JoinArguments arguments;
    arguments.kind = is_professional_ ? ProviderClass::professional : ProviderClass::amateur;
    arguments.bond = amount_of(*bond_, "the bond");
    if (price_) arguments.offer.price = amount_of(*price_, "the price");
    arguments.offer.capacity_bytes = *capacity_;
    for (const std::string& address : addresses_) {
        if (!is_endpoint(address))
            throw Error{Exit::data, "'" + escape(address) + "' is no address: HOST:PORT"};
        arguments.offer.addresses.push_back(address);
    }
    Call call;
    call.module = module_number::registry;
    call.method = static_cast<std::uint16_t>(RegistryMethod::join);
    call.arguments = to_bytes(arguments);
    return call;
}

std::optional<Ed25519KeyPair> Joining::load_key() const
{
    if (!key_) return std::nullopt;
    return load_service_key(*key_);
}

} // namespace cairn
