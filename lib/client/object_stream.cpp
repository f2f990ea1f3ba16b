#include "client/object_stream.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cassert>

namespace cairn {

ObjectKeys ObjectKeys::make(const std::vector<Recipient>& recipients, Entropy& entropy)
{
    assert(!recipients.empty());
    if (recipients.size() > age_stanzas_max)
        throw Error{Exit::usage,
                    "more than " + std::to_string(age_stanzas_max) + " recipients of one object"};
    ObjectKeys keys{.file_key = random_secret(entropy, file_key_size), .nonce = {}, .header = {}};
    std::vector<Stanza> stanzas;
    stanzas.reserve(recipients.size());
    for (const Recipient& recipient : recipients)
        stanzas.push_back(wrap(recipient, keys.file_key, entropy));
    entropy.fill(keys.nonce);
    keys.header = to_text(stanzas, keys.file_key);
    return keys;
}

ObjectStream::ObjectStream(Source source, std::shared_ptr<const ObjectKeys> keys,
                           std::size_t segment_size)
    : source_{std::move(source)},
      keys_{std::move(keys)},
      segment_size_{segment_size}
{
    if (!keys_) return;
    const ByteView header = as_bytes(keys_->header);
    across_.assign(header.begin(), header.end());
    across_.insert(across_.end(), keys_->nonce.begin(), keys_->nonce.end());
    ready_ = across_;
}

std::size_t ObjectStream::tag_size() const noexcept
{
    return keys_ ? Aead::tag_size : 0;
}

/// The next chunk of the source; is_at_end_ tells whether it is the last.
std::size_t ObjectStream::read_chunk(MutableByteView chunk)
{
    std::size_t filled = 0;
    if (has_ahead_) chunk[filled++] = ahead_;
    filled += source_(chunk.subspan(filled));
    has_ahead_ = filled == chunk.size() && source_({&ahead_, 1}) == 1;
    is_at_end_ = !has_ahead_;
    if (is_at_end_) source_ = nullptr; // and what it keeps open: many objects may be on their way
    ++next_chunk_;
    plain_size_ += filled;
    return filled;
}

void ObjectStream::read_in_place(SegmentPart& part, MutableByteView room)
{
    if (part.chunks == 0) {
        part.chunks_at = part.length;
        part.first_chunk = next_chunk_;
    }
    part.last_size = read_chunk(room.subspan(part.length, chunk_size));
    ++part.chunks;
    part.length += part.last_size + tag_size();
}

/// A chunk that the segment has no room for is sealed at once: its parts go two ways.
void ObjectStream::read_across()
{
    const std::uint64_t index = next_chunk_;
    across_.resize(chunk_size + tag_size());
    const std::size_t size = read_chunk(MutableByteView{across_}.first(chunk_size));
    const MutableByteView sealed = MutableByteView{across_}.first(size + tag_size());
    if (keys_)
        ChunkCipher{keys_->file_key, keys_->nonce}.seal({index, is_at_end_}, sealed.first(size),
                                                        sealed);
    ready_ = sealed;
}

bool ObjectStream::read(SegmentPart& part, MutableByteView room)
{
    room = room.first(std::min(room.size(), segment_size_));
    for (;;) {
        const std::size_t size = std::min(ready_.size(), room.size() - part.length);
        std::ranges::copy(ready_.first(size),
                          room.begin() + static_cast<std::ptrdiff_t>(part.length));
        ready_ = ready_.subspan(size);
        part.length += size;
        part.is_end = is_at_end();
        if (part.is_end || part.length == segment_size_) return true;
        const bool is_all_room = room.size() == segment_size_;
        const bool fits = room.size() - part.length >= chunk_size + tag_size();
        if (!ready_.empty() || (!fits && !is_all_room)) return false;
        if (fits)
            read_in_place(part, room);
        else
            read_across();
    }
}

void ObjectStream::seal(const SegmentPart& part, MutableByteView segment) const
{
    if (!keys_ || part.chunks == 0) return;
    ChunkCipher cipher{keys_->file_key, keys_->nonce};
    // Where the segment ends in a chunk that was sealed already, none of these is the last.
    const std::size_t end =
        part.chunks_at + (part.chunks - 1) * sealed_chunk_size + part.last_size + Aead::tag_size;
    for (std::uint64_t i = 0; i < part.chunks; ++i) {
        const std::size_t at = part.chunks_at + i * sealed_chunk_size;
        const bool is_last_here = i + 1 == part.chunks;
        const std::size_t size = is_last_here ? part.last_size : chunk_size;
        const MutableByteView sealed = segment.subspan(at, size + Aead::tag_size);
        const bool is_last = is_last_here && part.is_end && end == part.length;
        cipher.seal({part.first_chunk + i, is_last}, sealed.first(size), sealed);
    }
}

std::uint64_t stored_size(const ObjectKeys* keys, std::uint64_t plain_size)
{
    return keys == nullptr ? plain_size : keys->header.size() + sealed_payload_size(plain_size);
}

} // namespace cairn
