#include "format/list.hpp"

#include "codec/cbor.hpp"
#include "format/link.hpp"
#include "format/testing.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::string_view link_text =
    "cairn:co1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7g23wj3"
    "#ck1qyqqzqsrqszsvpcgpy9qkrqdpc8s7j0ugl";

TreeEntry file(std::string path)
{
    TreeEntry entry;
    entry.path = std::move(path);
    entry.link = Secret::copy(as_bytes(link_text));
    return entry;
}

TreeEntry directory(std::string path)
{
    TreeEntry entry;
    entry.kind = TreeKind::directory;
    entry.path = std::move(path);
    return entry;
}

TreeEntry symbolic_link(std::string path, std::string target = "target")
{
    TreeEntry entry;
    entry.kind = TreeKind::symlink;
    entry.path = std::move(path);
    entry.target = std::move(target);
    return entry;
}

std::vector<TreeEntry> golden_entries()
{
    std::vector<TreeEntry> entries;
    entries.push_back(directory("a"));
    entries[0].mode = 0755;
    entries[0].mtime_ns = 1'700'000'000'123'456'789;
    entries.push_back(file("a/\xff"));
    entries[1].mode = 04644;
    entries[1].size = 3;
    entries.push_back(symbolic_link("a.link", "../outside"));
    entries[2].mtime_ns = 5;
    return entries;
}

template <class... Entries>
Bytes write(const Entries&... entries)
{
    Bytes bytes;
    TreeWriter writer{[&](ByteView part) { bytes.insert(bytes.end(), part.begin(), part.end()); }};
    (writer.add(entries), ...);
    writer.finish();
    return bytes;
}

Source source_of(ByteView bytes)
{
    return [bytes](MutableByteView buffer) mutable {
        const std::size_t size = std::min(bytes.size(), buffer.size());
        std::copy_n(bytes.begin(), size, buffer.begin());
        bytes = bytes.subspan(size);
        return size;
    };
}

std::vector<TreeEntry> read(ByteView bytes)
{
    TreeReader reader{source_of(bytes)};
    std::vector<TreeEntry> entries;
    while (auto entry = reader.next()) entries.push_back(std::move(*entry));
    CHECK_FALSE(reader.next());
    return entries;
}

bool is_read_refused(ByteView bytes)
{
    return exit_of([&] { (void)read(bytes); }) == Exit::data;
}

template <class... Entries>
bool is_refused(const Entries&... entries)
{
    return exit_of([&] { (void)write(entries...); }) == Exit::data;
}

Bytes rewrite(ByteView bytes)
{
    Bytes again;
    TreeWriter writer{[&](ByteView part) { again.insert(again.end(), part.begin(), part.end()); }};
    for (const TreeEntry& entry : read(bytes)) writer.add(entry);
    writer.finish();
    return again;
}

/// A list of one entry that is written without any check.
Bytes unchecked(const Bytes& entry, std::uint64_t count = 1)
{
    Bytes bytes = hex_bytes("820301");
    bytes.insert(bytes.end(), entry.begin(), entry.end());
    CborWriter{bytes}.number(count);
    return bytes;
}

Bytes unchecked_directory(std::string_view path, std::uint64_t mode = 0)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(4);
    writer.number(1);
    writer.bytes(as_bytes(path));
    writer.number(0);
    writer.number(mode);
    return bytes;
}

Bytes unchecked_symlink(std::string_view target)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(4);
    writer.number(2);
    writer.bytes(as_bytes("a"));
    writer.number(0);
    writer.bytes(as_bytes(target));
    return bytes;
}

Bytes unchecked_file(std::string_view link, std::uint64_t size = 0)
{
    Bytes bytes;
    CborWriter writer{bytes};
    writer.array(6);
    writer.number(0);
    writer.bytes(as_bytes("a"));
    writer.number(0);
    writer.number(0);
    writer.number(size);
    writer.text(link);
    return bytes;
}

} // namespace

TEST_CASE("the golden list is written and read")
{
    const auto entries = golden_entries();
    CHECK(write(entries[0], entries[1], entries[2]) == golden_record("list"));
    const auto back = read(golden_record("list"));
    REQUIRE(back.size() == 3);
    CHECK(back[0].kind == TreeKind::directory);
    CHECK(back[0].mtime_ns == entries[0].mtime_ns);
    CHECK(back[1].mode == 04644);
    CHECK(back[1].path == "a/\xff");
    CHECK(as_text(back[1].link->bytes()) == link_text);
    CHECK(back[2].target == "../outside");
    CHECK(is_list(golden_record("list")));
    CHECK_FALSE(is_list(golden_record("index_record")));
    CHECK_FALSE(is_list(hex_bytes("8203")));
}

TEST_CASE("an empty list has a head and an end")
{
    CHECK(write() == hex_bytes("82030100"));
    CHECK(read(hex_bytes("82030100")).empty());
    CHECK(is_read_refused(hex_bytes("820301")));
    CHECK(is_read_refused(hex_bytes("82030101")));
    CHECK(is_read_refused(hex_bytes("82030200")));
    CHECK(is_read_refused(hex_bytes("82040100")));
    CHECK(is_read_refused(hex_bytes("83030100")));
    CHECK(is_read_refused(hex_bytes("820301f6")));
    CHECK(is_read_refused(hex_bytes("82030140")));
    CHECK(is_read_refused({}));
}

TEST_CASE("a list with any bit changed is refused or another one")
{
    const Bytes good = golden_record("list");
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        Bytes bytes = good;
        bytes[i / 8] ^= static_cast<std::byte>(1U << i % 8);
        if (!is_read_refused(bytes)) CHECK_MESSAGE(rewrite(bytes) == bytes, i);
    }
}

TEST_CASE("a list cut short, continued or joined to another is refused")
{
    const Bytes good = golden_record("list");
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK_MESSAGE(is_read_refused(ByteView{good}.first(size)), size);
    Bytes longer = good;
    longer.push_back(std::byte{0});
    CHECK(is_read_refused(longer));
    longer.pop_back();
    longer.insert(longer.end(), good.begin(), good.end());
    CHECK(is_read_refused(longer));
}

TEST_CASE("a long list is read in constant memory, entry by entry")
{
    constexpr unsigned count = 20'000;
    Bytes bytes;
    TreeWriter writer{[&](ByteView part) { bytes.insert(bytes.end(), part.begin(), part.end()); }};
    const std::string tail(200, 'x');
    for (unsigned i = 0; i < count; ++i) writer.add(file(std::to_string(100'000 + i) + tail));
    writer.finish();
    CHECK(bytes.size() > std::size_t{count} * 300);
    TreeReader reader{source_of(bytes)};
    unsigned read_count = 0;
    while (const auto entry = reader.next())
        if (entry->path == std::to_string(100'000 + read_count) + tail) ++read_count;
    CHECK(read_count == count);
}

TEST_CASE("paths that leave the tree or hide something are refused")
{
    for (const char* const path :
         {"a", "a/b", "...", "a/..b", ".a", "-", " ", "a\n", "\xff", "a/b/c", "~", "C:"})
        CHECK_MESSAGE(is_tree_path(path), path);
    for (const std::string& path :
         {std::string{}, std::string{"/"}, std::string{"/a"}, std::string{"a/"},
          std::string{"a//b"}, std::string{"."}, std::string{".."}, std::string{"./a"},
          std::string{"../a"}, std::string{"a/.."}, std::string{"a/../b"}, std::string{"a/."},
          std::string{"a\0b", 3}, std::string{"\0", 1}, std::string{"a/b/.."}}) {
        CHECK_FALSE_MESSAGE(is_tree_path(path), path);
        CHECK(is_refused(directory(path)));
        CHECK(is_read_refused(unchecked(unchecked_directory(path))));
    }
    CHECK(is_tree_path(std::string(list_name_size_max, 'a')));
    CHECK_FALSE(is_tree_path(std::string(list_name_size_max + 1, 'a')));
    std::string deep = "a";
    for (std::size_t i = 1; i < list_depth_max; ++i) deep += "/a";
    CHECK(is_tree_path(deep));
    CHECK_FALSE(is_tree_path(deep + "/a"));
    std::string longest;
    while (longest.size() + 200 <= list_path_size_max) longest += std::string(199, 'a') + '/';
    longest += std::string(list_path_size_max - longest.size(), 'b');
    CHECK(is_tree_path(longest));
    CHECK_FALSE(is_tree_path(longest + "b"));
}

TEST_CASE("entries are in order, without duplicates, and below directories only")
{
    CHECK(is_before("a", "b"));
    CHECK(is_before("a", "a/b"));
    CHECK(is_before("a/z", "a b")); // although ' ' is below '/' in ASCII
    CHECK(is_before("a/z", "a.b"));
    CHECK(is_before("a\x7f", "a\x80"));
    CHECK_FALSE(is_before("a", "a"));
    CHECK_FALSE(is_before("a.b", "a/z"));

    CHECK_FALSE(is_refused(directory("a"), file("a/b"), file("a.b")));
    CHECK_FALSE(is_refused(file("a"), file("a.b")));
    CHECK_FALSE(is_refused(file("a"), file("ab/c"))); // a directory that is not listed
    CHECK_FALSE(is_refused(file("a/b"), file("a/c"), file("b")));
    CHECK(is_refused(file("a"), file("a")));
    CHECK(is_refused(directory("a"), file("a")));
    CHECK(is_refused(file("b"), file("a")));
    CHECK(is_refused(file("a/b"), directory("a")));
    CHECK(is_refused(file("a"), file("a/b")));
    CHECK(is_refused(symbolic_link("a"), file("a/b")));
    CHECK(is_refused(symbolic_link("a"), directory("a/b/c")));
    CHECK(is_refused(directory("a"), symbolic_link("a/b"), file("a/b/c")));
    CHECK(is_refused(file("a.b"), file("a/b")));
}

TEST_CASE("near misses of entries are refused")
{
    CHECK_FALSE(is_read_refused(unchecked(unchecked_directory("a", 07777))));
    CHECK(is_read_refused(unchecked(unchecked_directory("a", 010000))));
    CHECK(is_read_refused(unchecked(unchecked_directory("a"), 0)));
    CHECK(is_read_refused(unchecked(unchecked_directory("a"), 2)));
    CHECK_FALSE(is_read_refused(unchecked(unchecked_symlink("/"))));
    CHECK(is_read_refused(unchecked(unchecked_symlink(""))));
    CHECK(is_read_refused(unchecked(unchecked_symlink(std::string_view{"a\0", 2}))));
    CHECK_FALSE(
        is_read_refused(unchecked(unchecked_symlink(std::string(list_target_size_max, 't')))));
    CHECK(
        is_read_refused(unchecked(unchecked_symlink(std::string(list_target_size_max + 1, 't')))));
    CHECK_FALSE(is_read_refused(unchecked(unchecked_file(link_text))));
    CHECK_FALSE(
        is_read_refused(unchecked(unchecked_file(link_text.substr(0, link_text.find('#'))))));
    CHECK(is_read_refused(unchecked(unchecked_file(""))));
    CHECK(is_read_refused(unchecked(unchecked_file(link_text.substr(1)))));
    CHECK(is_read_refused(unchecked(unchecked_file("https://example.org/"))));
    CHECK_FALSE(is_read_refused(unchecked(unchecked_file(link_text, object_size_max))));
    CHECK(is_read_refused(unchecked(unchecked_file(link_text, object_size_max + 1))));
    CHECK(is_read_refused(unchecked(hex_bytes("840341610000")))); // an unknown kind
    CHECK(is_read_refused(unchecked(hex_bytes("8301416100"))));
    CHECK(is_read_refused(unchecked(hex_bytes("850141610000f6"))));
    CHECK(is_read_refused(unchecked(hex_bytes("840161610000")))); // text as a path
    CHECK(is_read_refused(unchecked(hex_bytes("80"))));

    TreeEntry entry = file("a");
    entry.link.reset();
    CHECK(is_refused(entry));
    entry = directory("a");
    entry.link = Secret::copy(as_bytes(link_text));
    CHECK(is_refused(entry));
    entry = file("a");
    entry.mode = 010000;
    CHECK(is_refused(entry));
    entry = symbolic_link("a", "");
    CHECK(is_refused(entry));
}

TEST_CASE("an entry that says it is huge is refused before memory is asked for")
{
    CHECK(is_read_refused(hex_bytes("8203018401"
                                    "5bffffffffffffffff")));
    CHECK(is_read_refused(hex_bytes("8203019bffffffffffffffff")));
    Bytes bytes = hex_bytes("8203018401"
                            "5900ff");
    bytes.resize(1 << 20U, std::byte{'a'});
    CHECK(is_read_refused(bytes));
}

TEST_CASE("the number of a wrong entry is in the message")
{
    const Bytes good = golden_record("list");
    Bytes bytes{good.begin(), good.end() - 1};
    bytes.insert(bytes.end(), {std::byte{0x81}, std::byte{0x09}, std::byte{0x04}});
    try {
        (void)read(bytes);
        FAIL("it was read");
    } catch (const Error& error) {
        CHECK(std::string_view{error.what()}.starts_with("entry 3 of the list: "));
    }
}
