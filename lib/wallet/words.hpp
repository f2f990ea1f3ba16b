#pragma once

#include "ledger/authority.hpp"
#include "ledger/coins.hpp"
#include "ledger/genesis.hpp"

#include <string>
#include <vector>

// What people write for a wallet: amounts, accounts, keys, descriptors.

namespace cairn {

/// Coins, "1.5", or atoms, "1500atoms"; more than 0. `what` is what it is for: "the amount". Throws
/// Error{usage}.
[[nodiscard]] Amount amount_of(const std::string& text, const std::string& what);

/// An account by the address of its key, the key's did:key, or its own id in hex digits. Throws
/// Error{data}; so it does for an address of a test network on a chain that is none.
[[nodiscard]] AccountId wallet_account(const std::string& text, bool is_test = true);

/// A key by its address, did:key, or hex digits. Throws Error{data}.
[[nodiscard]] Ed25519PublicKey wallet_key(const std::string& text);

/// "TO", "AMOUNT", "TO", "AMOUNT", ... Throws Error{usage} where they are no pairs, none, too many,
/// or more than 2^64 - 1 atoms together, and as amount_of() and wallet_account() do.
[[nodiscard]] std::vector<CoinTransfer> transfers_of(const std::vector<std::string>& words,
                                                     bool is_test);

/// The bytes of a reference: "hex:" and hex digits, or the text as it is. Throws Error{usage} where
/// they are too many or no digits.
[[nodiscard]] Bytes reference_of(const std::string& text);

/// Keys in any order, as a descriptor of them. Throws Error{usage} where the threshold is more than
/// there are, or a key is there twice, or they are too many.
[[nodiscard]] Descriptor descriptor_of(std::uint64_t threshold, std::vector<Ed25519PublicKey> keys);

/// A descriptor in hex digits, or the JSON or the lines that show one. Throws Error{data}.
[[nodiscard]] Descriptor read_descriptor(std::string_view text);

/// What shows a descriptor: its bytes, id, account, threshold and keys.
[[nodiscard]] Json descriptor_json(const Descriptor& descriptor);

} // namespace cairn
