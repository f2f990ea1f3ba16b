#include "client/put_testing.hpp"
#include "format/index.hpp"

using namespace cairn;

TEST_CASE("objects of all sizes are stored and come back")
{
    for (const std::size_t size : {0UL, 1UL, 4096UL, 65000UL, 65536UL, 200'000UL, 1'000'000UL}) {
        CAPTURE(size);
        PutWorld world{6};
        const Bytes object = noise(size);
        const PutResult result = world.put(object);
        if (result.error) FAIL(std::string{result.error->what()});
        REQUIRE(result.link.has_value());
        CHECK(result.is_complete);
        CHECK(result.stored_least == 6);
        CHECK(result.plain_size == size);
        CHECK(result.link->kind == LinkKind::object);
        CHECK(world.get(*result.link) == object);
        CHECK(world.spread_of(*result.link) == 6);
        CHECK(world.holders({result.link->id.bytes}).size() == 6);
        CHECK(result.link->hints.size() == 3);
    }
}
