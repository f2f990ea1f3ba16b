#pragma once

#include "json/json.hpp"
#include "ledger/block.hpp"
#include "ledger/snapshot.hpp"
#include "ledger/state_proof.hpp"

// What a ledger has, for people and for wallets: as JSON, cairn-transaction(5). Ids, keys and bytes
// are hex digits, amounts are decimal texts of atoms, in members whose names end in "atoms", and
// modules, methods and tables have their names.

namespace cairn {

/// Arguments that are not those of the method are shown as hex digits, and so are those of a
/// method that is not known, with numbers for names.
[[nodiscard]] Json to_json(const Call& call);
[[nodiscard]] Json to_json(const TransactionBody& body);
[[nodiscard]] Json to_json(const Descriptor& descriptor);

/// With its id, and whether all its signatures are those of the keys.
[[nodiscard]] Json to_json(const Transaction& transaction);

/// With its id.
[[nodiscard]] Json to_json(const Header& header);

/// With its id, and whether it is sealed by the key that its seal names.
[[nodiscard]] Json to_json(const Block& block);
[[nodiscard]] Json to_json(const TransactionReceipt& receipt);

/// What to_json(call) makes. Sender, lane and sequence number may be missing, also in the calls of
/// a group, and are zeros then. Throws Error{data} for what is no call, or no known method, or has
/// arguments that the method does not take.
[[nodiscard]] Call call_from_json(const Json& json);

/// What to_json(body) makes, all of it. Throws as call_from_json.
[[nodiscard]] TransactionBody body_from_json(const Json& json);

/// What a key of the state is about: its table and the parts of the key.
[[nodiscard]] Json key_json(const StateKey& key);

/// The same with its record as a member. A value that is no record of its table is shown as hex
/// digits, and so are key and value of a table that is not known.
[[nodiscard]] Json record_json(const StateKey& key, ByteView value);

/// Which block it is about, and what it says of the key: its record, or null.
[[nodiscard]] Json to_json(const StateProof& proof);

/// Which block it is about, and how much there is.
[[nodiscard]] Json to_json(const SnapshotHead& head);

} // namespace cairn
