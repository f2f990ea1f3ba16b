#pragma once

#include "ledger/merkle.hpp"
#include "ledger/transaction.hpp"

// Blocks and what came of their transactions, cairn-block(5). A parse_ function throws Error{data}
// unless the bytes are what to_bytes writes, within the limits here; a chain's genesis has limits
// of its own.

namespace cairn {

inline constexpr std::size_t consensus_data_max = 4096;                  // bytes
inline constexpr std::size_t seal_size_max = 4096;                       // bytes
inline constexpr std::size_t header_size_max = 512 + consensus_data_max; // bytes
inline constexpr std::size_t block_transactions_max = 100'000;           // of a block
/// Bytes that a genesis may allow all transactions of a block.
inline constexpr std::size_t transactions_size_max = 16UL * 1024 * 1024;
inline constexpr std::size_t block_size_max = transactions_size_max + 16UL * 1024; // bytes
static_assert(transactions_size_max + header_size_max + seal_size_max + 64 <= block_size_max);

/// How blocks are agreed on.
enum class EngineKind : std::uint8_t {
    solo = 1, ///< by one key
    poc = 2,  ///< by disk capacity
};

/// All of a block that its id covers.
struct Header {
    NetworkId chain;
    Height height;
    BlockId parent;
    std::uint64_t time_s = 0;
    MerkleRoot transactions; ///< of the transactions' bytes
    StateRoot state;         ///< after this block
    MerkleRoot receipts;     ///< of the receipts' bytes
    AccountId producer;      ///< gets fees and what is minted
    EngineKind engine = EngineKind::solo;
    Bytes consensus; ///< the engine's; at most consensus_data_max

    friend bool operator==(const Header&, const Header&) = default;
};

Bytes to_bytes(const Header& header);
void put_header(CborWriter& writer, const Header& header);
Header parse_header(ByteView bytes);

/// SHA-256("cairn/header/v1" || header).
[[nodiscard]] BlockId block_id(const Header& header);

/// What a header is certified with, by solo and poc: a key and its signature of the block's id.
struct Seal {
    Ed25519PublicKey key;
    Ed25519Signature signature;
};
Bytes to_bytes(const Seal& seal);
Seal parse_seal(ByteView bytes);
[[nodiscard]] Seal seal(const BlockId& id, const Ed25519KeyPair& key);
[[nodiscard]] bool is_sealed(const BlockId& id, const Seal& seal);

struct SealedHeader {
    Header header;
    Bytes seal; ///< the engine's; at most seal_size_max

    friend bool operator==(const SealedHeader&, const SealedHeader&) = default;
};

struct Block {
    Header header;
    Bytes seal; ///< the engine's; at most seal_size_max
    std::vector<Transaction> transactions;

    friend bool operator==(const Block&, const Block&) = default;
};

Bytes to_bytes(const Block& block);
Block parse_block(ByteView bytes);

[[nodiscard]] MerkleRoot transactions_root(std::span<const Transaction> transactions);

/// Whether a transaction did what it says. Where it did not, its fee is paid and its sequence
/// number used, and it has no other effect.
enum class Status : std::uint8_t {
    done = 0,
    no_funds = 1,    ///< the sender has not what it wants to spend
    absent = 2,      ///< what it is about is not there
    exists = 3,      ///< what it makes is there already
    locked = 4,      ///< it is too early
    not_allowed = 5, ///< the sender may not
    too_small = 6,   ///< an amount below what the genesis asks for
    too_many = 7,    ///< of what an account may have
    no_sequence = 8, ///< a call of a group is out of order
    not_true = 9,    ///< what it claims
};
inline constexpr std::uint64_t status_last = 9;

/// "done", "no-funds", ...
[[nodiscard]] const char* to_text(Status status);

/// What a module tells of a transaction that was done, besides what is said in the transaction.
struct Event {
    std::uint16_t module = 0;
    std::uint16_t kind = 0;
    Bytes data; ///< CBOR; the module's page says what

    friend bool operator==(const Event&, const Event&) = default;
};

inline constexpr std::size_t receipt_events_max = 2048;
inline constexpr std::size_t transaction_receipt_size_max = 256 * 1024; // bytes

struct TransactionReceipt {
    TransactionId id;
    Status status = Status::done;
    std::uint64_t weight = 0;
    std::vector<Event> events;

    friend bool operator==(const TransactionReceipt&, const TransactionReceipt&) = default;
};

Bytes to_bytes(const TransactionReceipt& receipt);
TransactionReceipt parse_transaction_receipt(ByteView bytes);
[[nodiscard]] MerkleRoot receipts_root(std::span<const TransactionReceipt> receipts);

} // namespace cairn
