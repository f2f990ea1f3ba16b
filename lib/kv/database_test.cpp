#include "kv/database.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr Table fruit{0};
constexpr Table trees{1};
const std::vector<std::string> tables{"fruit", "trees"};

ByteView text(std::string_view value)
{
    return as_bytes(value);
}

std::optional<std::string> value_of(const ReadTransaction& reads, Table table, std::string_view key)
{
    const auto value = reads.get(table, as_bytes(key));
    if (!value) return std::nullopt;
    return std::string{as_text(*value)};
}

std::string key_of(unsigned number)
{
    std::string key = std::to_string(number);
    return std::string(6 - key.size(), '0') + key;
}

/// A database of `count` values of 200 bytes; what its file holds.
std::string filled(const TestDirectory& place, unsigned count)
{
    Database database{place.path(), tables};
    WriteTransaction writes = database.write();
    for (unsigned i = 0; i < count; ++i) writes.put(fruit, text(key_of(i)), noise(200, i));
    writes.commit();
    return file_text(place / "data.mdb");
}

/// Opens the database and reads all of it: what it says of that.
Exit read_all(const std::string& path)
{
    return exit_of([&] {
        const Database database{path, tables, {.may_create = false}};
        const ReadTransaction reads = database.read();
        Cursor cursor = reads.cursor(fruit);
        unsigned count = 0;
        for (auto at = cursor.first(); at; at = cursor.next()) ++count;
        REQUIRE(count <= 2000);
    });
}

} // namespace

TEST_CASE("what was committed is there after opening again, what was not is not")
{
    const TestDirectory place;
    {
        Database database{place.path(), tables};
        WriteTransaction kept = database.write();
        kept.put(fruit, text("apple"), text("red"));
        kept.put(fruit, text("nothing"), {});
        kept.put(trees, text("apple"), text("small"));
        CHECK(value_of(kept.view(), fruit, "apple") == "red");
        kept.commit();
        WriteTransaction dropped = database.write();
        dropped.put(fruit, text("apple"), text("green"));
        CHECK(dropped.erase(trees, text("apple")));
        CHECK_FALSE(dropped.erase(trees, text("pear")));
    }
    const Database database{place.path(), tables, {.may_create = false}};
    const ReadTransaction reads = database.read();
    CHECK(value_of(reads, fruit, "apple") == "red");
    CHECK(value_of(reads, fruit, "nothing") == "");
    CHECK(value_of(reads, trees, "apple") == "small");
    CHECK(value_of(reads, fruit, "pear") == std::nullopt);
}

TEST_CASE("a reader sees the state of its beginning")
{
    const TestDirectory place;
    Database database{place.path(), tables};
    {
        WriteTransaction writes = database.write();
        writes.put(fruit, text("apple"), text("red"));
        writes.commit();
    }
    std::thread writer;
    {
        const ReadTransaction before = database.read();
        const ReadTransaction also = database.read(); // two in one thread
        CHECK(value_of(before, fruit, "apple") == "red");
        writer = std::thread{[&] {
            WriteTransaction writes = database.write();
            CHECK(writes.erase(fruit, text("apple")));
            writes.commit();
        }};
        CHECK(value_of(before, fruit, "apple") == "red");
        CHECK(value_of(also, fruit, "apple") == "red");
    }
    writer.join();
    CHECK(value_of(database.read(), fruit, "apple") == std::nullopt);
}

TEST_CASE("a cursor goes through the keys in the order of their bytes")
{
    const TestDirectory place;
    Database database{place.path(), tables};
    WriteTransaction writes = database.write();
    for (const char* const key : {"b", "a", "d", "\xff"}) writes.put(fruit, text(key), text(key));
    Cursor cursor = writes.view().cursor(fruit);
    const auto key_at = [](const std::optional<KeyValue>& at) {
        return at ? std::string{as_text(at->key)} : "none";
    };
    CHECK(key_at(cursor.first()) == "a");
    CHECK(key_at(cursor.next()) == "b");
    CHECK(key_at(cursor.at_least(text("c"))) == "d");
    CHECK(key_at(cursor.previous()) == "b");
    CHECK(key_at(cursor.last()) == "\xff");
    CHECK(key_at(cursor.next()) == "none");
    CHECK(key_at(cursor.at_least(text("\xff\xff"))) == "none");
    CHECK(key_at(writes.view().cursor(trees).first()) == "none");
}

TEST_CASE("the map grows with what is in it")
{
    const TestDirectory place;
    Database database{place.path(), tables, {.map_size = 64 * 1024}};
    for (unsigned round = 0; round < 200; ++round) {
        WriteTransaction writes = database.write();
        for (unsigned i = 0; i < 20; ++i)
            writes.put(fruit, text(key_of(20 * round + i)), noise(300, i));
        writes.commit();
    }
    CHECK(database.size() > 1024 * 1024);
    CHECK(as_text(*database.read().get(fruit, text(key_of(3999)))) == as_text(noise(300, 19)));
}

TEST_CASE("when the map is full nothing is changed, reads go on, and so do writes with room again")
{
    const TestDirectory place;
    Database database{place.path(), tables, {.map_size = 256 * 1024, .map_size_max = 256 * 1024}};
    unsigned committed = 0;
    const auto fill = [&] {
        for (;;) {
            WriteTransaction writes = database.write();
            for (unsigned i = 0; i < 10; ++i)
                writes.put(fruit, text(key_of(committed + i)), noise(400, committed + i));
            writes.commit();
            committed += 10;
        }
    };
    CHECK(exit_of(fill) == Exit::tempfail);
    REQUIRE(committed >= 100);
    const auto check = [&](const Database& of) {
        const ReadTransaction reads = of.read();
        for (unsigned i = 0; i < committed; ++i)
            CHECK(as_text(*reads.get(fruit, text(key_of(i)))) == as_text(noise(400, i)));
        CHECK_FALSE(reads.get(fruit, text(key_of(committed))));
    };
    check(database);
    WriteTransaction writes = database.write();
    CHECK(writes.erase(fruit, text(key_of(--committed))));
    writes.commit();
    check(database);
}

TEST_CASE("a truncated database is refused before it is used")
{
    const TestDirectory place;
    const std::string whole = filled(place, 1000);
    REQUIRE(read_all(place.path()) == Exit::ok);
    for (std::size_t size = 0; size < whole.size(); size += size < 9000 ? 97 : 2048 + 61) {
        put_file(place / "data.mdb", std::string_view{whole}.substr(0, size));
        CAPTURE(size);
        CHECK(read_all(place.path()) == Exit::data);
    }
    put_file(place / "data.mdb", std::string(whole.size(), 'x'));
    CHECK(read_all(place.path()) == Exit::data);
    put_file(place / "data.mdb", std::string(whole.size(), '\0'));
    CHECK(read_all(place.path()) == Exit::data);
    put_file(place / "data.mdb", whole);
    CHECK(read_all(place.path()) == Exit::ok);
}

TEST_CASE("every bit of the head that matters is looked at")
{
    const TestDirectory place;
    const std::string whole = filled(place, 1000);
    // Of both meta pages: flags, magic, version, page size, the last page's high byte. Of the newer
    // one, which is the first here, the depth of a tree too.
    for (const std::size_t page : {0U, 4096U})
        for (const std::size_t at : {10U, 16U, 19U, 20U, 40U, 41U, 43U, 143U, 46U}) {
            if (page > 0 && at == 46) continue;
            std::string changed = whole;
            changed[page + at] = static_cast<char>(changed[page + at] ^ 0x40);
            put_file(place / "data.mdb", changed);
            CAPTURE(page);
            CAPTURE(at);
            CHECK(read_all(place.path()) == Exit::data);
        }
}

TEST_CASE("a value that rots is not returned")
{
    const TestDirectory place;
    const std::string whole = filled(place, 50);
    unsigned found = 0;
    for (unsigned i = 0; i < 50; ++i) {
        const Bytes value = noise(200, i);
        const std::string_view wanted = as_text(value);
        // The value, the check before it and the key before that, wherever pages hold copies.
        for (const int byte : {0, 199, static_cast<int>(i), -1, -8, -9}) {
            std::string changed = whole;
            for (auto at = whole.find(wanted); at != whole.npos; at = whole.find(wanted, at + 1)) {
                char& rotten = changed[at + static_cast<std::size_t>(byte)];
                rotten = static_cast<char>(rotten ^ (1 << (i % 8)));
                ++found;
            }
            put_file(place / "data.mdb", changed);
            CAPTURE(i);
            CAPTURE(byte);
            CHECK(read_all(place.path()) == Exit::data);
        }
    }
    CHECK(found >= 50 * 6);
}

TEST_CASE("a database that must be there and is not is damaged")
{
    const TestDirectory place;
    CHECK(read_all(place.path()) == Exit::data);
    CHECK_FALSE(exists(place / "data.mdb"));
    {
        const Database database{place.path(), {"fruit"}};
    }
    CHECK(read_all(place.path()) == Exit::data); // without one of its tables
}

TEST_CASE("threads write in turn")
{
    const TestDirectory place;
    Database database{place.path(), tables, {.map_size = 64 * 1024}};
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread)
        threads.emplace_back([&database, thread] {
            for (unsigned i = 0; i < 25; ++i) {
                WriteTransaction writes = database.write();
                writes.put(fruit, text(key_of(100 * thread + i)), noise(500, thread));
                writes.commit();
                (void)database.read().get(fruit, text(key_of(i)));
            }
        });
    for (std::thread& thread : threads) thread.join();
    const ReadTransaction reads = database.read();
    unsigned count = 0;
    Cursor cursor = reads.cursor(fruit);
    for (auto at = cursor.first(); at; at = cursor.next()) ++count;
    CHECK(count == 100);
}
