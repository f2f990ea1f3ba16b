#pragma once

#include "crypto/testing.hpp"
#include "format/message.hpp"

#include <string>

// For *_test.cpp files only.

namespace cairn {

/// A record of tests/data/records, which an implementation of its own made.
inline Bytes golden_record(const std::string& name)
{
    const std::string records = '\n' + test_data("records/records.txt");
    const std::string label = '\n' + name + ' ';
    const std::size_t found = records.find(label);
    if (found == records.npos) std::abort();
    const std::size_t begin = found + label.size();
    return hex_bytes(std::string_view{records}.substr(begin, records.find('\n', begin) - begin));
}

/// The pair whose seed is 32 bytes that count up from `first`.
inline Ed25519KeyPair counting_pair(unsigned first)
{
    Secret seed{Ed25519KeyPair::seed_size};
    for (std::byte& byte : seed.bytes()) byte = static_cast<std::byte>(first++);
    return Ed25519KeyPair{std::move(seed)};
}

/// The pairs that signed the records.
inline Ed25519KeyPair golden_node()
{
    return counting_pair(0);
}
inline Ed25519KeyPair golden_owner()
{
    return counting_pair(32);
}

/// `Size` times the same byte.
template <class FixedBytes>
FixedBytes filled(unsigned value)
{
    FixedBytes bytes;
    bytes.bytes.fill(static_cast<std::byte>(value));
    return bytes;
}

} // namespace cairn
