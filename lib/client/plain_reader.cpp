#include "client/plain_reader.hpp"

#include "client/detail/age_opener.hpp"
#include "client/object_stream.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t front_step = 4 * 1024; // bytes read to find the header's end, at first

/// The key that is known, in the form that sealing wants; the header is that of the object.
std::shared_ptr<const ObjectKeys> to_keys(const Secret& key, const detail::AgeFront& front)
{
    return std::make_shared<ObjectKeys>(ObjectKeys{.file_key = Secret::copy(key.bytes()),
                                                   .nonce = front.nonce,
                                                   .header = std::string{as_text(front.header)}});
}

/// Whether these bytes are a segment: its data shards have these roots. The only one is known by
/// the hash of the object, which in whole copies is not padded.
bool is_segment(ByteView segment, const ManifestHead& head, std::span<const Blake3Digest> roots)
{
    if (head.segments() == 1) return blake3(segment) == head.content;
    const std::uint64_t size = shard_size(head.profile, segment.size());
    for (unsigned index = 0; index < head.profile.k; ++index) {
        const std::uint64_t begin = std::min<std::uint64_t>(segment.size(), index * size);
        const ByteView data =
            segment.subspan(begin, std::min<std::uint64_t>(size, segment.size() - begin));
        Blake3 hash;
        hash.update(data);
        hash.update(Bytes(size - data.size())); // the padding of the last shard with data
        if (hash.digest() != roots[index]) return false;
    }
    return true;
}

} // namespace

struct PlainReader::Impl {
    Impl(ObjectReader& object_read, const Secret* link_key) : object{object_read}, key{link_key} {}

    const detail::AgeFront& find_front()
    {
        Bytes bytes;
        for (std::uint64_t step = front_step; !front; step *= 4) {
            const std::size_t before = bytes.size();
            object.read(before, before + step - 1, [&](ByteView part) {
                bytes.insert(bytes.end(), part.begin(), part.end());
            });
            if (bytes.size() == before)
                throw Error{Exit::data, "the encrypted object is truncated"};
            front = detail::parse_age_front(bytes, object.head().total_size, *key);
        }
        return *front;
    }

    /// All of the plaintext: the header is met on the way.
    void read_all(const Sink& sink)
    {
        detail::AgeOpener opener{*key, object.head().total_size, sink};
        object.read(0, UINT64_MAX, [&](ByteView bytes) { opener.write(bytes); });
        opener.finish();
    }

    void read_range(std::uint64_t first, std::uint64_t last, const Sink& sink)
    {
        const detail::AgeFront& age = find_front();
        if (first >= age.plain_size) return;
        last = std::min(last, age.plain_size - 1);
        const std::uint64_t first_chunk = first / chunk_size;
        const std::uint64_t last_chunk = last / chunk_size;
        std::uint64_t at = first_chunk * chunk_size;
        const Sink cut = [&](ByteView bytes) {
            const std::uint64_t begin =
                std::min<std::uint64_t>(bytes.size(), first > at ? first - at : 0);
            const std::uint64_t end =
                std::min<std::uint64_t>(bytes.size(), last >= at ? last - at + 1 : 0);
            at += bytes.size();
            if (begin < end) sink(bytes.subspan(begin, end - begin));
        };
        detail::AgeOpener opener{*key, age, first_chunk, cut};
        object.read(age.chunk_offset(first_chunk), age.chunk_offset(last_chunk + 1) - 1,
                    [&](ByteView bytes) { opener.write(bytes); });
        opener.finish();
    }

    /// All of an object that is given as it is stored.
    void read_stored(const Sink& sink)
    {
        Blake3 hash;
        object.read(0, UINT64_MAX, [&](ByteView bytes) {
            hash.update(bytes);
            sink(bytes);
        });
        if (hash.digest() != object.head().content)
            throw Error{Exit::data, "the object is not the one that its manifest describes"};
    }

    /// Bytes of plaintext in the first `segments` segments, as far as whole chunks go.
    std::uint64_t plain_in(std::uint64_t segments)
    {
        const std::uint64_t stored =
            std::min(segments * object.head().profile.segment_size, object.head().total_size);
        if (key == nullptr) return stored;
        const detail::AgeFront& age = find_front();
        if (stored == object.head().total_size) return age.plain_size;
        if (stored < age.chunk_offset(0)) return 0;
        return (stored - age.chunk_offset(0)) / sealed_chunk_size * chunk_size;
    }

    ObjectReader& object;
    const Secret* key;
    std::optional<detail::AgeFront> front;
};

PlainReader::PlainReader(ObjectReader& object, const Secret* key)
    : impl_{std::make_unique<Impl>(object, key)}
{
}

PlainReader::~PlainReader() = default;

std::uint64_t PlainReader::size()
{
    return impl_->key == nullptr ? impl_->object.head().total_size : impl_->find_front().plain_size;
}

void PlainReader::read(std::uint64_t first, std::uint64_t last, const Sink& sink)
{
    const bool is_all = first == 0 && last >= impl_->object.head().total_size;
    if (impl_->key == nullptr && !is_all) return impl_->object.read(first, last, sink);
    if (impl_->key == nullptr) return impl_->read_stored(sink);
    if (is_all) return impl_->read_all(sink);
    impl_->read_range(first, last, sink);
}

std::uint64_t PlainReader::count_good(const Source& source)
{
    constexpr std::uint64_t roots_batch = 64; // segments
    ObjectReader& object = impl_->object;
    const ManifestHead& head = object.head();
    const auto keys = impl_->key == nullptr ? nullptr : to_keys(*impl_->key, impl_->find_front());
    ObjectStream stream{source, keys, head.profile.segment_size};
    Buffer room{head.profile.segment_size};
    std::vector<Blake3Digest> roots;
    std::uint64_t segment = 0;
    for (; segment < head.segments(); ++segment) {
        SegmentPart part;
        const MutableByteView bytes = room.bytes();
        if (!stream.read(part, bytes) || part.length != head.segment_length(segment)) break;
        stream.seal(part, bytes.first(part.length));
        const std::uint64_t in_batch = segment % roots_batch;
        if (in_batch == 0)
            roots = object.roots(segment, std::min(roots_batch, head.segments() - segment));
        const std::span<const Blake3Digest> of_segment =
            std::span{roots}.subspan(in_batch * head.profile.shards(), head.profile.shards());
        if (!is_segment(bytes.first(part.length), head, of_segment)) break;
    }
    return impl_->plain_in(segment);
}

} // namespace cairn
