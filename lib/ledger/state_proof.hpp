#pragma once

#include "ledger/block.hpp"
#include "ledger/state_tree.hpp"

// What shows somebody who has nothing but a block's id what the state has after the block, or has
// not, cairn-state(5).

namespace cairn {

inline constexpr std::size_t state_proof_size_max = 16UL * 1024; // bytes
static_assert(header_size_max + state_key_size_max + state_value_size_max +
                  tree_depth_max * (2 + MerkleHash::size) + 128 <=
              state_proof_size_max);

/// That the state after a block has this value for a key, or none.
struct StateProof {
    Header header; ///< of the block, whose id is that of these bytes
    StateKey key;
    std::optional<Bytes> value;
    std::vector<MerkleHash> beside;  ///< as in TreeProof
    std::optional<ProvenLeaf> other; ///< without a value: the leaf that is alone where it would be

    friend bool operator==(const StateProof&, const StateProof&) = default;
};

/// Of what prove() made. Needs a tree proof of the key, which ends at its own leaf if it has a
/// value.
[[nodiscard]] StateProof state_proof(Header header, StateKey key, std::optional<Bytes> value,
                                     TreeProof tree);

/// Whether the header's root is that of a tree in which the key has this value, or none. Whether
/// the block is one of a chain is for others to say.
[[nodiscard]] bool is_proven(const StateProof& proof);

Bytes to_bytes(const StateProof& proof);

/// The hashes beside a way, null for zeros, and the leaf it ends at if that is another: as a proof
/// has them. The latter throw Error{data}.
void put_beside(CborWriter& writer, std::span<const MerkleHash> beside);
void put_other(CborWriter& writer, const std::optional<ProvenLeaf>& other);
[[nodiscard]] std::vector<MerkleHash> take_beside(CborReader& reader, std::size_t count_max);
[[nodiscard]] std::optional<ProvenLeaf> take_other(CborReader& reader);

/// Throws Error{data} unless the bytes are what to_bytes writes, whether it proves anything or not.
StateProof parse_state_proof(ByteView bytes);

} // namespace cairn
