#pragma once

#include "engine/chain_engine.hpp"

#include <optional>
#include <string>

// What nodes of a chain ask each other for, cairn-link(7) and cairn-chain(7): deterministic CBOR,
// an array of the type's number, its version and its parts. A parse_ function throws Error{data}
// unless the bytes are what to_bytes writes, within these limits.

namespace cairn {

inline constexpr std::size_t node_address_size_max = 280; // characters, "host:port"
inline constexpr std::size_t asked_ids_max = 200;         // ids in one request
inline constexpr std::size_t headers_max = 1'000;         // in one reply
inline constexpr std::size_t headers_reply_size_max =
    headers_max * 1024 + 64 * 1024; // bytes; a reply with large headers has fewer of them
inline constexpr std::size_t compact_size_max = 4UL * 1024 * 1024; // bytes
inline constexpr std::size_t short_id_size = 6;                    // bytes
inline constexpr std::size_t missing_max = 1'600;                  // of one request
inline constexpr std::size_t told_peers_max = 24;                  // in one reply

/// Of chain.hello, both ways: who this is.
struct ChainHello {
    NetworkId chain;
    std::string address; ///< where it can be reached; empty: nowhere
    Height height;       ///< of its best header
    BlockId tip;

    friend bool operator==(const ChainHello&, const ChainHello&) = default;
};
Bytes to_bytes(const ChainHello& hello);
ChainHello parse_chain_hello(ByteView bytes);

/// Of chain.headers: those behind the first of these that is known.
struct HeadersRequest {
    std::vector<BlockId> known; ///< at most asked_ids_max
};
Bytes to_bytes(const HeadersRequest& request);
HeadersRequest parse_headers_request(ByteView bytes);

/// What comes then, and what chain.told has: headers with their seals, each behind the one before.
Bytes headers_bytes(std::span<const SealedHeader> headers);
std::vector<SealedHeader> parse_headers(ByteView bytes);

/// Of chain.bodies: blocks, which come framed as in files of blocks, as many of them as there are.
struct BodiesRequest {
    std::vector<BlockId> ids; ///< at most asked_ids_max
};
Bytes to_bytes(const BodiesRequest& request);
BodiesRequest parse_bodies_request(ByteView bytes);

/// Of chain.compact: a block whose transactions are known mostly.
Bytes compact_request(const BlockId& id);
BlockId parse_compact_request(ByteView bytes);

/// The first six bytes of SHA-256(salt || id).
using CompactSalt = Fixed<struct CompactSaltTag, 8>;
using ShortId = Fixed<struct ShortIdTag, short_id_size>;
[[nodiscard]] ShortId short_id(const CompactSalt& salt, const TransactionId& id);

struct CompactBlock {
    SealedHeader header;
    CompactSalt salt;
    std::vector<ShortId> ids; ///< of the transactions, in their order
};
Bytes to_bytes(const CompactBlock& block);
CompactBlock parse_compact_block(ByteView bytes);

/// Of chain.missing: transactions of a block by their places, which come one after the other.
struct MissingRequest {
    BlockId id;
    std::vector<std::uint32_t> places; ///< ascending, at most missing_max
};
Bytes to_bytes(const MissingRequest& request);
MissingRequest parse_missing_request(ByteView bytes);

/// Of chain.offer and of chain.transactions: ids of transactions that are not in blocks.
struct TransactionIds {
    std::vector<TransactionId> ids; ///< at most asked_ids_max
};
Bytes offer_bytes(const TransactionIds& ids);
TransactionIds parse_transactions_offer(ByteView bytes);
Bytes request_bytes(const TransactionIds& ids);
TransactionIds parse_transactions_request(ByteView bytes);

/// Of chain.peers: where nodes are.
struct KnownNode {
    std::string address; ///< "host:port"
    Ed25519PublicKey link_key;

    friend bool operator==(const KnownNode&, const KnownNode&) = default;
};
Bytes to_bytes(std::span<const KnownNode> nodes);
std::vector<KnownNode> parse_known_nodes(ByteView bytes);

} // namespace cairn
