#include "client/object_stream.hpp"

#include "base/testing.hpp"
#include "os/random.hpp"
#include "stream/age_stream.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Source source_of(const Bytes& bytes)
{
    return [&bytes, at = std::size_t{0}](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), bytes.size() - at);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
        at += size;
        return size;
    };
}

/// Reads an object segment by segment, the first of them through buffers that grow.
Bytes read_all(ObjectStream& stream, std::size_t segment_size, std::size_t first_room)
{
    Bytes all;
    for (std::size_t room_size = std::min(first_room, segment_size);; room_size = segment_size) {
        SegmentPart part;
        Bytes room(room_size);
        while (!stream.read(part, room)) {
            REQUIRE(room.size() < segment_size);
            room.resize(std::min(segment_size, room.size() * 2));
        }
        stream.seal(part, room);
        all.insert(all.end(), room.begin(),
                   room.begin() + static_cast<std::ptrdiff_t>(part.length));
        CHECK(part.is_end == stream.is_at_end());
        if (part.is_end) return all;
        CHECK(part.length == segment_size);
    }
}

} // namespace

TEST_CASE("an object is an age file whatever the segments it is cut into")
{
    SystemEntropy entropy;
    const X25519Identity identity = to_identity(random_secret(entropy, 32));
    std::vector<Recipient> recipients;
    recipients.emplace_back(X25519Recipient{identity.key});
    std::vector<AgeIdentity> identities;
    identities.emplace_back(to_identity(Secret::copy(identity.secret.bytes())));
    for (const std::size_t size : {0UL, 1UL, 65535UL, 65536UL, 65537UL, 131072UL, 400000UL}) {
        const Bytes plain = noise(size);
        const auto keys = std::make_shared<const ObjectKeys>(ObjectKeys::make(recipients, entropy));
        std::optional<Bytes> first;
        for (const std::size_t segment_size : {65536UL, 131072UL, 262144UL, 1048576UL}) {
            CAPTURE(size);
            CAPTURE(segment_size);
            ObjectStream stream{source_of(plain), keys, segment_size};
            const Bytes stored = read_all(stream, segment_size, 70000);
            CHECK(stored.size() == stored_size(keys.get(), size));
            CHECK(stream.plain_size() == size);
            if (!first) first = stored;
            CHECK(stored == *first);
        }
        Bytes opened;
        decrypt_stream(
            source_of(*first),
            [&](ByteView bytes) { opened.insert(opened.end(), bytes.begin(), bytes.end()); },
            identities, {}, {});
        CHECK(opened == plain);
    }
}

TEST_CASE("all places where a chunk can be cut give the same file")
{
    SystemEntropy entropy;
    const X25519Identity identity = to_identity(random_secret(entropy, 32));
    std::vector<Recipient> recipients;
    recipients.emplace_back(X25519Recipient{identity.key});
    const auto keys = std::make_shared<const ObjectKeys>(ObjectKeys::make(recipients, entropy));
    // The first segment ends just before, in and behind the tag of a chunk, and the object with it.
    for (std::size_t size = 131072 - keys->header.size() - 100; size < 131072 - 200; ++size) {
        const Bytes plain = noise(size);
        ObjectStream cut{source_of(plain), keys, 131072};
        ObjectStream whole{source_of(plain), keys, 1048576};
        CHECK(read_all(cut, 131072, 131072) == read_all(whole, 1048576, 1048576));
    }
}

TEST_CASE("without keys an object is its source")
{
    for (const std::size_t size : {0UL, 1UL, 65536UL, 131072UL, 131073UL, 300000UL}) {
        const Bytes plain = noise(size);
        ObjectStream stream{source_of(plain), nullptr, 131072};
        CHECK(read_all(stream, 131072, 1000) == plain);
    }
}

TEST_CASE("a source is let go when it was read")
{
    const auto open = std::make_shared<int>(0);
    for (const std::size_t size : {0UL, 1UL, 200'000UL}) {
        const Bytes plain = noise(size);
        ObjectStream stream{
            [open, source = source_of(plain)](MutableByteView buffer) { return source(buffer); },
            nullptr, 131072};
        CHECK(open.use_count() == 2);
        CHECK(read_all(stream, 131072, 131072) == plain);
        CHECK(open.use_count() == 1);
    }
}
