#pragma once

#include "base/bytes.hpp"

#include <optional>

// Structured data is an array: the number of its type, its version, its parts; see
// cairn-manifest(5).

namespace cairn {

/// What an array is. Numbers are never used again.
enum class RecordType : std::uint8_t {
    manifest = 1,
    nested_manifest = 2,
    list = 3,
    index = 4,
    node = 5,
    receipt = 6,
    drop_request = 7,
    hello_request = 8,
    hello_reply = 9,
    put_request = 10,
    get_request = 11,
    has_request = 12,
    has_reply = 13,
    drop_reply = 14,
    list_request = 15,
    list_reply = 16,
    peers_reply = 17,
    audit_key = 18,
    prover_key = 19,
    challenge = 20,
    storage_proof = 21,
    transcript = 22,
    prove_request = 23,
    prove_reply = 24,
    tags_request = 25,
    tags_reply = 26,
    descriptor = 32,
    transaction = 33,
    header = 34,
    block = 35,
    transaction_receipt = 36,
    state_proof = 37,
    chain_hello = 38,
    headers_request = 39,
    headers_reply = 40,
    bodies_request = 41,
    compact_request = 42,
    compact_reply = 43,
    missing_request = 44,
    transactions_offer = 45,
    transactions_request = 46,
    chain_peers_reply = 47,
    snapshot_head = 48,
    snapshot_chunk = 49,
};

/// The largest time that is written: the last second of the year 9999.
inline constexpr std::uint64_t time_max_s = 253'402'300'799; // seconds since 1970

/// The type that bytes say they are of, whatever follows; none when no type begins like this.
std::optional<RecordType> record_type(ByteView front);

} // namespace cairn
