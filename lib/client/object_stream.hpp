#pragma once

#include "base/entropy.hpp"
#include "format/age_payload.hpp"
#include "format/age_recipient.hpp"
#include "format/armor.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// What the age file of one object is made with. With the same keys and the same plaintext it is
/// the same file; no two plaintexts may ever have the same keys.
struct ObjectKeys {
    Secret file_key;
    std::array<std::byte, payload_nonce_size> nonce{};
    std::string header; ///< of the age file

    /// Fresh ones, for at least one recipient.
    static ObjectKeys make(const std::vector<Recipient>& recipients, Entropy& entropy);
};

/// A segment of an object while it is read: how far it goes, and which part of it is plaintext that
/// is still to be sealed in its place.
struct SegmentPart {
    std::size_t length = 0;        ///< bytes
    std::size_t chunks_at = 0;     ///< where the first chunk in plain begins
    std::uint64_t first_chunk = 0; ///< its index
    std::uint64_t chunks = 0;
    std::size_t last_size = 0; ///< bytes of plaintext in the last of them
    bool is_end = false;       ///< the object ends here
};

/// The bytes of an object as they are stored, an age file or the source itself, segment by segment.
/// Reading is for one thread at a time; sealing what was read is for any.
class ObjectStream {
public:
    /// Without keys the source is stored as it is.
    ObjectStream(Source source, std::shared_ptr<const ObjectKeys> keys, std::size_t segment_size);

    /// Reads on at room[part.length]; true when the segment is full or the object at its end. False
    /// when it needs more room, of which segment_size is always enough: what is there is to be
    /// moved to the front of it.
    bool read(SegmentPart& part, MutableByteView room);

    /// Seals what was read into a segment.
    void seal(const SegmentPart& part, MutableByteView segment) const;

    /// Whether all was read.
    [[nodiscard]] bool is_at_end() const noexcept { return is_at_end_ && ready_.empty(); }

    /// Bytes read from the source.
    [[nodiscard]] std::uint64_t plain_size() const noexcept { return plain_size_; }

    [[nodiscard]] const std::shared_ptr<const ObjectKeys>& keys() const noexcept { return keys_; }

private:
    [[nodiscard]] std::size_t tag_size() const noexcept;
    std::size_t read_chunk(MutableByteView chunk);
    void read_in_place(SegmentPart& part, MutableByteView room);
    void read_across();

    Source source_;
    std::shared_ptr<const ObjectKeys> keys_;
    std::size_t segment_size_;
    Bytes across_;   // header, or the chunk that begins in one segment and ends in another
    ByteView ready_; // what of it was not given out
    std::uint64_t next_chunk_ = 0;
    std::uint64_t plain_size_ = 0;
    std::byte ahead_{}; // read too early, to see whether there is more
    bool has_ahead_ = false;
    bool is_at_end_ = false;
};

/// Bytes of the stored object of a source of so many bytes.
std::uint64_t stored_size(const ObjectKeys* keys, std::uint64_t plain_size);

} // namespace cairn
