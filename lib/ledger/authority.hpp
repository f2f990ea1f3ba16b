#pragma once

#include "ledger/ids.hpp"

#include <vector>

// Who may act for an account, cairn-transaction(5): the key that it is named after; or so many of
// several keys, which a descriptor lists.

namespace cairn {

inline constexpr std::size_t descriptor_keys_max = 16;
inline constexpr std::size_t descriptor_size_max = 640; // bytes

/// Any `threshold` of the keys.
struct Descriptor {
    std::uint64_t threshold = 1;        ///< at most as many as there are keys
    std::vector<Ed25519PublicKey> keys; ///< ascending, each once; at most descriptor_keys_max

    friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

Bytes to_bytes(const Descriptor& descriptor);

/// Throws Error{data} unless the bytes are what to_bytes writes of a descriptor as said above.
Descriptor parse_descriptor(ByteView bytes);

/// SHA-256("cairn/descriptor/v1" || to_bytes()).
[[nodiscard]] DescriptorId descriptor_id(const Descriptor& descriptor);

/// The account that a descriptor names: SHA-256("cairn/account/v1" || 3 || id).
[[nodiscard]] AccountId account_id(const DescriptorId& descriptor);

/// Whether `signers`, ascending, are enough of the keys.
[[nodiscard]] bool is_met(const Descriptor& descriptor, std::span<const Ed25519PublicKey> signers);

} // namespace cairn
