#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstdint>

namespace cairn {

/// The keystream of ChaCha20 (RFC 8439), from block 0 on: what everybody who has the key draws
/// alike. At most 256 GiB.
class ChaCha20Keystream {
public:
    /// Needs a key of 32 bytes and a nonce of 12.
    ChaCha20Keystream(ByteView key, ByteView nonce);

    /// The next bytes.
    void fill(MutableByteView out);

private:
    std::array<std::byte, 32> key_{};
    std::array<std::byte, 12> nonce_{};
    std::array<std::byte, 64> block_{};
    std::size_t used_ = 64; // of the block
    std::uint32_t next_ = 0;
};

} // namespace cairn
