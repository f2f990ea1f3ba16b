#pragma once

#include "codec/cbor.hpp"
#include "ledger/amount.hpp"
#include "ledger/authority.hpp"

// Transactions, cairn-transaction(5). A parse_ function throws Error{data} unless the bytes are
// what to_bytes writes, within the limits here.

namespace cairn {

inline constexpr std::size_t arguments_size_max = 64 * 1024;    // bytes, of one call
inline constexpr std::size_t transaction_size_max = 128 * 1024; // bytes
inline constexpr std::size_t signatures_max = 64;               // of a transaction
inline constexpr std::size_t descriptors_max = 20;              // of a transaction
inline constexpr std::uint64_t sequence_max = (std::uint64_t{1} << 48U) - 1;

/// Where an account counts: each lane has sequence numbers of its own, so that several processes
/// can send from one account.
struct Lane {
    std::uint16_t value = 0;

    friend auto operator<=>(const Lane&, const Lane&) = default; // NOLINT(modernize-use-nullptr)
};

/// What a module is asked to do, by whom.
struct Call {
    AccountId sender;
    Lane lane;
    std::uint64_t sequence = 0; ///< at most sequence_max
    std::uint16_t module = 0;
    std::uint16_t method = 0;
    Bytes arguments; ///< CBOR; the module's page says what

    friend bool operator==(const Call&, const Call&) = default;
};

void put_call(CborWriter& writer, const Call& call);
Call take_call(CborReader& reader);
inline constexpr std::size_t call_parts = 6; // items of a call

/// All of a transaction that is signed.
struct TransactionBody {
    NetworkId chain;
    Call call;
    Amount fee;
    Height valid_until; ///< the last block that may have it

    friend bool operator==(const TransactionBody&, const TransactionBody&) = default;
};

/// What a key says of a transaction.
struct KeySignature {
    Ed25519PublicKey key;
    Ed25519Signature signature;

    friend bool operator==(const KeySignature&, const KeySignature&) = default;
};

struct Transaction {
    TransactionBody body;
    std::vector<KeySignature> signatures; ///< keys ascending; 1 to signatures_max
    std::vector<Descriptor> descriptors;  ///< by their bytes ascending; at most descriptors_max

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// What is signed, of a body alone.
Bytes to_bytes(const TransactionBody& body);
TransactionBody parse_transaction_body(ByteView bytes);

Bytes to_bytes(const Transaction& transaction);
Transaction parse_transaction(ByteView bytes);
void put_transaction(CborWriter& writer, const Transaction& transaction);

/// Transactions one after the other, at most `count_max`.
Bytes transactions_bytes(std::span<const Transaction> transactions);
std::vector<Transaction> parse_transactions(ByteView bytes, std::size_t count_max);

/// SHA-256("cairn/transaction/v1" || body): signatures do not change it.
[[nodiscard]] TransactionId transaction_id(const TransactionBody& body);

/// A transaction's bytes and its id, made together.
struct EncodedTransaction {
    Bytes bytes;
    TransactionId id{};
};
[[nodiscard]] EncodedTransaction encode(const Transaction& transaction);

/// "cairn/transaction/v1", a zero byte, the id: what keys sign.
[[nodiscard]] Bytes signed_message(const TransactionId& id);

/// Adds a key's signature, in its place, for one that was there.
void sign(Transaction& transaction, const Ed25519KeyPair& key);

/// Adds a descriptor, in its place; once.
void attach(Transaction& transaction, const Descriptor& descriptor);

/// Whether all signatures are those of the keys.
[[nodiscard]] bool is_signed(const Transaction& transaction);

/// The same, where its id is known.
[[nodiscard]] bool is_signed(const Transaction& transaction, const TransactionId& id);

} // namespace cairn
