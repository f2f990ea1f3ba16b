#pragma once

#include "base/entropy.hpp"
#include "format/message.hpp"

#include <optional>
#include <string>
#include <vector>

// Who a provider is: two keys and a record, in its directory, cairn-store(5).

namespace cairn {

inline constexpr std::uint64_t record_life_s = 30 * 86'400;    ///< of a node record
inline constexpr std::uint64_t record_renewal_s = 20 * 86'400; ///< what is left when it is renewed

/// What a node says of itself.
struct NodeFacts {
    std::vector<std::string> addresses;
    std::uint64_t capabilities = capability_stores;
    NetworkId network;
    Ed25519PublicKey link_key;
};

/// Signs a record that is valid from `now_s` on and higher than the last of this directory, and
/// writes it to "node.record", durably. Its sequence is at least the time, so that it grows even
/// where the directory was lost.
NodeRecord renew_record(const std::string& directory, const Ed25519KeyPair& node,
                        const NodeFacts& facts, std::uint64_t now_s);

/// The record that was written last; none where there is none that can be read.
std::optional<NodeRecord> load_record(const std::string& directory);

/// Whether a record has so little time left that it must be renewed.
[[nodiscard]] bool is_renewal_due(const NodeRecord& record, std::uint64_t now_s);

/// The records in the file "peers" of the directory, one a line, as a provider list has them; other
/// lines, and records of other networks or with a wrong signature, are left out. None where there
/// is no file. Throws Error{data} when it is too large.
std::vector<NodeRecord> load_peers(const std::string& directory, const NetworkId& network);

} // namespace cairn
