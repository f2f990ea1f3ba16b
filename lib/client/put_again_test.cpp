#include "client/put_testing.hpp"

using namespace cairn;

namespace {

constexpr Profile small_segments{.k = 4, .m = 2, .segment_size = 65536};

/// An owner with an identity, who stores without encryption.
class PublicWorld : public PutWorld {
public:
    explicit PublicWorld(std::size_t count) : PutWorld{count}
    {
        options.recipients.clear();
        options.is_known = true;
    }
};

} // namespace

TEST_CASE("what is public and stored already is not sent again")
{
    for (const std::size_t size : {0UL, 1UL, 65'535UL, 65'536UL, 300'000UL, 1'000'000UL}) {
        for (const bool has_code : {false, true}) {
            CAPTURE(size);
            CAPTURE(has_code);
            PublicWorld world{10};
            world.options.profile.reset();
            if (has_code) world.options.profile = small_segments;
            const Bytes object = noise(size);
            const PutResult first = world.put(object);
            REQUIRE(first.link.has_value());
            const std::size_t sent = world.items();
            const PutResult second = world.put(object);
            REQUIRE(second.link.has_value());
            CHECK(world.items() == sent);
            CHECK(second.is_complete);
            CHECK(second.stored_least == first.stored_least);
            CHECK(to_locator_text(*second.link) == to_locator_text(*first.link));
            CHECK(world.get(*second.link) == object);
        }
    }
}

TEST_CASE("a large manifest of what is public is not sent again either")
{
    PublicWorld world{8};
    world.options.manifest_size_max = 1'000;
    const Bytes object = noise(1'000'000);
    REQUIRE(world.put(object).link->kind == LinkKind::nested);
    const std::size_t sent = world.items();
    CHECK(world.put(object).is_complete);
    CHECK(world.items() == sent);
}

TEST_CASE("of what is public only what providers have lost is sent again")
{
    PublicWorld world{6};
    const Bytes object = noise(300'000); // five segments
    REQUIRE(world.put(object).is_complete);
    world.providers[2]->shards.clear();
    const std::size_t sent = world.items();
    const PutResult second = world.put(object);
    CHECK(second.is_complete);
    CHECK(world.items() == sent + 5 + 1);
    CHECK(world.spread_of(*second.link) == 6);
    // What is new in part is sent where it is new.
    Bytes longer = object;
    longer.resize(5 * 65536 + 100);
    CHECK(world.put(longer).is_complete);
}

TEST_CASE("a provider that does not say what it has does no harm")
{
    PublicWorld world{7};
    const Bytes object = noise(300'000);
    REQUIRE(world.put(object).is_complete);
    world.network.take_down(world.providers[3]->hub());
    const PutResult second = world.put(object);
    CHECK(second.is_complete);
    CHECK(world.get(*second.link) == object);
}

TEST_CASE("who has no identity, or wants receipts, does not ask and sends")
{
    PublicWorld world{6};
    world.options.is_known = false;
    const Bytes object = noise(300'000);
    REQUIRE(world.put(object).is_complete);
    const std::size_t sent = world.items();
    CHECK(world.put(object).is_complete);
    CHECK(world.items() == 2 * sent);
}

TEST_CASE("of an object that fails nothing stays")
{
    for (const std::size_t limit : {1UL, 5UL, 20UL, 40UL, 66UL, 70UL, 80UL}) {
        CAPTURE(limit);
        PutWorld world{6};
        for (const auto& provider : world.providers)
            provider->on_put = [&] {
                if (world.items() < limit) return;
                for (const auto& other : world.providers) other->manner = PutManner::full;
            };
        const PutResult result = world.put(noise(700'000)); // eleven segments
        if (!result.error) { // one provider of six need not take the last
            CHECK(limit > 40);
            continue;
        }
        CHECK(limit < 80);
        CHECK(result.error->code() == Exit::unavail);
        for (const auto& provider : world.providers) CHECK(provider->shards.empty());
    }
}

TEST_CASE("what others of the same run have stored stays when one fails")
{
    PutWorld world{3};
    world.options.profile.reset();
    const auto results = world.put_all({noise(100), noise(300'000), noise(200)});
    REQUIRE(results.size() == 3);
    std::size_t stored = 0;
    for (const PutResult& result : results) {
        if (!result.link) continue;
        ++stored;
        CHECK(world.holders({result.link->id.bytes}).size() == 3);
    }
    CHECK(stored == 2);
    for (const auto& provider : world.providers) CHECK(provider->shards.size() == 2);
}

TEST_CASE("an object that is not the one it should be fails, and has no link")
{
    PublicWorld world{6};
    const Bytes object = noise(300'000);
    const PutResult first = world.put(object);
    REQUIRE(first.link.has_value());
    world.expected = ObjectId{first.link->id.bytes};
    CHECK(world.put(object).link.has_value());
    world.expected->bytes[3] ^= std::byte{1};
    const PutResult other = world.put(object);
    CHECK_FALSE(other.link.has_value());
    CHECK(other.error->code() == Exit::data);
}
