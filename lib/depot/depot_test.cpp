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

TEST_CASE("an upload that is not what it says is refused, and nothing of it stays")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    for (const std::size_t size : {small_size, large_size}) {
        const TestShard shard = shard_of(size, 1);
        const PutRequest request{.kind = ShardClass::data, .expiry_s = 0, .items = {shard.item}};
        Refusal refusal;
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
            std::optional<Upload> upload = depot.reserve(owner_of(1), request, refusal);
            REQUIRE(upload);
            Bytes changed = shard.bytes;
            changed[at] ^= std::byte{1};
            CHECK_FALSE(upload->write(changed));
            CHECK_FALSE(upload->write(changed));
        }
        std::optional<Upload> more = depot.reserve(owner_of(1), request, refusal);
        REQUIRE(more);
        for (const std::byte byte : ByteView{shard.bytes}.first(100))
            CHECK(more->write({&byte, 1}));
        CHECK(more->write(ByteView{shard.bytes}.subspan(100)));
        CHECK(more->is_complete());
        CHECK(more->write({}));
        CHECK_FALSE(more->write(ByteView{shard.bytes}.first(1)));
        std::optional<Upload> less = depot.reserve(owner_of(1), request, refusal);
        REQUIRE(less);
        CHECK(less->write(ByteView{shard.bytes}.first(size - 1)));
        CHECK_FALSE(less->is_complete());
        CHECK(depot.status().reserved > 0);
    }
    CHECK(depot.status().reserved == 0);
    CHECK(walk(place / "store").temporary_files == 0);
    CHECK(walk(place / "store").bytes == 0);
    CHECK(depot.list(owner_of(1), ShardClass::data, 0).empty());
}

TEST_CASE("bytes come in pieces of any size")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    const std::vector<TestShard> shards{shard_of(0, 1),  shard_of(large_size, 2), shard_of(0, 3),
                                        shard_of(10, 4), shard_of(262'144, 5),    shard_of(0, 6)};
    Bytes all;
    PutRequest request;
    for (const TestShard& shard : shards) {
        request.items.push_back(shard.item);
        all.insert(all.end(), shard.bytes.begin(), shard.bytes.end());
    }
    unsigned owner = 0;
    for (const std::size_t step : {std::size_t{977}, std::size_t{65'536}, all.size()}) {
        Refusal refusal;
        std::optional<Upload> upload = depot.reserve(owner_of(++owner), request, refusal);
        REQUIRE(upload);
        for (std::size_t at = 0; at < all.size(); at += step)
            REQUIRE(upload->write(ByteView{all}.subspan(at, std::min(step, all.size() - at))));
        CHECK(upload->is_complete());
        CHECK(depot.commit({&*upload, 1}).front().serial > 0);
        CHECK(depot.list(owner_of(owner), ShardClass::data, 0).size() == shards.size());
    }
    for (const TestShard& shard : shards) CHECK(fetch(depot, shard.item.root) == shard.bytes);
}

TEST_CASE("shards without bytes need none to come")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    const TestShard empty = shard_of(0, 1);
    PutRequest request;
    request.items = {empty.item, empty.item};
    Refusal refusal;
    std::optional<Upload> upload = depot.reserve(owner_of(1), request, refusal);
    REQUIRE(upload);
    CHECK(upload->is_complete());
    CHECK(depot.commit({&*upload, 1}).front().serial > 0);
    CHECK(fetch(depot, empty.item.root) == Bytes{});
    request.items.front().root.bytes[0] ^= std::byte{1};
    upload = depot.reserve(owner_of(1), request, refusal);
    CHECK((!upload || !upload->is_complete()));
}

TEST_CASE("room is reserved before anything is taken")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    DepotOptions options = test_options(now_s);
    options.capacity = 1'000'000;
    options.grants = {{owner_of(1), 900'000, 3, 0}, {std::nullopt, 500'000, 10, 2000}};
    Depot depot{place / "store", options};
    const auto refusal_of = [&](unsigned owner, const std::vector<ShardItem>& items,
                                std::uint64_t expiry_s = 0) {
        Refusal refusal{.why = Refusal::Why::denied, .text = "none"};
        const PutRequest request{.kind = ShardClass::data, .expiry_s = expiry_s, .items = items};
        const bool is_taken = depot.reserve(owner_of(owner), request, refusal).has_value();
        return is_taken ? "taken" : refusal.text;
    };
    const ShardItem big = shard_of(400'000, 1).item;
    const ShardItem small = shard_of(10, 2).item;
    CHECK(refusal_of(1, {big, big, small}) == "taken");
    CHECK(refusal_of(1, {big, big, big}) == "the owner's bytes are used up");
    CHECK(refusal_of(1, {small, small, small, small}) == "the owner's entries are used up");
    CHECK(refusal_of(2, {big, big}) == "the owner's bytes are used up");
    CHECK(refusal_of(1, {}) == "not from 1 to 128 shards");
    CHECK(refusal_of(1, std::vector<ShardItem>(129, small)) == "not from 1 to 128 shards");
    CHECK(refusal_of(1, {{small.root, shard_size_max + 1}}) == "a shard has more than 64.00 MiB");
    CHECK(refusal_of(1, {small}, 1000) == "it has expired");

    CHECK(depot.free_size(owner_of(1)) == 900'000);
    CHECK(depot.free_size(owner_of(2)) == 500'000);
    const std::optional<Upload> first = upload(depot, owner_of(1), {shard_of(400'000, 1)});
    const std::optional<Upload> second = upload(depot, owner_of(2), {shard_of(400'000, 2)});
    REQUIRE((first && second));
    CHECK(depot.status().reserved == 800'000);
    CHECK(depot.free_size(owner_of(1)) == 200'000);
    CHECK(depot.free_size(owner_of(2)) == 100'000);
    CHECK(refusal_of(1, {shard_of(300'000, 3).item}) == "the store is full");
    CHECK(refusal_of(2, {shard_of(150'000, 3).item}) == "the owner's bytes are used up");

    depot.deny({small.root});
    CHECK(refusal_of(1, {small}) == "a shard is not wanted here");
    depot.deny({});
    depot.drain(true);
    CHECK(refusal_of(1, {small}) == "the store takes nothing more");
    CHECK(depot.free_size(owner_of(1)) == 0);
    CHECK(depot.status().is_draining);
    depot.drain(false);
    now_s = 2000;
    CHECK(refusal_of(2, {small}) == "the owner has no grant");
    CHECK(depot.free_size(owner_of(2)) == 0);
    CHECK(refusal_of(1, {small}) == "taken");
}

TEST_CASE("a disk with too little free space refuses")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    DepotOptions options = test_options(now_s);
    options.reserve = std::uint64_t{1} << 60U;
    Depot depot{place / "store", options};
    Refusal refusal;
    const PutRequest request{
        .kind = ShardClass::data, .expiry_s = 0, .items = {shard_of(10, 1).item}};
    CHECK_FALSE(depot.reserve(owner_of(1), request, refusal));
    CHECK(refusal.text == "the disk of the store is full");
    CHECK(depot.free_size(owner_of(1)) == 0);
}

TEST_CASE("a shard of several owners takes room once, and goes with its last entry")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    for (const std::size_t size : {small_size, large_size}) {
        const TestShard shard = shard_of(size, size);
        const ShardRoot& root = shard.item.root;
        const std::uint64_t before = depot.status().disk_bytes;
        const std::uint64_t first = put(depot, owner_of(1), {shard, shard});
        const std::uint64_t once = depot.status().disk_bytes;
        const std::uint64_t other = put(depot, owner_of(2), {shard});
        CHECK(depot.status().disk_bytes == once);
        CHECK(depot.find(root, owner_of(1)).serial == first + 1);
        const auto drop = [&](unsigned owner, std::uint64_t serial, const ShardRoot& of) {
            return depot.drop(owner_of(owner), std::vector<DropItem>{{of, serial}});
        };
        CHECK(drop(1, first, ShardRoot{}) == 0);
        CHECK(drop(2, first, root) == 0);
        CHECK(drop(1, first, root) == 1);
        CHECK(drop(1, first, root) == 0);
        CHECK(depot.find(root, owner_of(1)).serial == first + 1);
        CHECK(drop(1, first + 1, root) == 1);
        CHECK(depot.find(root, owner_of(1)).serial == 0);
        CHECK(fetch(depot, root) == shard.bytes);
        CHECK(drop(2, other, root) == 1);
        CHECK_FALSE(depot.find(root, std::nullopt).is_here);
        CHECK_FALSE(depot.read(root));
        CHECK(depot.status().trash_bytes == size);
        CHECK(depot.status().disk_bytes == once);

        now_s += 99;
        CHECK_FALSE(depot.collect(UINT64_MAX));
        CHECK(depot.status().disk_bytes == once);
        now_s += 1;
        CHECK_FALSE(depot.collect(UINT64_MAX));
        CHECK(depot.status().trash_bytes == 0);
        CHECK(depot.status().disk_bytes == before);
        CHECK(walk(place / "store").bytes == before);
    }
    CHECK(depot.status().objects == 0);
}

TEST_CASE("a shard comes back from the trash when it is put again")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    const std::vector<TestShard> shards{shard_of(small_size, 1), shard_of(large_size, 2)};
    const std::uint64_t serial = put(depot, owner_of(1), shards, ShardClass::index);
    const std::uint64_t disk_bytes = depot.status().disk_bytes;
    CHECK(depot.drop(owner_of(1), std::vector<DropItem>{{shards[0].item.root, serial},
                                                        {shards[1].item.root, serial + 1}}) == 2);
    CHECK(depot.status().objects == 0);
    now_s += 50;
    CHECK(put(depot, owner_of(2), shards) > serial + 1);
    now_s += 1000;
    CHECK_FALSE(depot.collect(UINT64_MAX));
    for (const TestShard& shard : shards) CHECK(fetch(depot, shard.item.root) == shard.bytes);
    CHECK(depot.status().objects == 2);
    CHECK(depot.status().trash_bytes == 0);
    CHECK(depot.status().disk_bytes == disk_bytes);
}

TEST_CASE("entries end when they or their grant expire")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    DepotOptions options = test_options(now_s);
    options.grants.push_back({owner_of(2), 1'000'000, 10, 3000});
    Depot depot{place / "store", options};
    const auto expiry_of = [&](unsigned owner, std::uint64_t seed, std::uint64_t expiry_s) {
        std::optional<Upload> one =
            upload(depot, owner_of(owner), {shard_of(100, seed)}, ShardClass::data, expiry_s);
        REQUIRE(one);
        return depot.commit({&*one, 1}).front().expiry_s;
    };
    CHECK(expiry_of(1, 1, 0) == 0);
    CHECK(expiry_of(1, 2, 2000) == 2000);
    CHECK(expiry_of(2, 3, 0) == 3000);
    CHECK(expiry_of(2, 4, 9000) == 3000);
    CHECK(expiry_of(2, 5, 2500) == 2500);
    const auto held = [&] { return depot.status().objects; };
    now_s = 2000;
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(held() == 4);
    now_s = 3000;
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(held() == 1);
    CHECK(depot.list(owner_of(2), ShardClass::data, 0).empty());
    CHECK(depot.find(shard_of(100, 1).item.root, owner_of(1)).serial == 1);
    now_s = 3100;
    CHECK_FALSE(depot.collect(UINT64_MAX));
    CHECK(depot.status().trash_bytes == 0);
}

TEST_CASE("packs that are mostly garbage are copied, and what is in them stays")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    std::vector<TestShard> shards;
    for (unsigned i = 0; i < 100; ++i) shards.push_back(shard_of(1000 + i, i));
    const std::uint64_t serial = put(depot, owner_of(1), shards);
    std::vector<DropItem> items;
    for (unsigned i = 0; i < 100; ++i)
        if (i % 10 != 0) items.push_back({shards[i].item.root, serial + i});
    CHECK(depot.drop(owner_of(1), items) == 90);
    now_s += 1000;
    const std::unique_ptr<Depot::Reader> before = depot.read(shards[0].item.root);
    while (depot.collect(20'000)) {
    }
    CHECK(before->piece(0) == shards[0].bytes);
    const Walk found = walk(place / "store");
    CHECK(found.bytes == depot.status().disk_bytes);
    CHECK(found.bytes < 11 * 1200);
    CHECK(found.pack_files == 1);
    for (unsigned i = 0; i < 100; i += 10)
        CHECK(fetch(depot, shards[i].item.root) == shards[i].bytes);
}

TEST_CASE("many small shards of uploads at a time wait in files")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    std::vector<Upload> uploads;
    std::vector<TestShard> all;
    for (unsigned i = 0; i < 10; ++i) {
        std::vector<TestShard> shards;
        for (unsigned j = 0; j < 40; ++j) shards.push_back(shard_of(60'000, 40 * i + j));
        uploads.push_back(*upload(depot, owner_of(i), shards));
        all.insert(all.end(), shards.begin(), shards.end());
    }
    CHECK(walk(place / "store").temporary_files > 0);
    const std::vector<Stored> stored = depot.commit(uploads);
    uploads.clear();
    REQUIRE(stored.size() == 10);
    for (unsigned i = 0; i < 10; ++i) CHECK(stored[i].serial == 40 * i + 1);
    for (const TestShard& shard : all) CHECK(fetch(depot, shard.item.root) == shard.bytes);
    CHECK(walk(place / "store").temporary_files == 0);
    CHECK(walk(place / "store").bytes == depot.status().disk_bytes);
}

TEST_CASE("lists come in pages, by class")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    for (unsigned i = 0; i < 3; ++i) {
        std::vector<TestShard> shards;
        for (unsigned j = 0; j < 100; ++j) shards.push_back(shard_of(20, 100 * i + j));
        put(depot, owner_of(1), shards, i == 1 ? ShardClass::index : ShardClass::data);
    }
    const auto page = [&](ShardClass kind, std::uint64_t after) {
        return depot.list(owner_of(1), kind, after);
    };
    CHECK(page(ShardClass::data, 0).size() == list_entries_max);
    CHECK(page(ShardClass::data, 0).back().serial == 228);
    CHECK(page(ShardClass::data, 228).size() == 72);
    CHECK(page(ShardClass::data, 300).empty());
    CHECK(page(ShardClass::data, UINT64_MAX).empty());
    CHECK(page(ShardClass::index, 0).size() == 100);
    CHECK(page(ShardClass::index, 150).size() == 50);
}
