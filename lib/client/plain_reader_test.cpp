#include "client/plain_reader.hpp"

#include "client/object_stream.hpp"
#include "client/testing.hpp"
#include "stream/age_stream.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr Profile profile{.k = 4, .m = 2, .segment_size = 512 * 1024};

/// What a source gives, as put stores it.
Bytes store_bytes(ByteView plain, const std::shared_ptr<const ObjectKeys>& keys)
{
    std::size_t at = 0;
    ObjectStream stream{[&](MutableByteView buffer) {
                            const std::size_t size = std::min(buffer.size(), plain.size() - at);
                            std::ranges::copy(plain.subspan(at, size), buffer.begin());
                            at += size;
                            return size;
                        },
                        keys, profile.segment_size};
    Bytes all;
    Bytes room(profile.segment_size);
    while (!stream.is_at_end()) {
        SegmentPart part;
        REQUIRE(stream.read(part, room));
        stream.seal(part, room);
        all.insert(all.end(), room.begin(),
                   room.begin() + static_cast<std::ptrdiff_t>(part.length));
    }
    return all;
}

/// An encrypted object at six providers.
struct Fixture {
    explicit Fixture(std::size_t size)
    {
        FixedEntropy entropy;
        const X25519Identity identity = to_identity(Secret::copy(noise(32)));
        std::vector<Recipient> recipients;
        recipients.emplace_back(X25519Recipient{identity.key});
        keys = std::make_shared<ObjectKeys>(ObjectKeys::make(recipients, entropy));
        plain = noise(size);
        stored = store_bytes(plain, keys);
        id = store_object(hub, stored, profile);
    }

    Bytes read(std::uint64_t first = 0, std::uint64_t last = UINT64_MAX)
    {
        return read_with(&keys->file_key, first, last);
    }

    Bytes read_with(const Secret* key, std::uint64_t first = 0, std::uint64_t last = UINT64_MAX)
    {
        Session session{hub, {.providers = hub.names()}};
        ObjectReader object{session, kind, id, {.threads = 0}};
        PlainReader reader{object, key};
        Bytes all;
        reader.read(first, last,
                    [&](ByteView part) { all.insert(all.end(), part.begin(), part.end()); });
        return all;
    }

    std::uint64_t count_good(ByteView file, const Secret* key)
    {
        Session session{hub, {.providers = hub.names()}};
        ObjectReader object{session, kind, id, {.threads = 0}};
        PlainReader reader{object, key};
        std::size_t at = 0;
        return reader.count_good([&](MutableByteView buffer) {
            const std::size_t size = std::min(buffer.size(), file.size() - at);
            std::ranges::copy(file.subspan(at, size), buffer.begin());
            at += size;
            return size;
        });
    }

    ScriptedHub hub{6};
    LinkKind kind = LinkKind::object;
    std::shared_ptr<const ObjectKeys> keys;
    Bytes plain;
    Bytes stored;
    ObjectId id;
};

} // namespace

TEST_CASE("with the key an object of any size is its plaintext, without it what is stored")
{
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, chunk_size - 1, chunk_size, chunk_size + 1,
          std::size_t{524'000}, std::size_t{1'500'000}, 30 * chunk_size}) {
        Fixture fixture{size};
        CAPTURE(size);
        CHECK(fixture.read() == fixture.plain);
        CHECK(fixture.read_with(nullptr) == fixture.stored);
    }
}

TEST_CASE("a range of plaintext is right at every edge")
{
    Fixture fixture{10 * chunk_size};
    const std::array<std::uint64_t, 8> edges{0,       1,       chunk_size - 1, chunk_size,
                                             300'000, 524'288, 655'358,        10 * chunk_size - 1};
    for (const std::uint64_t first : edges)
        for (const std::uint64_t last : edges) {
            if (first > last) continue;
            CAPTURE(first);
            CAPTURE(last);
            const ByteView part = ByteView{fixture.plain}.subspan(first, last - first + 1);
            CHECK(std::ranges::equal(fixture.read(first, last), part));
        }
    CHECK(fixture.read(fixture.plain.size(), UINT64_MAX).empty());
    CHECK(fixture.read(5, UINT64_MAX).size() == fixture.plain.size() - 5);
}

TEST_CASE("another key, a changed header and a changed chunk are told apart")
{
    Fixture fixture{200'000};
    const Secret other = Secret::copy(noise(file_key_size, 9));
    CHECK(exit_of([&] { fixture.read_with(&other); }) == Exit::noperm);
    CHECK(exit_of([&] { fixture.read_with(&other, 5, 9); }) == Exit::noperm);

    const auto store_changed = [&](std::size_t at) {
        Bytes changed = fixture.stored;
        changed[at] ^= std::byte{1};
        fixture.id = store_object(fixture.hub, changed, profile);
    };
    store_changed(fixture.stored.size() - 1);
    CHECK(exit_of([&] { fixture.read(); }) == Exit::data);
    CHECK(fixture.read(0, 150'000).size() == 150'001);
    store_changed(40);
    CHECK(exit_of([&] { fixture.read(); }) != Exit::ok);
    fixture.id = store_object(fixture.hub, ByteView{fixture.stored}.first(150'000), profile);
    CHECK(exit_of([&] { fixture.read(); }) == Exit::data);
    fixture.id = store_object(fixture.hub, fixture.plain, profile);
    CHECK(exit_of([&] { fixture.read(); }) == Exit::data);
    fixture.id = store_object(fixture.hub, {}, profile);
    CHECK(exit_of([&] { fixture.read(); }) == Exit::data);
}

TEST_CASE("what is good of a file that was written before is counted in whole chunks")
{
    Fixture fixture{1'500'000};
    const Secret* const key = &fixture.keys->file_key;
    const ByteView plain{fixture.plain};
    CHECK(fixture.count_good(plain, key) == plain.size());
    CHECK(fixture.count_good({}, key) == 0);
    CHECK(fixture.count_good(plain.first(500'000), key) == 0);
    const std::uint64_t one = fixture.count_good(plain.first(600'000), key);
    CHECK(one > 400'000);
    CHECK(one % chunk_size == 0);
    const std::uint64_t two = fixture.count_good(plain.first(1'200'000), key);
    CHECK(two > one);
    Bytes changed = fixture.plain;
    changed[700'000] ^= std::byte{1};
    CHECK(fixture.count_good(changed, key) == one);
    changed[0] ^= std::byte{1};
    CHECK(fixture.count_good(changed, key) == 0);
    changed = fixture.plain;
    changed.push_back({});
    CHECK(fixture.count_good(changed, key) == two);

    const ByteView stored{fixture.stored};
    CHECK(fixture.count_good(stored, nullptr) == stored.size());
    CHECK(fixture.count_good(stored.first(600'000), nullptr) == 524'288);
    CHECK(fixture.count_good(stored.first(5), nullptr) == 0);
}

TEST_CASE("a file is compared with an object in whole copies too")
{
    Fixture fixture{100'001};
    for (const bool has_key : {true, false}) {
        const Secret* const key = has_key ? &fixture.keys->file_key : nullptr;
        const Bytes& content = has_key ? fixture.plain : fixture.stored;
        fixture.kind = LinkKind::whole;
        fixture.id = {blake3(fixture.stored).bytes};
        fixture.hub.providers[1]->store(fixture.stored);
        CHECK(fixture.count_good(content, key) == content.size());
        Bytes other = content;
        other.pop_back();
        CHECK(fixture.count_good(other, key) == 0);
        other = content;
        other.push_back({});
        CHECK(fixture.count_good(other, key) == 0);
        other = content;
        other[77] ^= std::byte{1};
        CHECK(fixture.count_good(other, key) == 0);
    }
}
