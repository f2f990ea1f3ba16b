#include "client/detail/age_opener.hpp"

#include "base/error.hpp"
#include "format/age_header.hpp"

#include <algorithm>

namespace cairn::detail {
namespace {

constexpr std::size_t plain_chunks = 8; // given out at a time: half a mebibyte

[[noreturn]] void throw_truncated()
{
    throw Error{Exit::data, "the encrypted object is truncated"};
}

} // namespace

std::optional<AgeFront> parse_age_front(ByteView bytes, std::uint64_t stored_size,
                                        const Secret& key)
{
    const auto size = find_age_header_size(bytes);
    if (!size || bytes.size() < *size + payload_nonce_size) return std::nullopt;
    const ByteView header = bytes.first(*size);
    if (!is_authentic(parse_age_header(header), header, key))
        throw Error{Exit::noperm, "the link's key does not open the object"};
    AgeFront front;
    front.header.assign(header.begin(), header.end());
    std::ranges::copy(bytes.subspan(*size, payload_nonce_size), front.nonce.begin());
    const auto plain_size = plain_payload_size(stored_size - *size);
    if (!plain_size) throw_truncated();
    front.plain_size = *plain_size;
    return front;
}

AgeOpener::AgeOpener(const Secret& key, std::uint64_t stored_size, Sink sink)
    : key_{&key},
      stored_size_{stored_size},
      sink_{std::move(sink)}
{
}

AgeOpener::AgeOpener(const Secret& key, const AgeFront& front, std::uint64_t first_chunk, Sink sink)
    : key_{&key},
      sink_{std::move(sink)}
{
    start(front, first_chunk);
}

void AgeOpener::start(AgeFront front, std::uint64_t first_chunk)
{
    cipher_ = std::make_unique<ChunkCipher>(*key_, front.nonce);
    front_ = std::move(front);
    next_chunk_ = first_chunk;
    pending_.clear();
    plain_.resize(plain_chunks * chunk_size);
}

void AgeOpener::write(ByteView bytes)
{
    while (!bytes.empty())
        if (front_)
            take_chunk(bytes);
        else
            take_front(bytes);
}

void AgeOpener::take_front(ByteView& bytes)
{
    constexpr std::size_t step = 1024; // bytes; most headers are shorter
    const std::size_t size = std::min({bytes.size(), std::max(step, pending_.size()),
                                       age_header_size_max + step - pending_.size()});
    pending_.insert(pending_.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
    auto front = parse_age_front(pending_, stored_size_, *key_);
    if (!front) return;
    const Bytes taken = std::move(pending_);
    const std::size_t used = front->chunk_offset(0);
    start(std::move(*front), 0);
    write(ByteView{taken}.subspan(used));
}

/// Bytes of the next chunk, sealed.
std::size_t AgeOpener::next_size() const
{
    const std::uint64_t at = next_chunk_ * chunk_size;
    return std::min<std::uint64_t>(chunk_size, front_->plain_size - at) + Aead::tag_size;
}

void AgeOpener::take_chunk(ByteView& bytes)
{
    if (next_chunk_ > front_->last_chunk())
        throw Error{Exit::data, "bytes follow the encrypted object"};
    const std::size_t size = next_size();
    if (pending_.empty() && bytes.size() >= size) {
        open(bytes.first(size));
        bytes = bytes.subspan(size);
        return;
    }
    const ByteView part = bytes.first(std::min(bytes.size(), size - pending_.size()));
    pending_.insert(pending_.end(), part.begin(), part.end());
    bytes = bytes.subspan(part.size());
    if (pending_.size() < size) return;
    open(pending_);
    pending_.clear();
}

void AgeOpener::open(ByteView sealed)
{
    const std::size_t size = sealed.size() - Aead::tag_size;
    if (plain_size_ + size > plain_.size()) flush();
    const bool is_last = next_chunk_ == front_->last_chunk();
    if (!cipher_->open({next_chunk_, is_last}, sealed,
                       MutableByteView{plain_}.subspan(plain_size_, size))) {
        flush();
        throw Error{Exit::data, "the encrypted object is damaged: its providers have what was "
                                "stored, but that is not authentic"};
    }
    plain_size_ += size;
    ++next_chunk_;
}

void AgeOpener::flush()
{
    sink_(ByteView{plain_}.first(plain_size_));
    plain_size_ = 0;
}

void AgeOpener::finish()
{
    if (!front_ || !pending_.empty()) throw_truncated();
    flush();
}

} // namespace cairn::detail
