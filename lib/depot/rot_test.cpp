#include "depot/testing.hpp"
#include "kv/database.hpp"
#include "os/file.hpp"

#include <filesystem>
#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t small_size = 5000;
constexpr std::size_t large_size = 700'001; // three pieces

void flip(const std::string& path, std::size_t at)
{
    std::string bytes = file_text(path);
    REQUIRE(at < bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    put_file(path, bytes);
}

/// Where a small shard's bytes are in the first pack.
std::size_t place_in_pack(const std::string& pack, const TestShard& shard)
{
    const std::size_t at = file_text(pack).find(as_text(shard.bytes));
    REQUIRE(at != std::string::npos);
    return at;
}

} // namespace

TEST_CASE("a piece that has rotted is not served, and its shard is set aside")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const TestShard large = shard_of(large_size, 1);
    const TestShard small = shard_of(small_size, 2);
    const TestShard good = shard_of(small_size, 3);
    {
        Depot depot{store, test_options(now_s)};
        put(depot, owner_of(1), {large, small, good});
        const std::unique_ptr<Depot::Reader> reader = depot.read(large.item.root);
        flip(shard_path(store, large.item.root), 300'000);
        CHECK(reader->piece(0)); // the others are good
        CHECK_FALSE(reader->piece(1));
        CHECK(depot.status().damaged == 1);
        CHECK_FALSE(depot.read(large.item.root));
        CHECK_FALSE(depot.find(large.item.root, owner_of(1)).is_here);
        const std::string pack = store + "/packs/00000001.pack";
        flip(pack, place_in_pack(pack, small) + 7);
        CHECK_FALSE(fetch(depot, small.item.root));
        CHECK(depot.status().damaged == 2);
        CHECK(depot.drop(owner_of(9), {}) == 0);
        CHECK(walk(store).damaged_files == 1);
        CHECK(walk(store).bytes == depot.status().disk_bytes);
    }
    Depot depot{store, test_options(now_s)};
    CHECK(depot.status().damaged == 2);
    CHECK(depot.status().objects == 1);
    CHECK_FALSE(depot.find(large.item.root, owner_of(1)).is_here);
    CHECK(depot.list(owner_of(1), ShardClass::data, 0).size() == 3);
    CHECK(fetch(depot, good.item.root) == good.bytes);

    // Put again, they are whole; what was set aside goes.
    put(depot, owner_of(2), {large, small});
    CHECK(fetch(depot, large.item.root) == large.bytes);
    CHECK(fetch(depot, small.item.root) == small.bytes);
    CHECK(depot.status().damaged == 0);
    CHECK(depot.status().objects == 3);
    CHECK(depot.find(large.item.root, owner_of(1)).serial == 1);
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(walk(store).damaged_files == 0);
    CHECK(walk(store).bytes == depot.status().disk_bytes);
}

TEST_CASE("scrub finds what nobody reads, in rounds of any size, and goes on where it stopped")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    std::vector<TestShard> shards;
    for (unsigned i = 0; i < 20; ++i) shards.push_back(shard_of(i < 10 ? small_size : 90'000, i));
    Depot depot{store, test_options(now_s)};
    put(depot, owner_of(1), shards);
    for (int turn = 0; turn < 30; ++turn) CHECK(depot.scrub(90'000).empty());

    flip(shard_path(store, shards[15].item.root), 0);
    const std::string pack = store + "/packs/00000001.pack";
    flip(pack, place_in_pack(pack, shards[3]) + small_size - 1);
    CHECK(erase_file(shard_path(store, shards[12].item.root)));
    std::set<ShardRoot> found;
    for (int turn = 0; turn < 30; ++turn)
        for (const ShardRoot& root : depot.scrub(90'000)) CHECK(found.insert(root).second);
    CHECK(found == std::set{shards[3].item.root, shards[12].item.root, shards[15].item.root});
    CHECK(depot.status().damaged == 3);
    CHECK(walk(store).bytes == depot.status().disk_bytes);

    // With their last entries, nothing of them is left.
    CHECK(depot.drop(owner_of(1), std::vector<DropItem>{{shards[3].item.root, 4},
                                                        {shards[12].item.root, 13},
                                                        {shards[15].item.root, 16}}) == 3);
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(depot.status().damaged == 0);
    CHECK(walk(store).damaged_files == 0);
}

TEST_CASE("a shard whose file is missing is damaged, not an error")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    Depot depot{store, test_options(now_s)};
    const TestShard large = shard_of(large_size, 1);
    const TestShard small = shard_of(small_size, 2);
    put(depot, owner_of(1), {large, small});
    CHECK(erase_file(shard_path(store, large.item.root)));
    CHECK(erase_file(store + "/packs/00000001.pack"));
    CHECK_FALSE(depot.read(large.item.root));
    CHECK_FALSE(depot.read(small.item.root));
    CHECK(depot.status().damaged == 2);
    now_s += 1000;
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(depot.status().damaged == 2);
    CHECK(depot.status().bytes == 0);
    CHECK(depot.status().disk_bytes == 0);
    put(depot, owner_of(1), {large, small});
    CHECK(fetch(depot, large.item.root) == large.bytes);
    CHECK(fetch(depot, small.item.root) == small.bytes);
}

TEST_CASE("a pack that changes while the store runs costs what was in it and no more")
{
    const TestDirectory place;
    const std::string store = place / "store";
    const std::string pack = store + "/packs/00000001.pack";
    std::uint64_t now_s = 1000;
    Depot depot{store, test_options(now_s)};
    unsigned seed = 0;
    const auto put_one = [&] {
        TestShard shard = shard_of(small_size, ++seed);
        put(depot, owner_of(1), {shard});
        return shard;
    };
    const auto go_on = [&](std::uint64_t damaged) {
        const TestShard next = put_one();
        while (!depot.scrub(UINT64_MAX).empty()) {
        }
        CHECK(fetch(depot, next.item.root) == next.bytes);
        CHECK(depot.status().damaged == damaged);
        CHECK_FALSE(depot.status().is_read_only);
        return next;
    };
    const TestShard first = put_one();
    SUBCASE("cut off")
    {
        std::filesystem::resize_file(pack, 1000);
        go_on(1);
    }
    SUBCASE("gone") // with all that is in it
    {
        const TestShard second = put_one();
        CHECK(erase_file(pack));
        go_on(2);
        put(depot, owner_of(1), {second});
        CHECK(fetch(depot, second.item.root) == second.bytes);
    }
    SUBCASE("no file any more")
    {
        CHECK(erase_file(pack));
        std::filesystem::create_symlink(pack, pack);
        go_on(1);
    }
    SUBCASE("empty, and mostly garbage")
    {
        const TestShard second = put_one();
        const TestShard third = put_one();
        depot.drop(owner_of(1), std::vector<DropItem>{{first.item.root, 1}, {second.item.root, 2}});
        std::filesystem::resize_file(pack, 0);
        now_s += 1000;
        while (depot.collect(UINT64_MAX)) {
        }
        CHECK(depot.status().damaged == 1);
        go_on(1);
    }
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK_FALSE(depot.status().is_read_only);
    CHECK_FALSE(depot.read(first.item.root));
}

TEST_CASE("what is kept of a shard's pieces is made again from the shard")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const TestShard shard = shard_of(large_size, 1);
    {
        Depot depot{store, test_options(now_s)};
        put(depot, owner_of(1), {shard});
    }
    {
        Database database{store + "/meta.1", {"pieces"}, {.may_create = false}};
        WriteTransaction writes = database.write();
        writes.put(Table{0}, shard.item.root.bytes, noise(96));
        writes.commit();
    }
    Depot depot{store, test_options(now_s)};
    CHECK_FALSE(depot.read(shard.item.root));
    CHECK(depot.status().damaged == 1);
    CHECK(depot.drop(owner_of(9), {}) == 0);
    CHECK(depot.status().damaged == 0);
    CHECK(fetch(depot, shard.item.root) == shard.bytes);
}

TEST_CASE("rot in a pack that is copied is found, whether in a shard or before it")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    Depot depot{store, test_options(now_s)};
    std::vector<TestShard> shards;
    for (unsigned i = 0; i < 20; ++i) shards.push_back(shard_of(2000, i));
    put(depot, owner_of(1), shards);
    std::vector<DropItem> items;
    for (unsigned i = 0; i < 20; ++i)
        if (i >= 6) items.push_back({shards[i].item.root, i + 1});
    CHECK(depot.drop(owner_of(1), items) == 14);
    const std::string pack = store + "/packs/00000001.pack";
    flip(pack, place_in_pack(pack, shards[2]) + 5);
    flip(pack, place_in_pack(pack, shards[4]) - 20); // the entry's header
    now_s += 1000;
    while (depot.collect(UINT64_MAX)) {
    }
    CHECK(depot.status().damaged == 1);
    CHECK(depot.status().objects == 5);
    for (const unsigned i : {0U, 1U, 3U, 4U, 5U})
        CHECK(fetch(depot, shards[i].item.root) == shards[i].bytes);
    CHECK_FALSE(depot.read(shards[2].item.root));
    CHECK(walk(store).bytes == depot.status().disk_bytes);
    CHECK(walk(store).pack_files == 1);
}

TEST_CASE("what is on the deny list is neither served nor said to be here")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    const TestShard shard = shard_of(small_size, 1);
    const std::uint64_t serial = put(depot, owner_of(1), {shard});
    depot.deny({shard.item.root});
    CHECK_FALSE(depot.read(shard.item.root));
    CHECK_FALSE(depot.find(shard.item.root, owner_of(1)).is_here);
    CHECK(put(depot, owner_of(1), {shard}) == 0);
    CHECK(depot.drop(owner_of(1), std::vector<DropItem>{{shard.item.root, serial}}) == 1);
    depot.deny({});
    CHECK(put(depot, owner_of(1), {shard}) > serial);
    CHECK(fetch(depot, shard.item.root) == shard.bytes);
}
