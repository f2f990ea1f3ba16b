#include "format/age_payload.hpp"

#include "crypto/kdf.hpp"

#include <cassert>

namespace cairn {
namespace {

constexpr std::size_t chunk_nonce_size = 12; // bytes: the index in 11, big-endian, and the flag

Aead payload_aead(const Secret& file_key, ByteView nonce)
{
    assert(nonce.size() == payload_nonce_size);
    Secret key{32};
    hkdf_sha256(file_key.bytes(), nonce, as_bytes("payload"), key.bytes());
    return Aead{Cipher::chacha20_poly1305, key.bytes()};
}

std::array<std::byte, chunk_nonce_size> chunk_nonce(ChunkPlace place)
{
    std::array<std::byte, chunk_nonce_size> nonce{};
    for (std::size_t i = 0; i < sizeof place.index; ++i)
        nonce[chunk_nonce_size - 2 - i] = static_cast<std::byte>(place.index >> (8 * i));
    nonce.back() = place.is_last ? std::byte{1} : std::byte{0};
    return nonce;
}

} // namespace

ChunkCipher::ChunkCipher(const Secret& file_key, ByteView nonce)
    : aead_{payload_aead(file_key, nonce)}
{
}

void ChunkCipher::seal(ChunkPlace place, ByteView plain, MutableByteView sealed)
{
    assert(plain.size() <= chunk_size);
    aead_.seal(chunk_nonce(place), {}, plain, sealed);
}

bool ChunkCipher::open(ChunkPlace place, ByteView sealed, MutableByteView plain)
{
    return aead_.open(chunk_nonce(place), {}, sealed, plain);
}

std::uint64_t sealed_payload_size(std::uint64_t plain_size)
{
    const std::uint64_t chunks = plain_size == 0 ? 1 : divide_up(plain_size, chunk_size);
    return payload_nonce_size + plain_size + chunks * Aead::tag_size;
}

std::optional<std::uint64_t> plain_payload_size(std::uint64_t sealed_size)
{
    if (sealed_size < payload_nonce_size + Aead::tag_size) return std::nullopt;
    const std::uint64_t stream = sealed_size - payload_nonce_size;
    const std::uint64_t chunks = divide_up(stream, sealed_chunk_size);
    const std::uint64_t plain = stream - chunks * Aead::tag_size;
    if (sealed_payload_size(plain) != sealed_size) return std::nullopt;
    return plain;
}

} // namespace cairn
