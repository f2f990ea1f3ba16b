#pragma once

#include "crypto/secret.hpp"
#include "format/age_payload.hpp"
#include "format/armor.hpp"

#include <array>
#include <memory>
#include <optional>

namespace cairn::detail {

/// The front of an age file whose key is known: what its chunks are opened with.
struct AgeFront {
    Bytes header; ///< whose MAC is right
    std::array<std::byte, payload_nonce_size> nonce{};
    std::uint64_t plain_size = 0; ///< bytes

    /// Where chunk `index` begins in the file.
    [[nodiscard]] std::uint64_t chunk_offset(std::uint64_t index) const
    {
        return header.size() + payload_nonce_size + index * sealed_chunk_size;
    }
    [[nodiscard]] std::uint64_t last_chunk() const
    {
        return plain_size == 0 ? 0 : (plain_size - 1) / chunk_size;
    }
};

/// The front of an age file of `stored_size` bytes; none when `bytes` are too few to tell. The
/// stanzas are not looked at: the key is known. Throws Error{noperm} when the file has another key,
/// Error{data} when it is no age file.
std::optional<AgeFront> parse_age_front(ByteView bytes, std::uint64_t stored_size,
                                        const Secret& key);

/// Gives the plaintext of an age file that arrives in order, authenticated chunk by chunk.
class AgeOpener {
public:
    /// Of a file that comes from its first byte on.
    AgeOpener(const Secret& key, std::uint64_t stored_size, Sink sink);

    /// Of a file that comes from the beginning of chunk `first_chunk` on. `front` is copied.
    AgeOpener(const Secret& key, const AgeFront& front, std::uint64_t first_chunk, Sink sink);

    /// The next bytes of the file. Throws Error{data} when a chunk is not authentic, after giving
    /// out those before it, and what parse_age_front throws.
    void write(ByteView bytes);

    /// Gives out what is left; the file, or the wanted part of it, ends here. Throws Error{data}
    /// when it ends within a chunk or its header.
    void finish();

private:
    void start(AgeFront front, std::uint64_t first_chunk);
    void take_front(ByteView& bytes);
    void take_chunk(ByteView& bytes);
    void open(ByteView sealed);
    void flush();
    [[nodiscard]] std::size_t next_size() const;

    const Secret* key_;
    std::uint64_t stored_size_ = 0;
    Sink sink_;
    std::optional<AgeFront> front_;
    std::unique_ptr<ChunkCipher> cipher_;
    std::uint64_t next_chunk_ = 0;
    Bytes pending_; // of the front, or of a chunk that came in parts
    Bytes plain_;
    std::size_t plain_size_ = 0;
};

} // namespace cairn::detail
