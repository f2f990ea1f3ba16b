#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>

namespace cairn {

/// Base conversion takes quadratic time, so the bytes that a text may stand for are few.
inline constexpr std::size_t base58_size_max = 128; // bytes

/// Writes `bytes` as base58btc, the alphabet of Bitcoin, without a multibase prefix.
/// For public values only. Needs bytes.size() <= base58_size_max.
std::string to_base58(ByteView bytes);

/// Reads exactly what to_base58 writes.
[[nodiscard]] std::optional<Bytes> from_base58(std::string_view text);

} // namespace cairn
