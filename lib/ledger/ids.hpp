#pragma once

#include "format/link.hpp"
#include "format/message.hpp"
#include "hash/digest.hpp"

#include <algorithm>

// What has a name on a chain. A chain's own id, the hash of its genesis, is its NetworkId.

namespace cairn {

using TransactionId = Fixed<struct TransactionIdTag, 32>;
using BlockId = Fixed<struct BlockIdTag, 32>;
using DescriptorId = Fixed<struct DescriptorIdTag, 32>;
using MerkleRoot = Fixed<struct MerkleRootTag, 32>; ///< of a list
using StateRoot = Fixed<struct StateRootTag, 32>;
using Beacon = Fixed<struct BeaconTag, 32>; ///< a block's public randomness

/// SHA-256(context || bytes).
template <class Id>
Id hashed_id(std::string_view context, ByteView bytes)
{
    const ByteView text = as_bytes(context);
    Bytes message;
    message.reserve(text.size() + bytes.size());
    message.insert(message.end(), text.begin(), text.end());
    message.insert(message.end(), bytes.begin(), bytes.end());
    return {sha256(message).bytes};
}

} // namespace cairn
