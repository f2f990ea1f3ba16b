#include "depot/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t small_size = 5000;
constexpr std::size_t large_size = 700'001; // three pieces

} // namespace

TEST_CASE("shards that were put are found, read and listed, also after opening again")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    const std::vector<TestShard> shards{shard_of(small_size, 1), shard_of(0, 2),
                                        shard_of(large_size, 3), shard_of(64 * 1024, 4),
                                        shard_of(64 * 1024 + 1, 5)};
    std::uint64_t serial = 0;
    {
        Depot depot{place / "store", test_options(now_s)};
        serial = put(depot, owner_of(1), shards);
        REQUIRE(serial > 0);
    }
    Depot depot{place / "store", test_options(now_s)};
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const HasEntry entry = depot.find(shards[i].item.root, owner_of(1));
        CHECK(entry.is_here);
        CHECK(entry.size == shards[i].bytes.size());
        CHECK(entry.serial == serial + i);
        CHECK(depot.find(shards[i].item.root, owner_of(2)).serial == 0);
        CHECK(depot.find(shards[i].item.root, std::nullopt).is_here);
        CHECK(fetch(depot, shards[i].item.root) == shards[i].bytes);
    }
    const std::vector<ListEntry> listed = depot.list(owner_of(1), ShardClass::data, 0);
    REQUIRE(listed.size() == shards.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
        CHECK(listed[i].item == shards[i].item);
        CHECK(listed[i].serial == serial + i);
        CHECK(listed[i].time_s == now_s);
    }
    CHECK(depot.list(owner_of(1), ShardClass::data, serial + 2).size() == 2);
    CHECK(depot.list(owner_of(1), ShardClass::index, 0).empty());
    CHECK(depot.list(owner_of(2), ShardClass::data, 0).empty());
    const DepotStatus status = depot.status();
    CHECK(status.objects == 5);
    CHECK(status.bytes == small_size + large_size + 2 * 64 * 1024 + 1);
    CHECK(status.disk_bytes == walk(place / "store").bytes);
    CHECK(status.reserved == 0);
    // b3sum of a large shard's file prints its name.
    CHECK(file_text(shard_path(place / "store", shards[2].item.root)) == as_text(shards[2].bytes));
    CHECK(walk(place / "store").shard_files == 2);
    CHECK(walk(place / "store").pack_files == 1);
}
