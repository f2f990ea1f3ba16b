#include "os/directory.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

TEST_CASE("a directory is made once, and only where its parent is")
{
    const TestDirectory directory;
    CHECK(make_directory(directory / "a"));
    CHECK_FALSE(make_directory(directory / "a"));
    CHECK(is_directory(directory / "a"));
    CHECK(make_directory(directory / "a/b/"));

    put_file(directory / "file", "");
    REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
    for (const char* const name : {"file", "dangling", "no/a", "file/a", ""})
        CHECK(exit_of([&] { make_directory(*name == '\0' ? std::string{} : directory / name); }) ==
              Exit::cantcreat);
}

TEST_CASE("links count as names, and as directories when they lead to one")
{
    const TestDirectory directory;
    put_file(directory / "file", "");
    REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
    REQUIRE(::symlink(".", (directory / "here").c_str()) == 0);
    CHECK(exists(directory / "file"));
    CHECK(exists(directory / "dangling"));
    CHECK_FALSE(exists(directory / "no"));
    CHECK_FALSE(exists(directory / "file/no"));
    CHECK(is_directory(directory / "here"));
    CHECK_FALSE(is_directory(directory / "dangling"));
    CHECK_FALSE(is_directory(directory / "file"));
}

TEST_CASE("the names in a directory are sorted and complete")
{
    const TestDirectory directory;
    CHECK(list_directory(directory.path()).empty());
    const std::vector<std::string> names{"...", ".hidden", "A", "a", "a b\n", "b", "\xff"};
    for (auto name = names.rbegin(); name != names.rend(); ++name) put_file(directory / *name, "");
    CHECK(list_directory(directory.path()) == names);
    CHECK(exit_of([&] { list_directory(directory / "no"); }) == Exit::noinput);
    CHECK(exit_of([&] { list_directory(directory / "a"); }) == Exit::noinput);
}

TEST_CASE("a private directory is made with what is missing above it, for its owner alone")
{
    const TestDirectory directory;
    REQUIRE(::symlink("a", (directory / "link").c_str()) == 0);
    for (const char* const name : {"a/b/c", "a/b/c", "a/d/", "link/e"}) {
        make_private_directory(directory / name);
        CHECK(is_directory(directory / name));
    }
    struct stat status = {};
    for (const char* const name : {"a", "a/b/c", "a/e"}) {
        REQUIRE(::stat((directory / name).c_str(), &status) == 0);
        CHECK((status.st_mode & 07777U) == 0700);
    }
    REQUIRE(::chmod((directory / "a/b").c_str(), 0770) == 0);
    CHECK(exit_of([&] { make_private_directory(directory / "a/b"); }) == Exit::noperm);
    make_private_directory(directory / "a/b/c");

    put_file(directory / "file", "");
    REQUIRE(::symlink("nowhere", (directory / "dangling").c_str()) == 0);
    for (const char* const name : {"file", "file/a", "dangling", "dangling/a"})
        CHECK(exit_of([&] { make_private_directory(directory / name); }) == Exit::cantcreat);
    CHECK(exit_of([&] { make_private_directory(""); }) == Exit::cantcreat);
}

TEST_CASE("a path from the root leads where the path does")
{
    CHECK(absolute_path("/srv/a") == "/srv/a");
    CHECK(absolute_path("a/b") == absolute_path("a") + "/b");
    CHECK(exists(absolute_path(".")));
    CHECK(absolute_path("a").starts_with('/'));
}
