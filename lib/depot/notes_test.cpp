#include "depot/detail/index.hpp"
#include "depot/testing.hpp"
#include "os/file.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t small_size = 5000;
constexpr std::size_t large_size = 700'001; // three pieces

/// Puts shards, each with a note about a subject; the first serial.
std::uint64_t put_noted(Depot& depot, unsigned owner, const std::vector<TestShard>& shards,
                        const NoteSubject& subject)
{
    std::array<Upload, 1> uploads{*upload(depot, owner_of(owner), shards)};
    for (std::size_t i = 0; i < shards.size(); ++i)
        uploads[0].add_note(i, {subject, noise(3, shards[i].item.size)});
    return depot.commit(uploads).at(0).serial;
}

std::size_t count_of(const Depot& depot, const NoteSubject& subject)
{
    return depot.notes(subject, SIZE_MAX).size();
}

/// Rows of both tables of notes, in a store that nobody has open.
std::size_t rows_of(const std::string& store)
{
    const Database database{store + "/meta.1", {"notes", "noted"}, {.may_create = false}};
    const ReadTransaction reads = database.read();
    std::size_t rows = 0;
    for (const unsigned table : {0U, 1U}) {
        Cursor cursor = reads.cursor(Table{table});
        for (auto at = cursor.first(); at; at = cursor.next()) ++rows;
    }
    return rows;
}

} // namespace

TEST_CASE("what is noted of a shard is found by its subject, also after a start")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    const std::vector<TestShard> shards{shard_of(small_size, 1), shard_of(large_size, 2)};
    {
        Depot depot{place / "store", test_options(now_s)};
        put_noted(depot, 1, shards, subject_of(7));
        CHECK(count_of(depot, subject_of(6)) == 0);
        CHECK(count_of(depot, subject_of(8)) == 0);
        CHECK(depot.notes(subject_of(7), 1).size() == 1);
    }
    const Depot depot{place / "store", test_options(now_s)};
    const std::vector<FoundNote> found = depot.notes(subject_of(7), 9);
    REQUIRE(found.size() == 2);
    for (const FoundNote& note : found) {
        const bool is_first = note.from == shards[0].item;
        CHECK(note.from == shards[is_first ? 0 : 1].item);
        CHECK(note.value == noise(3, note.from.size));
    }
}

TEST_CASE("an upload that is let go notes nothing")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    upload(depot, owner_of(1), {shard_of(small_size, 1)})->add_note(0, {subject_of(1), {}});
    put(depot, owner_of(1), {shard_of(small_size, 1)});
    CHECK(count_of(depot, subject_of(1)) == 0);
}

TEST_CASE("notes are known as long as somebody has the shard, and leave nothing behind")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const TestShard shard = shard_of(small_size, 1);
    {
        Depot depot{store, test_options(now_s)};
        const std::uint64_t first = put_noted(depot, 1, {shard}, subject_of(1));
        const std::uint64_t second = put(depot, owner_of(2), {shard});
        const auto drop = [&](unsigned owner, std::uint64_t serial) {
            CHECK(depot.drop(owner_of(owner), std::vector<DropItem>{{shard.item.root, serial}}) ==
                  1);
        };
        drop(1, first);
        CHECK(count_of(depot, subject_of(1)) == 1);
        drop(2, second);
        CHECK(count_of(depot, subject_of(1)) == 0);
        // Back from the trash it is the same shard, but nobody has noted anything of it.
        const std::uint64_t third = put(depot, owner_of(2), {shard});
        CHECK(count_of(depot, subject_of(1)) == 0);
        put_noted(depot, 1, {shard}, subject_of(2));
        CHECK(count_of(depot, subject_of(2)) == 1);
        drop(2, third);
        CHECK(count_of(depot, subject_of(2)) == 1);
    }
    CHECK(rows_of(store) == 2);
    {
        Depot depot{store, test_options(now_s)};
        std::array<Upload, 1> uploads{
            *upload(depot, owner_of(1), {shard_of(small_size, 2)}, ShardClass::tags, now_s + 10)};
        uploads[0].add_note(0, {subject_of(3), {}});
        (void)depot.commit(uploads);
        CHECK(count_of(depot, subject_of(3)) == 1);
        now_s += 10;
        (void)depot.collect(UINT64_MAX);
        CHECK(now_s == 1010);
        CHECK(count_of(depot, subject_of(3)) == 0);
    }
    CHECK(rows_of(store) == 2);
}

TEST_CASE("nothing is known of a shard that has rotted, until it is whole again")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const TestShard shard = shard_of(large_size, 1);
    {
        Depot depot{store, test_options(now_s)};
        const std::uint64_t serial = put_noted(depot, 1, {shard}, subject_of(1));
        CHECK(erase_file(shard_path(store, shard.item.root)));
        CHECK_FALSE(fetch(depot, shard.item.root));
        CHECK(count_of(depot, subject_of(1)) == 0);
        CHECK(depot.drop(owner_of(9), {}) == 0); // which sets it aside
        CHECK(count_of(depot, subject_of(1)) == 0);
        put(depot, owner_of(2), {shard});
        CHECK(count_of(depot, subject_of(1)) == 1);
        depot.deny({shard.item.root});
        CHECK(count_of(depot, subject_of(1)) == 0);
        depot.deny({});
        CHECK(erase_file(shard_path(store, shard.item.root)));
        CHECK_FALSE(fetch(depot, shard.item.root));
        CHECK(depot.drop(owner_of(1), std::vector<DropItem>{{shard.item.root, serial}}) == 1);
        CHECK(depot.drop(owner_of(2), std::vector<DropItem>{{shard.item.root, serial + 1}}) == 1);
    }
    CHECK(rows_of(store) == 0);
}

TEST_CASE("the bytes of a complete upload can be read before it is committed")
{
    const TestDirectory place;
    std::uint64_t now_s = 1000;
    Depot depot{place / "store", test_options(now_s)};
    const std::vector<TestShard> shards{shard_of(small_size, 1), shard_of(large_size, 2),
                                        shard_of(0, 3), shard_of(small_size, 4)};
    const std::optional<Upload> arrived = upload(depot, owner_of(1), shards);
    REQUIRE(arrived);
    REQUIRE(arrived->items().size() == shards.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
        CHECK(arrived->items()[i] == shards[i].item);
        Bytes all(shards[i].bytes.size());
        arrived->read(i, 0, all);
        CHECK(all == shards[i].bytes);
    }
    Bytes some(100);
    arrived->read(1, 300'000, some);
    CHECK(std::ranges::equal(some, ByteView{shards[1].bytes}.subspan(300'000, 100)));
    const std::string file = place / "store/tmp/" + list_directory(place / "store/tmp").at(0);
    put_file(file, file_text(file).substr(0, 300'050));
    CHECK(exit_of([&] { arrived->read(1, 300'000, some); }) == Exit::data);
}

TEST_CASE("a store from before there were notes is opened, and has none")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    const TestShard shard = shard_of(small_size, 1);
    {
        const Depot depot{store, test_options(now_s)};
    }
    CHECK(erase_file(store + "/meta.1/data.mdb"));
    CHECK(erase_file(store + "/meta.1/lock.mdb"));
    {
        Database database{store + "/meta.1", detail::oldest_table_names()};
        WriteTransaction writes = database.write();
        detail::put_totals(writes, {});
        writes.commit();
    }
    {
        Depot depot{store, test_options(now_s)};
        CHECK(count_of(depot, subject_of(1)) == 0);
        put_noted(depot, 1, {shard}, subject_of(1));
        CHECK(count_of(depot, subject_of(1)) == 1);
    }
    // The program of that time finds what it knows, and lets a shard go without its note.
    {
        Database database{store + "/meta.1", detail::oldest_table_names(), {.may_create = false}};
        WriteTransaction writes = database.write();
        CHECK(detail::find_shard(writes.view(), shard.item.root));
        CHECK(writes.erase(detail::table::shards, shard.item.root.bytes));
        writes.commit();
    }
    Depot depot{store, test_options(now_s)};
    CHECK(count_of(depot, subject_of(1)) == 0);
    put(depot, owner_of(2), {shard});
    CHECK(count_of(depot, subject_of(1)) == 0);
}

TEST_CASE("a store whose older tables are gone is damaged")
{
    const TestDirectory place;
    const std::string store = place / "store";
    std::uint64_t now_s = 1000;
    make_directory(store);
    make_directory(store + "/meta.1");
    {
        const Database database{store + "/meta.1", {"state", "shards"}};
    }
    put_file(store + "/version", "cairn-store 1\n");
    CHECK(exit_of([&] { const Depot depot{store, test_options(now_s)}; }) == Exit::data);
}
