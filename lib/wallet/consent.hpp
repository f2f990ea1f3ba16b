#pragma once

#include "ledger/genesis.hpp"
#include "ledger/registry.hpp"
#include "ledger/transaction.hpp"

// Calls in which a node key agrees to serve an account, cairn-ledger(7): registry.join and
// registry.rotate.

namespace cairn {

/// The JSON of such a call, in which node key and consent may be left out, with the key and a
/// consent that is none yet.
[[nodiscard]] Json with_node_key(const Json& call, const Ed25519PublicKey& node_key);

/// Puts the key and its consent to serve an account of a chain into such a call. Throws Error{data}
/// for any other call.
void add_consent(Call& call, const Ed25519KeyPair& node_key, const NetworkId& chain,
                 const AccountId& account);

/// Why the chain would not make a provider of the sender, or give it another node key; empty for
/// what it takes, and for other calls. Needs a call that is well formed.
[[nodiscard]] std::string fault_of_joining(const Call& call, const Genesis& genesis,
                                           const NetworkId& chain);

} // namespace cairn
