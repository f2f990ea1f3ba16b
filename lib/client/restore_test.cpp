#include "client/restore.hpp"

#include "client/put_testing.hpp"
#include "format/list.hpp"
#include "os/path_info.hpp"

using namespace cairn;

namespace {

/// What a PutWorld has stored, restored into a directory.
class RestoreWorld {
public:
    RestoreWorld() { world.options.profile.reset(); }

    Link put(const Bytes& object) { return std::move(*world.put(object).link); }
    Link put(std::string_view text)
    {
        return put(Bytes{as_bytes(text).begin(), as_bytes(text).end()});
    }

    /// A list object of these entries.
    Link put_list(const std::vector<TreeEntry*>& entries)
    {
        Bytes list;
        TreeWriter writer{
            [&](ByteView part) { list.insert(list.end(), part.begin(), part.end()); }};
        for (TreeEntry* entry : entries) writer.add(*entry);
        writer.finish();
        return put(list);
    }

    void restore(const std::string& path, const Link& link, bool is_tree)
    {
        done.clear();
        failed.clear();
        SessionOptions session_options;
        for (const auto& provider : world.providers)
            session_options.providers.push_back(provider->name());
        const std::string address = "restorer-" + std::to_string(++runs_) + ":1";
        const Ed25519KeyPair link_key{Secret::copy(noise(32, 6'000 + runs_))};
        Session session{world.network.add({.address = address, .link_key = &link_key}),
                        session_options};
        const TreeDirectory directory{home / "tree"};
        Restorer restorer{
            session,
            directory,
            {.done = [&](const std::string& name,
                         bool is_new) { done.push_back((is_new ? "+" : "=") + name); },
             .failed = [&](const std::string& name, const Error&) { failed.push_back(name); }}};
        is_tree ? restorer.restore_tree(path, link) : restorer.restore_file(path, link);
    }

    PutWorld world{6};
    TestDirectory home;
    std::vector<std::string> done;
    std::vector<std::string> failed;

private:
    std::size_t runs_ = 0;
};

TreeEntry file_entry(const std::string& path, const Link& link)
{
    TreeEntry entry;
    entry.path = path;
    entry.mode = 0600;
    entry.mtime_ns = 1'600'000'000'000'000'000;
    entry.link = to_link_text(link);
    return entry;
}

TreeEntry directory_entry(const std::string& path)
{
    TreeEntry entry;
    entry.kind = TreeKind::directory;
    entry.path = path;
    entry.mode = 0750;
    entry.mtime_ns = 1'500'000'000'000'000'000;
    return entry;
}

TreeEntry symlink_entry(const std::string& path, const std::string& target)
{
    TreeEntry entry;
    entry.kind = TreeKind::symlink;
    entry.path = path;
    entry.mtime_ns = 1;
    entry.target = target;
    return entry;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a file comes once, and is compared from then on")
{
    for (const std::size_t size : {0UL, 10UL, 70'000UL, 300'000UL}) {
        CAPTURE(size);
        RestoreWorld world;
        const Bytes object = noise(size);
        const Link link = world.put(object);
        world.restore("a/b", link, false);
        CHECK(world.done == Names{"+a/b"});
        CHECK(file_text(world.home / "tree/a/b") == as_text(object));
        world.restore("a/b", link, false);
        CHECK(world.done == Names{"=a/b"});

        put_file(world.home / "tree/a/b", std::string{as_text(object)} + "x");
        world.restore("a/b", link, false);
        CHECK(world.failed == Names{"a/b"});
        if (size == 0) continue;
        std::string changed{as_text(object)};
        changed[size / 2] ^= 1;
        put_file(world.home / "tree/a/b", changed);
        world.restore("a/b", link, false);
        CHECK(world.failed == Names{"a/b"});
        CHECK(file_text(world.home / "tree/a/b") == changed);
    }
}

TEST_CASE("a list becomes a directory, with modes and times")
{
    RestoreWorld world;
    TreeEntry directory = directory_entry("d");
    TreeEntry inner = directory_entry("d/e");
    TreeEntry one = file_entry("d/e/one", world.put("one"));
    TreeEntry two = file_entry("d/two", world.put(noise(100'000)));
    TreeEntry symlink = symlink_entry("link", "d/two");
    const Link link = world.put_list({&directory, &inner, &one, &two, &symlink});
    world.restore("top", link, true);
    CHECK(world.failed.empty());
    CHECK(world.done == Names{"+top/d/e/one", "+top/d/two", "+top/link"});
    CHECK(file_text(world.home / "tree/top/d/e/one") == "one");
    const auto info = look_at_path(world.home / "tree/top/d");
    REQUIRE(info.has_value());
    CHECK(info->mode == 0750);
    CHECK(info->mtime_ns == directory.mtime_ns);
    CHECK(look_at_path(world.home / "tree/top/d/e/one")->mtime_ns == one.mtime_ns);
    CHECK(look_at_path(world.home / "tree/top/link")->target == "d/two");
    world.restore("top", link, true);
    CHECK(world.failed.empty());
    CHECK(world.done.front() == "=top/d/e/one");
}

TEST_CASE("what is lost is told, and the rest comes")
{
    RestoreWorld world;
    const Link lost = world.put("lost");
    TreeEntry one = file_entry("a", lost);
    TreeEntry two = file_entry("b", world.put("good"));
    const Link link = world.put_list({&one, &two});
    for (const auto& provider : world.world.providers) provider->shards.erase({lost.id.bytes});
    world.restore("top", link, true);
    CHECK(world.failed == Names{"top/a"});
    CHECK(world.done == Names{"+top/b"});
    CHECK(list_directory(world.home / "tree/top") == Names{"b"});
}

TEST_CASE("what is no list makes nothing")
{
    RestoreWorld world;
    world.restore("top", world.put("this is no list"), true);
    CHECK(world.failed == Names{"top"});
    CHECK(world.done.empty());
}

TEST_CASE("a symbolic link in the way leads nowhere")
{
    RestoreWorld world;
    const TestDirectory outside;
    TreeEntry directory = directory_entry("d");
    TreeEntry one = file_entry("d/one", world.put("one"));
    TreeEntry two = file_entry("e", world.put("two"));
    const Link link = world.put_list({&directory, &one, &two});
    TreeDirectory{world.home / "tree"}.make_symlink("top/d", outside.path());
    world.restore("top", link, true);
    CHECK(world.failed == Names{"top/d", "top/d/one"});
    CHECK(world.done == Names{"+top/e"});
    CHECK(list_directory(outside.path()).empty());
}
