#include "os/tree_directory.hpp"

#include "base/error.hpp"
#include "os/path_info.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace cairn;

namespace {

void write(const TreeDirectory& tree, const std::string& path, std::string_view text)
{
    auto file = tree.create(path);
    file.output.write(as_bytes(text));
    file.set_facts(0640, 1'700'000'000'123'456'789);
    file.output.commit();
}

void check_refused(const TreeDirectory& tree, const std::string& path)
{
    CAPTURE(path);
    try {
        write(tree, path, "text");
        FAIL("it was made");
    } catch (const Error& error) {
        CHECK(error.code() == Exit::cantcreat);
        CHECK(std::string{error.what()}.find("/proc") == std::string::npos);
    }
}

} // namespace

TEST_CASE("files appear below a directory, with those above them")
{
    const TestDirectory home;
    const TreeDirectory tree{home / "new"};
    write(tree, "a", "one");
    write(tree, "b/c/d", "two");
    CHECK(file_text(home / "new/a") == "one");
    CHECK(file_text(home / "new/b/c/d") == "two");
    const auto info = look_at_path(home / "new/a");
    REQUIRE(info.has_value());
    CHECK(info->mode == 0640);
    CHECK(info->mtime_ns == 1'700'000'000'123'456'789);
    check_refused(tree, "a");
    check_refused(tree, "b");
    check_refused(tree, "a/below");
    CHECK(file_text(home / "new/a") == "one");
    CHECK_FALSE(tree.open_existing("missing"));
    CHECK(tree.open_existing("b/c/d"));
    CHECK_THROWS_AS(tree.open_existing("b/c"), Error);
}

TEST_CASE("a file that is not committed is not there")
{
    const TestDirectory home;
    const TreeDirectory tree{home.path()};
    {
        auto file = tree.create("x/y");
        file.output.write(as_bytes("text"));
    }
    CHECK(list_directory(home / "x").empty());
}

TEST_CASE("no symbolic link leads out")
{
    const TestDirectory home;
    const TestDirectory outside;
    const TreeDirectory tree{home / "tree"};
    put_file(outside / "file", "kept");
    tree.make_symlink("dir", outside.path());
    tree.make_symlink("file", outside / "file");
    tree.make_symlink("dangling", outside / "nothing");
    tree.make_symlink("file", outside / "file"); // again
    check_refused(tree, "dir/new");
    check_refused(tree, "dir");
    check_refused(tree, "file");
    check_refused(tree, "dangling");
    CHECK_THROWS_AS(tree.make_directory("dir"), Error);
    CHECK_THROWS_AS(tree.make_directory("dir/sub"), Error);
    CHECK_THROWS_AS(tree.make_symlink("dir/sub", "x"), Error);
    CHECK_THROWS_AS(tree.make_symlink("file", "other"), Error);
    CHECK_THROWS_AS(tree.set_facts("dir", 0700, 0), Error);
    CHECK_THROWS_AS(tree.open_existing("file"), Error);
    CHECK(list_directory(outside.path()) == std::vector<std::string>{"file"});
    CHECK(file_text(outside / "file") == "kept");
}

TEST_CASE("a directory that is moved away takes what was begun with it")
{
    const TestDirectory home;
    const TestDirectory outside;
    const TreeDirectory tree{home / "tree"};
    auto file = tree.create("sub/file");
    file.output.write(as_bytes("text"));
    rename_to_free_name(home / "tree/sub", home / "tree/moved");
    tree.make_symlink("sub", outside.path());
    file.output.commit();
    CHECK(file_text(home / "tree/moved/file") == "text");
    CHECK(list_directory(outside.path()).empty());
}

TEST_CASE("directories get their facts")
{
    const TestDirectory home;
    const TreeDirectory tree{home.path()};
    tree.make_directory("a/b");
    tree.make_directory("a/b");
    tree.set_facts("a/b", 07750, 1'000'000'000);
    const auto info = look_at_path(home / "a/b");
    REQUIRE(info.has_value());
    CHECK(info->mode == 0750); // nobody's rights but the caller's
    CHECK(info->mtime_ns == 1'000'000'000);
}
