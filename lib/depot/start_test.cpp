#include "depot/detail/layout.hpp"
#include "depot/testing.hpp"
#include "kv/database.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t small_size = 5000;
constexpr std::size_t large_size = 700'001; // three pieces

Exit open_of(const std::string& directory)
{
    std::uint64_t now_s = 1000;
    return exit_of([&] { const Depot depot{directory, test_options(now_s)}; });
}

// Two steps that versions to come may take: each copies the database's file and adds a mark.
void apply_step(const std::string& from, const std::string& to, char mark)
{
    put_file(to + "/data.mdb", file_text(from + "/data.mdb") + mark);
}

constexpr std::array<detail::MigrationStep, 2> steps{
    {{0, "a mark is added",
      [](const std::string& from, const std::string& to) { apply_step(from, to, 'a'); }},
     {1, "another mark is added",
      [](const std::string& from, const std::string& to) { apply_step(from, to, 'b'); }}}};

} // namespace

TEST_CASE("a drained store is still drained after a start, until it is told otherwise")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    const TestShard shard = shard_of(100, 1);
    for (const bool is_draining : {false, true, true, false}) {
        Depot{place / "store", test_options(now_s)}.drain(is_draining);
        Depot depot{place / "store", test_options(now_s)};
        CHECK(depot.status().is_draining == is_draining);
        CHECK((put(depot, owner_of(1), {shard}) == 0) == is_draining);
    }
}

TEST_CASE("a store belongs to one process at a time")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    {
        const Depot depot{place / "store", test_options(now_s)};
        CHECK(open_of(place / "store") == Exit::tempfail);
    }
    CHECK(open_of(place / "store") == Exit::ok);
}

TEST_CASE("files of others are left alone")
{
    const TestDirectory place;
    put_file(place / "diary", "dear");
    put_file(place / "meta.json", "{}");
    make_directory(place / "tmp");
    put_file(place / "tmp/letter", "dear");
    CHECK(open_of(place.path()) == Exit::config);
    CHECK(list_directory(place.path()) == std::vector<std::string>{"diary", "meta.json", "tmp"});
    CHECK(erase_file(place / "tmp/letter"));
    CHECK(open_of(place.path()) == Exit::ok);
    CHECK(open_of(place.path()) == Exit::ok);
    CHECK(file_text(place / "diary") == "dear");
    CHECK(file_text(place / "meta.json") == "{}");
    CHECK(open_of(place / "none/store") == Exit::cantcreat);
}

TEST_CASE("a store of another version is refused, and migrated step by step")
{
    const TestDirectory place;
    const std::string store = place / "store";
    REQUIRE(open_of(store) == Exit::ok);
    CHECK(file_text(store + "/version") == "cairn-store 1\n");
    CHECK(Depot::migrate(store, false) ==
          std::vector<std::string>{"version 1 is the newest: nothing to do"});
    for (const char* const version : {"cairn-store 2\n", "cairn-store 0\n"}) {
        put_file(store + "/version", version);
        CHECK(open_of(store) == Exit::config);
        CHECK(exit_of([&] { Depot::migrate(store, false); }) == Exit::config);
    }
    for (const char* const damaged : {"", "cairn-store 1", "cairn-store x\n", "cairn 1\n"}) {
        put_file(store + "/version", damaged);
        CHECK(open_of(store) == Exit::data);
    }
    CHECK(exit_of([&] { Depot::migrate(place.path(), true); }) == Exit::noinput);

    const TestDirectory old;
    const detail::Layout layout{old.path()};
    put_file(old / "version", "cairn-store 0\n");
    make_directory(old / "meta.0");
    put_file(old / "meta.0/data.mdb", "state");
    make_directory(old / "meta.new"); // of a migration that was cut off
    put_file(old / "meta.new/data.mdb", "half");
    const std::vector<std::string> lines{"version 0 to 1: a mark is added",
                                         "version 1 to 2: another mark is added"};
    CHECK(detail::migrate_store(layout, steps, 2, true) == lines);
    CHECK(file_text(old / "version") == "cairn-store 0\n");
    CHECK(file_text(old / "meta.0/data.mdb") == "state");
    CHECK(detail::migrate_store(layout, steps, 2, false) == lines);
    CHECK(file_text(old / "version") == "cairn-store 2\n");
    CHECK(file_text(old / "meta.2/data.mdb") == "stateab");
    CHECK(list_directory(old.path()) == std::vector<std::string>{"meta.2", "version"});
    CHECK(detail::migrate_store(layout, steps, 2, false).size() == 1);
    CHECK(exit_of([&] { detail::migrate_store(layout, steps, 3, false); }) == Exit::config);
}

TEST_CASE("a store whose making was cut off is completed")
{
    const TestDirectory place;
    const std::string store = place / "store";
    make_directory(store);
    make_directory(store + "/shards");
    make_directory(store + "/meta.new");
    put_file(store + "/meta.new/data.mdb", "half");
    CHECK(open_of(store) == Exit::ok);
    CHECK_FALSE(exists(store + "/meta.new"));
    // Without its version, too, it is the same store.
    std::uint64_t now_s = 1000;
    {
        Depot depot{store, test_options(now_s)};
        put(depot, owner_of(1), {shard_of(small_size, 1)});
    }
    CHECK(erase_file(store + "/version"));
    const Depot depot{store, test_options(now_s)};
    CHECK(depot.status().objects == 1);
}

TEST_CASE("a store whose database is damaged or gone is refused")
{
    const TestDirectory place;
    const std::string store = place / "store";
    const std::string file = store + "/meta.1/data.mdb";
    REQUIRE(open_of(store) == Exit::ok);
    const std::string whole = file_text(file);
    for (const std::size_t size : {std::size_t{0}, std::size_t{5000}, whole.size() - 1}) {
        put_file(file, std::string_view{whole}.substr(0, size));
        CHECK(open_of(store) == Exit::data);
    }
    CHECK(erase_file(file));
    CHECK(open_of(store) == Exit::data);
    CHECK_FALSE(exists(file));
    put_file(file, whole);
    CHECK(open_of(store) == Exit::ok);
}

TEST_CASE("what a crash leaves is put in order at the start")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const std::vector<TestShard> shards{shard_of(large_size, 1), shard_of(small_size, 2)};
    const TestShard orphan = shard_of(100'000, 3);
    std::uint64_t disk_bytes = 0;
    {
        Depot depot{store, test_options(now_s)};
        put(depot, owner_of(1), shards);
        disk_bytes = depot.status().disk_bytes;
    }
    // An upload; the end of a pack and a new pack that were not committed; a file that was.
    put_file(store + "/tmp/17", "half");
    const std::string pack = store + "/packs/00000001.pack";
    put_file(pack, file_text(pack) + "ENTR and more");
    put_file(store + "/packs/00000002.pack", "CAIRNPAK");
    make_directory(store + "/shards/" + to_hex_text(orphan.item.root.bytes).substr(0, 2));
    put_file(shard_path(store, orphan.item.root), as_text(orphan.bytes));
    {
        Database database{store + "/meta.1", {"pending"}, {.may_create = false}};
        WriteTransaction writes = database.write();
        writes.put(Table{0}, orphan.item.root.bytes, {});
        writes.put(Table{0}, shards[0].item.root.bytes, {}); // which is in order
        writes.commit();
    }
    Depot depot{store, test_options(now_s)};
    CHECK(walk(store).bytes == disk_bytes);
    CHECK(depot.status().disk_bytes == disk_bytes);
    CHECK(walk(store).temporary_files == 0);
    CHECK(walk(store).pack_files == 1);
    for (const TestShard& shard : shards) CHECK(fetch(depot, shard.item.root) == shard.bytes);
    put(depot, owner_of(1), {orphan, shard_of(small_size, 4)});
    CHECK(fetch(depot, orphan.item.root) == orphan.bytes);
    CHECK(walk(store).bytes == depot.status().disk_bytes);
}

TEST_CASE("a store of many shards starts at once")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    {
        Depot depot{place / "store", test_options(now_s)};
        std::vector<Upload> uploads;
        for (unsigned i = 0; i < 80; ++i) {
            std::vector<TestShard> shards;
            for (unsigned j = 0; j < 128; ++j) shards.push_back(shard_of(16, 128 * i + j));
            uploads.push_back(*upload(depot, owner_of(1), shards));
        }
        CHECK(depot.commit(uploads).size() == 80);
    }
    const std::uint64_t start_ms = monotonic_ms();
    const Depot depot{place / "store", test_options(now_s)};
    CHECK(depot.status().objects == 80 * 128);
    CHECK(monotonic_ms() - start_ms < 2000);
}

TEST_CASE("threads store, read, drop, scrub and collect at the same time")
{
    const TestDirectory place;
    const std::uint64_t now_s = 1000;
    DepotOptions options = test_options(now_s);
    options.trash_s = 0;
    Depot depot{place / "store", options};
    const TestShard kept = shard_of(90'000, 99);
    put(depot, owner_of(9), {kept});
    std::atomic<int> working{3};
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 3; ++thread)
        threads.emplace_back([&, thread] {
            for (unsigned i = 0; i < 12; ++i) {
                const std::vector<TestShard> shards{shard_of(70'000, i), shard_of(3000, 50 + i)};
                const std::uint64_t serial = put(depot, owner_of(thread), shards);
                CHECK(serial > 0);
                for (const TestShard& shard : shards)
                    CHECK(fetch(depot, shard.item.root) == shard.bytes);
                CHECK(depot.drop(owner_of(thread),
                                 std::vector<DropItem>{{shards[0].item.root, serial},
                                                       {shards[1].item.root, serial + 1}}) == 2);
            }
            --working;
        });
    threads.emplace_back([&] {
        while (working > 0) {
            CHECK(depot.scrub(1'000'000).empty());
            (void)depot.collect(1'000'000);
        }
    });
    while (working > 0) {
        CHECK(fetch(depot, kept.item.root) == kept.bytes);
        CHECK(depot.find(kept.item.root, owner_of(9)).serial == 1);
        CHECK(depot.status().damaged == 0);
    }
    for (std::thread& thread : threads) thread.join();
    while (depot.collect(UINT64_MAX)) {
    }
    CHECK(depot.status().objects == 1);
    CHECK(depot.status().trash_bytes == 0);
    CHECK(walk(place / "store").bytes == 90'000);
    CHECK(depot.status().disk_bytes == 90'000);
}
