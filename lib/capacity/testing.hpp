#pragma once

#include "base/testing.hpp"

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

// For *_test.cpp files only.

namespace cairn {

/// A part of tests/data/poc2.json, which says where it comes from.
inline const nlohmann::json& poc2_vectors(const char* part)
{
    static const nlohmann::json all =
        nlohmann::json::parse(std::ifstream{CAIRN_TEST_DATA "/poc2.json"});
    return all.at(part);
}

/// A number, or the decimal text of one above 2^53.
inline std::uint64_t number_of(const nlohmann::json& value)
{
    return value.is_string() ? std::stoull(value.get<std::string>()) : value.get<std::uint64_t>();
}

/// Hex digits of a digest and its like.
template <class FixedBytes>
FixedBytes fixed_of(const nlohmann::json& value)
{
    const Bytes bytes = hex_bytes(value.get<std::string>());
    FixedBytes fixed;
    if (bytes.size() != FixedBytes::size) std::abort();
    std::copy(bytes.begin(), bytes.end(), fixed.bytes.begin());
    return fixed;
}

} // namespace cairn
