#pragma once

#include "crypto/keys.hpp"
#include "format/link.hpp"
#include "format/record.hpp"
#include "hash/blake3.hpp"

#include <optional>
#include <string>
#include <vector>

// Requests and replies of the storage protocol, and what providers and owners sign,
// cairn-storage(7), cairn-node(5) and cairn-receipt(5). All are deterministic CBOR: an array of the
// type's number, its version, and its parts. A parse_ function throws Error{data} unless the bytes
// are exactly what to_bytes writes, within the limits of those pages: times are at most time_max_s,
// no shard has more than shard_size_max bytes. Signatures are not checked by it.

namespace cairn {

/// SHA-256("cairn/account/v1" || 0 || key): the id of an account, an owner, a provider.
using AccountId = Fixed<struct AccountIdTag, 32>;
AccountId account_id(const Ed25519PublicKey& key);

using ShardRoot = Blake3Digest;

inline constexpr std::uint64_t shard_size_max = segment_size_max; // bytes
inline constexpr std::size_t message_size_max = 8 * 1024;         // bytes, of each of these

// ---- Who a node is.

inline constexpr std::size_t record_addresses_max = 4;
inline constexpr std::size_t record_size_max = 2048; // bytes
inline constexpr std::uint64_t capability_stores = 1;
inline constexpr std::uint64_t capability_relays = 2;

/// A node key's word for a link key and for where the node is.
struct NodeRecord {
    std::uint64_t sequence = 0; ///< of two records of a node the higher counts
    Ed25519PublicKey node_key;
    Ed25519PublicKey link_key;
    std::vector<std::string> addresses; ///< "host:port", at most record_addresses_max
    std::uint64_t capabilities = 0;     ///< capability_ bits
    NetworkId network;
    std::uint64_t expiry_s = 0; ///< since 1970
    Ed25519Signature signature;
};
Bytes to_bytes(const NodeRecord& record);
NodeRecord parse_node_record(ByteView bytes);
void sign(NodeRecord& record, const Ed25519KeyPair& node);
[[nodiscard]] bool is_signed(const NodeRecord& record);

/// "cairn-node:" and base64url of the bytes: a line of a provider list.
std::string to_text(const NodeRecord& record);

/// None when a text does not begin like this. Throws Error{data} when it does and is malformed.
std::optional<NodeRecord> parse_node_text(std::string_view text);

/// A provider as a person or a list names it: "cairn1...@host:port", or a record.
struct ProviderName {
    Ed25519PublicKey node_key;
    std::vector<std::string> addresses;
    std::optional<Ed25519PublicKey> link_key; ///< known from a record
};

inline constexpr std::size_t providers_max = 4096; // in one list

/// A provider list: one a line, '#' begins a comment, empty lines are skipped. A node that is there
/// twice is one provider with all the addresses; of its records the latest counts. Throws
/// Error{data}, naming the line; also for a record whose signature is wrong or that is for another
/// network.
std::vector<ProviderName> parse_providers(std::string_view text, const NetworkId& network);

// ---- hello: the first call on a link. The owner's signature binds the owner to the link.

struct HelloRequest {
    std::optional<Ed25519PublicKey> owner; ///< none: only reads
    Ed25519Signature signature;            ///< over both link keys; zeros without an owner
    NetworkId network;
};
struct HelloReply {
    NodeRecord record;
    std::uint64_t free_size = 0;  ///< bytes for this owner
    std::uint64_t shard_size = 0; ///< bytes, the largest shard that is taken
    std::uint64_t time_s = 0;     ///< the provider's clock
};
Bytes to_bytes(const HelloRequest& request);
HelloRequest parse_hello_request(ByteView bytes);
Bytes to_bytes(const HelloReply& reply);
HelloReply parse_hello_reply(ByteView bytes);
void sign(HelloRequest& request, const Ed25519KeyPair& owner, const Ed25519PublicKey& caller_link,
          const Ed25519PublicKey& callee_link);
[[nodiscard]] bool is_signed(const HelloRequest& request, const Ed25519PublicKey& caller_link,
                             const Ed25519PublicKey& callee_link);

// ---- shard.put: several shards in one call; their bytes follow in this order as data.

inline constexpr std::size_t put_items_max = 128; // shards in one call

/// What an entry is for: list objects and data are alike, index records are found by their class,
/// tag files and prover keys are for storage proofs.
enum class ShardClass : std::uint8_t { data = 0, index = 1, tags = 2 };
inline constexpr ShardClass shard_class_last = ShardClass::tags;

struct ShardItem {
    ShardRoot root;
    std::uint64_t size = 0; ///< bytes

    friend bool operator==(const ShardItem&, const ShardItem&) = default;
};

struct PutRequest {
    ShardClass kind = ShardClass::data;
    std::uint64_t expiry_s = 0; ///< until when it is to be kept; 0: as long as the grant allows
    std::vector<ShardItem> items;
};
Bytes to_bytes(const PutRequest& request);
PutRequest parse_put_request(ByteView bytes);

/// A provider's word that it has these shards on its disk.
struct Receipt {
    NetworkId network;
    Ed25519PublicKey node_key;
    AccountId owner;
    std::uint64_t serial = 0;   ///< of the first item at this provider; the others follow
    std::uint64_t time_s = 0;   ///< when they were durable
    std::uint64_t expiry_s = 0; ///< until when it promises to keep them; 0: no end
    std::vector<ShardItem> items;
    Ed25519Signature signature;
};
inline constexpr std::size_t receipt_size_max = message_size_max; // bytes
Bytes to_bytes(const Receipt& receipt);
Receipt parse_receipt(ByteView bytes);
void sign(Receipt& receipt, const Ed25519KeyPair& node);
[[nodiscard]] bool is_signed(const Receipt& receipt);

/// "cairn-receipt:" and base64url of the bytes: a line of a receipts file.
std::string to_text(const Receipt& receipt);

/// None when a text does not begin like this. Throws Error{data} when it does and is malformed.
std::optional<Receipt> parse_receipt_text(std::string_view text);

// ---- shard.get: the data is the proof (piece_proof_size bytes) of the pieces that hold the range,
// then these pieces, whole.

struct GetRequest {
    ShardRoot root;
    std::uint64_t size = 0;   ///< of the shard, as the caller knows it
    std::uint64_t offset = 0; ///< bytes
    std::uint64_t length = 0; ///< bytes, at least 1 unless the shard is empty
};
Bytes to_bytes(const GetRequest& request);
GetRequest parse_get_request(ByteView bytes);

// ---- shard.has

inline constexpr std::size_t has_roots_max = 128;

struct HasRequest {
    std::vector<ShardRoot> roots;
};
struct HasEntry {
    bool is_here = false;
    std::uint64_t size = 0;   ///< bytes
    std::uint64_t serial = 0; ///< of the caller's own entry; 0 where it has none
};
struct HasReply {
    std::vector<HasEntry> entries; ///< in the order of the roots
};
Bytes to_bytes(const HasRequest& request);
HasRequest parse_has_request(ByteView bytes);
Bytes to_bytes(const HasReply& reply);
HasReply parse_has_reply(ByteView bytes);

// ---- shard.drop: signed, so that the provider can show why it has the shards no more. An entry is
// named by its serial, so that the order cannot be used again after another put.

struct DropItem {
    ShardRoot root;
    std::uint64_t serial = 0;
};
struct DropRequest {
    NetworkId network;
    Ed25519PublicKey owner;
    AccountId provider;
    std::vector<DropItem> items; ///< at most put_items_max
    Ed25519Signature signature;
};
Bytes to_bytes(const DropRequest& request);
DropRequest parse_drop_request(ByteView bytes);
void sign(DropRequest& request, const Ed25519KeyPair& owner);
[[nodiscard]] bool is_signed(const DropRequest& request);

/// How many entries were dropped now; the others were not there.
struct DropReply {
    std::uint64_t dropped = 0;
};
Bytes to_bytes(const DropReply& reply);
DropReply parse_drop_reply(ByteView bytes);

// ---- shard.list: the owner's own entries of a class, by serial.

inline constexpr std::size_t list_entries_max = 128;

struct ListRequest {
    ShardClass kind = ShardClass::data;
    std::uint64_t after = 0; ///< the last serial that is known
};
struct ListEntry {
    std::uint64_t serial = 0;
    ShardItem item;
    std::uint64_t time_s = 0;
};
struct ListReply {
    std::vector<ListEntry> entries; ///< ascending; empty at the end
};
Bytes to_bytes(const ListRequest& request);
ListRequest parse_list_request(ByteView bytes);
Bytes to_bytes(const ListReply& reply);
ListReply parse_list_reply(ByteView bytes);

// ---- peers: an empty request; records that the provider knows, at most as fit.

struct PeersReply {
    std::vector<NodeRecord> records;
};
Bytes to_bytes(const PeersReply& reply);
PeersReply parse_peers_reply(ByteView bytes);

/// The methods of the storage protocol.
namespace method {
inline constexpr std::string_view hello = "hello";
inline constexpr std::string_view shard_put = "shard.put";
inline constexpr std::string_view shard_get = "shard.get";
inline constexpr std::string_view shard_has = "shard.has";
inline constexpr std::string_view shard_drop = "shard.drop";
inline constexpr std::string_view shard_list = "shard.list";
inline constexpr std::string_view peers = "peers";
} // namespace method

} // namespace cairn
