#include "wallet/consent.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"

namespace cairn {
namespace {

bool is_registry(const Call& call, RegistryMethod method)
{
    return call.module == module_number::registry &&
           call.method == static_cast<std::uint16_t>(method);
}

/// Whether it is of a key that has agreed.
template <class Arguments>
bool is_agreed(const Arguments& arguments, const Call& call, const NetworkId& chain)
{
    return verify(arguments.node_key, consent_message(chain, call.sender), arguments.consent);
}

} // namespace

Json with_node_key(const Json& call, const Ed25519PublicKey& node_key)
{
    Json arguments = call.member("arguments");
    if (!arguments.is_object()) arguments = Json::object();
    arguments.set("node_key", to_hex_text(node_key.bytes))
        .set("consent", to_hex_text(Ed25519Signature{}.bytes));
    return Json{call}.set("arguments", arguments);
}

void add_consent(Call& call, const Ed25519KeyPair& node_key, const NetworkId& chain,
                 const AccountId& account)
{
    const Ed25519Signature consent = node_key.sign(consent_message(chain, account));
    if (is_registry(call, RegistryMethod::join)) {
        JoinArguments arguments = parse_join(call.arguments);
        arguments.node_key = node_key.public_key();
        arguments.consent = consent;
        call.arguments = to_bytes(arguments);
    } else if (is_registry(call, RegistryMethod::rotate)) {
        call.arguments = to_bytes(RotateArguments{node_key.public_key(), consent});
    } else {
        throw Error{Exit::data, "a node key is for registry.join and registry.rotate alone"};
    }
}

std::string fault_of_joining(const Call& call, const Genesis& genesis, const NetworkId& chain)
{
    const std::string other = "not-true: the node key has not agreed to serve this account here";
    if (is_registry(call, RegistryMethod::rotate))
        return is_agreed(parse_rotate(call.arguments), call, chain) ? "" : other;
    if (!is_registry(call, RegistryMethod::join)) return "";
    const JoinArguments arguments = parse_join(call.arguments);
    if (arguments.bond < genesis.registry.bond_min)
        return "too-small: the bond is at least " + to_text(genesis.registry.bond_min) + " coins";
    return is_agreed(arguments, call, chain) ? "" : other;
}

} // namespace cairn
