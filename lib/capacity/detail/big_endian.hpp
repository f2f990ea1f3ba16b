#pragma once

#include "base/bytes.hpp"

// The family writes numbers that are hashed big-endian.

namespace cairn::detail {

inline void put_big_endian(std::span<std::byte, 8> out, std::uint64_t value)
{
    for (std::size_t i = out.size(); i-- > 0; value >>= 8U) out[i] = static_cast<std::byte>(value);
}

} // namespace cairn::detail
