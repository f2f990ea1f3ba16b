#include "client/object_reader.hpp"

#include "client/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr Profile small_segments{.k = 4, .m = 2, .segment_size = 1024 * 1024};

/// An object of some segments at six providers.
struct Fixture {
    explicit Fixture(std::size_t size = 5'000'000, Profile used = small_segments)
        : profile{used},
          data{noise(size)},
          id{store_object(hub, data, profile)}
    {
    }

    /// The same object again, at providers that know of no other test.
    Fixture(const Fixture& other) : profile{other.profile}, data{other.data}, id{other.id}
    {
        for (std::size_t i = 0; i < hub.providers.size(); ++i)
            hub.providers[i]->shards = other.hub.providers[i]->shards;
    }

    /// The object, or a part of it, and how long it took.
    Bytes read(std::uint64_t first = 0, std::uint64_t last = UINT64_MAX)
    {
        Session session{hub, {.providers = hub.names()}};
        const std::uint64_t start_ms = hub.now_ms();
        Bytes all;
        ObjectReader reader{session, LinkKind::object, id, {.threads = 0}};
        reader.read(first, last,
                    [&](ByteView part) { all.insert(all.end(), part.begin(), part.end()); });
        duration_ms = hub.now_ms() - start_ms;
        faults = reader.faults();
        return all;
    }

    void set_manners(std::initializer_list<Manner> manners)
    {
        std::size_t i = 0;
        for (const Manner manner : manners) hub.providers[i++]->manner = manner;
    }

    [[nodiscard]] std::size_t reads() const
    {
        std::size_t sum = 0;
        for (const auto& provider : hub.providers) sum += provider->reads;
        return sum;
    }

    ScriptedHub hub{6};
    Profile profile;
    Bytes data;
    ObjectId id;
    std::uint64_t duration_ms = 0;
    std::vector<ProviderFault> faults;
};

constexpr std::array all_manners{
    Manner::refuses, Manner::silent, Manner::impostor,  Manner::mute,
    Manner::breaks,  Manner::empty,  Manner::forgetful, Manner::flips,
    Manner::swaps,   Manner::cuts,   Manner::endless,   Manner::flips_proof,
    Manner::stalls,  Manner::resets, Manner::trickles,  Manner::slow,
};

} // namespace

TEST_CASE("an object is read from k of its k+m shards, data before parity")
{
    Fixture fixture;
    CHECK(fixture.read() == fixture.data);
    CHECK(fixture.faults.empty());
    CHECK(fixture.reads() == 5 * 4 + 1);
}

TEST_CASE("objects of any size are read")
{
    for (const std::size_t size : {std::size_t{1}, std::size_t{255}, std::size_t{1024 * 1024},
                                   std::size_t{1024 * 1024 + 1}, std::size_t{0}}) {
        Fixture fixture{size};
        CAPTURE(size);
        CHECK(fixture.read() == fixture.data);
    }
}

TEST_CASE("whatever m providers do, every byte is right and it does not take long" *
          doctest::test_suite("exhaustive"))
{
    Fixture healthy{2'200'000};
    healthy.read();
    for (const Manner first : all_manners) {
        for (const Manner second : all_manners) {
            Fixture fixture{healthy};
            fixture.set_manners({first, second});
            CAPTURE(static_cast<int>(first));
            CAPTURE(static_cast<int>(second));
            CHECK(fixture.read() == fixture.data);
            CHECK(fixture.duration_ms <= 3 * healthy.duration_ms + 2'000);
        }
    }
}

TEST_CASE("with fewer than k good shards there is an error and only a verified prefix")
{
    const Fixture healthy;
    for (const Manner manner : all_manners) {
        if (manner == Manner::slow || manner == Manner::endless) continue; // right in the end
        Fixture fixture{healthy};
        fixture.set_manners({manner, manner, manner});
        CAPTURE(static_cast<int>(manner));
        Bytes all;
        Session session{fixture.hub, {.providers = fixture.hub.names()}};
        const std::uint64_t start_ms = fixture.hub.now_ms();
        const Exit code = exit_of([&] {
            ObjectReader reader{session, LinkKind::object, fixture.id, {.threads = 0}};
            reader.read(0, UINT64_MAX,
                        [&](ByteView part) { all.insert(all.end(), part.begin(), part.end()); });
        });
        CHECK((code == Exit::data || code == Exit::unavail));
        CHECK(fixture.hub.now_ms() - start_ms < 45'000);
        CHECK(all.size() < fixture.data.size());
        CHECK(std::equal(all.begin(), all.end(), fixture.data.begin()));
        const bool is_lie = manner == Manner::flips || manner == Manner::swaps ||
                            manner == Manner::cuts || manner == Manner::flips_proof;
        CHECK((code == Exit::data) == is_lie);
    }
}

TEST_CASE("an error comes soon after the time that was given for answers")
{
    const Fixture healthy;
    for (const Manner manner : all_manners) {
        if (manner == Manner::slow || manner == Manner::endless) continue; // right in the end
        for (const std::initializer_list<Manner> manners :
             {std::initializer_list<Manner>{manner, manner, manner},
              {manner, manner, manner, manner, manner, manner}}) {
            Fixture fixture{healthy};
            fixture.set_manners(manners);
            CAPTURE(static_cast<int>(manner));
            CAPTURE(manners.size());
            Session session{fixture.hub, {.providers = fixture.hub.names(), .connect_ms = 1'000}};
            const std::uint64_t start_ms = fixture.hub.now_ms();
            CHECK(exit_of([&] {
                      ObjectReader reader{session,
                                          LinkKind::object,
                                          fixture.id,
                                          {.patience_ms = 1'000, .threads = 0}};
                      reader.read(0, UINT64_MAX, [](ByteView) {});
                  }) != Exit::ok);
            CHECK(fixture.hub.now_ms() - start_ms < 5'000);
        }
    }
}

TEST_CASE("an object that no provider has is absent; where some do not answer it may be there")
{
    Fixture fixture;
    fixture.id.bytes[0] ^= std::byte{1};
    CHECK(exit_of([&] { fixture.read(); }) == Exit::no);
    fixture.set_manners({Manner::refuses});
    CHECK(exit_of([&] { fixture.read(); }) == Exit::unavail);
}

TEST_CASE("a range reads the pieces that hold it and no more")
{
    Fixture fixture{5'000'000, {.k = 2, .m = 2, .segment_size = 2 * 1024 * 1024}};
    const ByteView all{fixture.data};
    const auto check = [&](std::uint64_t first, std::uint64_t last) {
        CAPTURE(first);
        CAPTURE(last);
        const std::size_t end = std::min<std::size_t>(last + 1, all.size());
        CHECK(std::ranges::equal(fixture.read(first, last), all.subspan(first, end - first)));
    };
    check(0, 0);
    check(4'999'999, 4'999'999);
    check(4'999'999, 9'000'000);
    check(1'048'575, 1'048'576);
    check(2'097'151, 2'097'152);
    check(100'000, 4'900'000);
    check(0, 4'999'999);
    CHECK(fixture.read(5'000'000, 6'000'000).empty());

    std::uint64_t before = 0;
    for (const auto& provider : fixture.hub.providers) before += provider->bytes_sent;
    check(300'000, 300'010);
    std::uint64_t after = 0;
    for (const auto& provider : fixture.hub.providers) after += provider->bytes_sent;
    CHECK(after - before < piece_size + 2'000);
}

TEST_CASE("a range is right too when the providers of its data shards lie or stall")
{
    const Fixture healthy{5'000'000, {.k = 4, .m = 2, .segment_size = 4 * 1024 * 1024}};
    for (const Manner manner : all_manners) {
        Fixture fixture{healthy};
        fixture.set_manners({manner, manner});
        CAPTURE(static_cast<int>(manner));
        const Bytes part = fixture.read(700'000, 3'300'000);
        CHECK(std::ranges::equal(part, ByteView{fixture.data}.subspan(700'000, 2'600'001)));
        CHECK(fixture.duration_ms <= 2'500);
    }
}

TEST_CASE("a manifest above one mebibyte is read like an object")
{
    const Profile profile{.k = 254, .m = 1, .segment_size = 64 * 1024};
    ScriptedHub hub{6};
    const Bytes data = noise(64 * 1024 * 140);
    // The kind-1 manifest is not stored whole: the object of its bytes is.
    ScriptedHub scratch{6};
    const ObjectId inner = store_object(scratch, data, profile);
    const Bytes manifest = scratch.providers[0]->shards.at({inner.bytes});
    REQUIRE(manifest.size() > small_shard_max);
    for (std::size_t i = 0; i < 6; ++i) {
        hub.providers[i]->shards = std::move(scratch.providers[i]->shards);
        hub.providers[i]->shards.erase({inner.bytes});
    }
    const ObjectId id = store_object(hub, manifest, {.k = 4, .m = 2, .segment_size = 1024 * 1024},
                                     ManifestKind::manifest);
    Session session{hub, {.providers = hub.names()}};
    ObjectReader reader{session, LinkKind::nested, id, {.threads = 0}};
    for (const std::uint64_t first :
         {std::uint64_t{0}, std::uint64_t{5'000'000}, data.size() - 9}) {
        const std::uint64_t last = std::min<std::uint64_t>(first + 100'000, data.size() - 1);
        Bytes part;
        reader.read(first, last,
                    [&](ByteView bytes) { part.insert(part.end(), bytes.begin(), bytes.end()); });
        CHECK(std::ranges::equal(part, ByteView{data}.subspan(first, last - first + 1)));
    }
    CHECK(exit_of([&] { ObjectReader{session, LinkKind::object, id, {}}; }) == Exit::data);
}

TEST_CASE("an object in whole copies is right as long as one copy is")
{
    const Bytes data = noise(50'000);
    for (const Manner manner : all_manners) {
        ScriptedHub hub{3};
        for (const auto& provider : hub.providers) provider->store(data);
        hub.providers[0]->store(noise(50'000, 7)); // what swaps can send
        hub.providers[0]->manner = manner;
        hub.providers[1]->manner = manner;
        CAPTURE(static_cast<int>(manner));
        Session session{hub, {.providers = hub.names()}};
        ObjectReader reader{session, LinkKind::whole, {blake3(data).bytes}, {.threads = 0}};
        CHECK(std::ranges::equal(reader.root_bytes(), data));
        Bytes part;
        reader.read(10, 20, [&](ByteView bytes) { part.assign(bytes.begin(), bytes.end()); });
        CHECK(std::ranges::equal(part, ByteView{data}.subspan(10, 11)));
        CHECK(hub.now_ms() <= 4'500);
    }
}

TEST_CASE("a provider that dies in the middle is replaced")
{
    Fixture fixture;
    Session session{fixture.hub, {.providers = fixture.hub.names()}};
    ObjectReader reader{session, LinkKind::object, fixture.id, {.threads = 0}};
    Bytes all;
    reader.read(0, UINT64_MAX, [&](ByteView part) {
        all.insert(all.end(), part.begin(), part.end());
        for (const std::size_t i : {0, 3}) {
            fixture.hub.providers[i]->manner = Manner::refuses;
            fixture.hub.break_links(*fixture.hub.providers[i]);
        }
    });
    CHECK(all == fixture.data);
}

TEST_CASE("segments are given out whole, from a second thread too")
{
    Fixture fixture;
    Session session{fixture.hub, {.providers = fixture.hub.names()}};
    ObjectReader reader{session, LinkKind::object, fixture.id, {.threads = 1}};
    std::vector<std::uint64_t> seen;
    RebuildCache rebuilds{Code{{4, 2}}};
    reader.read_segments(1, 9, [&](const SegmentShards& shards) {
        seen.push_back(shards.segment);
        REQUIRE(shards.parts.size() == 4);
        Bytes last(shards.parts[0].size);
        const std::array<MutableByteView, 1> places{last};
        shards.rebuild({5}, rebuilds, places);
        CHECK(blake3(last) == shards.roots[5]);
    });
    CHECK(seen == std::vector<std::uint64_t>{1, 2, 3, 4});
    CHECK_THROWS_WITH(reader.read(0, UINT64_MAX,
                                  [](ByteView) {
                                      throw Error{Exit::ioerr, "no space"};
                                  }),
                      "no space");
}

namespace {

/// Numbers that follow from a seed.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15U + 1} {}

    /// 0 to sides - 1.
    std::uint64_t roll(std::uint64_t sides)
    {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return (state_ >> 11U) % sides;
    }

private:
    std::uint64_t state_;
};

} // namespace

TEST_CASE("objects of any shape, with any m providers that change their manners as they like" *
          doctest::test_suite("exhaustive"))
{
    constexpr std::array shapes{CodeShape{4, 2}, CodeShape{1, 2}, CodeShape{2, 1},
                                CodeShape{3, 3}, CodeShape{5, 0}, CodeShape{10, 6}};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Dice dice{seed};
        const CodeShape shape = shapes[dice.roll(shapes.size())];
        const Profile profile{.k = shape.data,
                              .m = shape.parity,
                              .segment_size = std::uint32_t{1} << (16 + dice.roll(6))};
        ScriptedHub hub{profile.shards()};
        const Bytes data = noise(dice.roll(3'000'000), seed);
        const ObjectId id = store_object(hub, data, profile);
        for (const auto& provider : hub.providers) {
            provider->delay_ms = dice.roll(30);
            provider->frame_ms = 1 + dice.roll(5);
        }
        const auto change_manners = [&] {
            for (std::size_t i = 0; i < profile.m; ++i)
                hub.providers[i]->manner =
                    dice.roll(3) == 0 ? Manner::honest : all_manners[dice.roll(all_manners.size())];
        };
        change_manners();
        Session session{hub, {.providers = hub.names()}};
        ObjectReader reader{session, LinkKind::object, id, {.threads = 0}};
        for (int round = 0; round < 3; ++round) {
            const std::uint64_t first = round == 0 ? 0 : dice.roll(data.size() + 1);
            const std::uint64_t last = round == 0 ? UINT64_MAX : first + dice.roll(1'000'000);
            const std::size_t end = std::min<std::uint64_t>(data.size(), last) + 1;
            Bytes all;
            const std::uint64_t start_ms = session.now_ms();
            reader.read(first, last, [&](ByteView part) {
                all.insert(all.end(), part.begin(), part.end());
                change_manners();
            });
            const ByteView wanted =
                ByteView{data}.subspan(first, std::min(end, data.size()) - first);
            CHECK(std::ranges::equal(all, wanted));
            CHECK(session.now_ms() - start_ms < 60'000);
        }
    }
}
