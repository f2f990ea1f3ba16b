#include "os/file.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("a file is written and read at any place")
{
    const TestDirectory place;
    const std::string path = place / "file";
    CHECK_FALSE(File::open(path));
    CHECK_FALSE(File::open_to_write(path));
    File file = File::create(path);
    file.write_at(3, as_bytes("defg"));
    file.write_at(0, as_bytes("abc"));
    file.start_writeback(0, 7);
    file.truncate(6);
    file.sync();
    CHECK(file.size() == 6);
    CHECK(file_text(path) == "abcdef");
    Bytes buffer(10);
    CHECK(File::open(path)->read_at(2, buffer) == 4);
    CHECK(as_text(ByteView{buffer}.first(4)) == "cdef");
    File::open_to_write(path)->write_at(0, as_bytes("A"));
    CHECK(file_text(path) == "Abcdef");
    CHECK(exit_of([&] { File::create(path); }) == Exit::ioerr);
    CHECK(exit_of([&] { File::open(path)->write_at(0, as_bytes("x")); }) == Exit::ioerr);
}

TEST_CASE("a full disk is not a broken one")
{
    auto full = File::open_to_write("/dev/full");
    REQUIRE(full);
    CHECK(exit_of([&] { full->write_at(0, as_bytes("x")); }) == Exit::tempfail);
}

TEST_CASE("names are changed and removed")
{
    const TestDirectory place;
    put_file(place / "old", "old");
    put_file(place / "new", "new");
    CHECK(rename_file(place / "old", place / "new"));
    CHECK(file_text(place / "new") == "old");
    CHECK_FALSE(rename_file(place / "old", place / "new"));
    CHECK(exit_of([&] { rename_file(place / "new", place / "none/new"); }) == Exit::ioerr);
    CHECK(erase_file(place / "new"));
    CHECK_FALSE(erase_file(place / "new"));
    put_file(place / "small", "abc");
    for (const char* const name : {"small", "fresh"}) {
        allocate_file(place / name, 5000);
        allocate_file(place / name, 10);
        CHECK(File::open(place / name)->size() == 5000);
    }
    CHECK(file_text(place / "small").starts_with("abc"));
    CHECK(create_directory(place / "directory"));
    CHECK_FALSE(create_directory(place / "directory"));
    CHECK(exit_of([&] { create_directory(place / "none/directory"); }) == Exit::ioerr);
    CHECK(erase_directory(place / "directory"));
    CHECK_FALSE(erase_directory(place / "directory"));
    sync_names(place.path());
    CHECK(exit_of([&] { sync_names(place / "none"); }) == Exit::ioerr);
    CHECK(free_space(place.path()) > 0);
}
