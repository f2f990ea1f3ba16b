#pragma once

#include "base/bytes.hpp"
#include "crypto/aead.hpp"
#include "crypto/secret.hpp"

#include <optional>

namespace cairn {

// The payload of an age v1 file: a nonce, then the STREAM of sealed chunks, cairn-age(5).

inline constexpr std::size_t payload_nonce_size = 16;                         // bytes
inline constexpr std::size_t chunk_size = 64 * 1024;                          // bytes
inline constexpr std::size_t sealed_chunk_size = chunk_size + Aead::tag_size; // bytes

/// Where a chunk stands; the last one is sealed differently, so that cutting is noticed.
struct ChunkPlace {
    std::uint64_t index = 0;
    bool is_last = false;
};

/// Seals and opens the chunks of one payload; one for each thread.
class ChunkCipher {
public:
    /// `nonce` is the payload's, payload_nonce_size bytes.
    ChunkCipher(const Secret& file_key, ByteView nonce);

    /// Needs plain.size() <= chunk_size and sealed.size() == plain.size() + Aead::tag_size.
    void seal(ChunkPlace place, ByteView plain, MutableByteView sealed);

    /// False unless this chunk was sealed for this place.
    [[nodiscard]] bool open(ChunkPlace place, ByteView sealed, MutableByteView plain);

private:
    Aead aead_;
};

/// Bytes of the sealed payload, nonce included, of so many bytes of plaintext.
std::uint64_t sealed_payload_size(std::uint64_t plain_size);

/// The inverse; none when no plaintext has a payload of this size.
std::optional<std::uint64_t> plain_payload_size(std::uint64_t sealed_size);

} // namespace cairn
