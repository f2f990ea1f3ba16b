#pragma once

#include "crypto/testing.hpp"
#include "format/message.hpp"

#include <string>
#include <vector>

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

/// Bytes with one bit changed.
inline Bytes with_bit_changed(ByteView good, std::size_t bit)
{
    Bytes bytes{good.begin(), good.end()};
    bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    return bytes;
}

/// A record with each of its heads in turn in more bytes than it takes.
inline std::vector<Bytes> loosely_written(ByteView record)
{
    std::vector<Bytes> forms;
    for (std::size_t at = 0; at < record.size();) {
        const auto head = std::to_integer<unsigned>(record[at]);
        const unsigned info = head % 32;
        const std::size_t size = info < 24 ? 0 : std::size_t{1} << (info - 24);
        std::uint64_t value = info < 24 ? info : 0;
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8U | std::to_integer<std::uint64_t>(record[at + 1 + i]);
        const ByteView rest = record.subspan(at + 1 + size);
        for (unsigned width = 0; width < 4; ++width) {
            if (std::size_t{1} << width <= size) continue;
            Bytes form{record.begin(), record.begin() + static_cast<std::ptrdiff_t>(at)};
            form.push_back(static_cast<std::byte>(head - info + 24 + width));
            for (unsigned i = 1U << width; i-- > 0;)
                form.push_back(static_cast<std::byte>(i < 8 ? value >> 8 * i : 0));
            form.insert(form.end(), rest.begin(), rest.end());
            forms.push_back(std::move(form));
        }
        const bool is_string = head / 32 == 2 || head / 32 == 3;
        at += 1 + size + (is_string ? value : 0);
    }
    return forms;
}

/// What is no record but nearly one: with less of it, with more behind it, and loosely written.
inline std::vector<Bytes> near_misses_of(ByteView record)
{
    std::vector<Bytes> misses = loosely_written(record);
    for (std::size_t size = 0; size < record.size(); ++size)
        misses.emplace_back(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    for (const unsigned more : {0x00U, 0xf6U, 0xffU}) {
        misses.emplace_back(record.begin(), record.end());
        misses.back().push_back(static_cast<std::byte>(more));
    }
    return misses;
}

} // namespace cairn
