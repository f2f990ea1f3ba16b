#include "client/file_tree.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

namespace {

std::vector<std::string> paths_of(const FileTree& tree)
{
    std::vector<std::string> paths;
    for (const FileTree::Item& item : tree.items) paths.push_back(item.entry.path);
    return paths;
}

Link link_of(std::size_t number, bool has_key)
{
    Link link;
    link.kind = number % 2 == 0 ? LinkKind::whole : LinkKind::object;
    link.id.bytes[0] = static_cast<std::byte>(number);
    if (has_key) link.key = Secret::copy(noise(16, number));
    return link;
}

} // namespace

TEST_CASE("a directory is walked in the order of a list")
{
    const TestDirectory place;
    for (const char* const name : {"a", "a/b", "a-b", "z"})
        REQUIRE(::mkdir((place / name).c_str(), 0700) == 0);
    for (const char* const name : {"a/x", "a/b/y", "a-b/z", "a.txt", "a+"})
        put_file(place / name, "text");
    REQUIRE(::symlink("a/x", (place / "link").c_str()) == 0);
    REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
    const FileTree tree = walk_directory(place.path());
    CHECK(paths_of(tree) == std::vector<std::string>{"a", "a/b", "a/b/y", "a/x", "a+", "a-b",
                                                     "a-b/z", "a.txt", "link", "z"});
    CHECK(tree.skipped == std::vector<std::string>{place / "pipe"});
    CHECK(tree.items[0].entry.kind == TreeKind::directory);
    CHECK(tree.items[0].entry.mode == 0700);
    CHECK(tree.items[2].entry.kind == TreeKind::file);
    CHECK(tree.items[2].entry.size == 4);
    CHECK(tree.items[2].entry.mtime_ns > 0);
    CHECK(tree.items[8].entry.kind == TreeKind::symlink);
    CHECK(tree.items[8].entry.target == "a/x");
    TreeOrder order;
    for (const FileTree::Item& item : tree.items) {
        TreeEntry entry;
        entry.kind = item.entry.kind;
        entry.path = item.entry.path;
        order.add(entry);
    }
    CHECK(exit_of([&] { walk_directory(place / "none"); }) == Exit::noinput);
}

TEST_CASE("named files come with the directories above them, each once")
{
    const TestDirectory place;
    REQUIRE(::mkdir((place / "d").c_str(), 0750) == 0);
    put_file(place / "d/one", "1");
    put_file(place / "d/two", "2");
    const std::string root = place.path().substr(1);
    const FileTree tree = gather_files(
        {place / "d/two", place.path() + "//d/./one", place / "d/two", place / "d/none"});
    const auto paths = paths_of(tree);
    REQUIRE(paths.size() == 6);
    CHECK(paths[1] == root);
    CHECK(paths[2] == root + "/d");
    CHECK(tree.items[2].entry.kind == TreeKind::directory);
    CHECK(tree.items[2].entry.mode == 0750);
    CHECK(paths[3] == root + "/d/none");
    CHECK(tree.items[3].entry.kind == TreeKind::file); // that cannot be opened
    CHECK(paths[4] == root + "/d/one");
    CHECK(paths[5] == root + "/d/two");
    for (const char* const path : {"../x", "a/../b", "", ".", "/"})
        CHECK(exit_of([&] { gather_files({path}); }) == Exit::usage);
}

TEST_CASE("a list object is what a reader takes, without the files that failed")
{
    FileTree tree;
    for (std::size_t i = 0; i < 10'000; ++i) {
        TreeEntry entry;
        entry.path = "d/" + std::to_string(100'000 + i);
        entry.size = i;
        tree.items.push_back({std::move(entry), {}});
    }
    TreeEntry directory;
    directory.kind = TreeKind::directory;
    directory.path = "d";
    tree.items.insert(tree.items.begin(), FileTree::Item{std::move(directory), {}});
    TreeLinks links{tree.items.size()};
    for (std::size_t i = 1; i < tree.items.size(); ++i)
        if (i % 7 != 0) links.set(i, link_of(i, i % 3 != 0));
    TreeReader reader{list_source(tree, links, NetworkId{})};
    std::size_t next = 0;
    while (const auto entry = reader.next()) {
        while (next != 0 && !links.has(next)) ++next;
        CHECK(entry->path == tree.items[next].entry.path);
        if (next > 0) {
            const Link link = parse_link(entry->link->bytes());
            CHECK(link.id == link_of(next, true).id);
            CHECK(link.kind == link_of(next, true).kind);
            CHECK(link.key.has_value() == (next % 3 != 0));
            if (link.key) CHECK(constant_time_equal(link.key->bytes(), noise(16, next)));
        }
        ++next;
    }
    CHECK(next >= tree.items.size() - 1);
}
