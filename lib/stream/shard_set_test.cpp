#include "stream/shard_set.hpp"

#include "base/testing.hpp"
#include "os/output.hpp"
#include "os/testing.hpp"
#include "stream/decode.hpp"
#include "stream/encode.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

namespace {

constexpr Profile small{4, 2, 65536};
constexpr std::size_t full_shard = 65536 / 4; // bytes

Bytes file_bytes(const std::string& path)
{
    const std::string text = file_text(path);
    const ByteView view = as_bytes(text);
    return {view.begin(), view.end()};
}

/// A directory with the shards of an object.
struct Shards {
    explicit Shards(Bytes content, const Profile& profile = small) : data{std::move(content)}
    {
        ByteView rest = data;
        const Source source = [&](MutableByteView buffer) {
            const std::size_t size = std::min(buffer.size(), rest.size());
            std::ranges::copy(rest.first(size), buffer.begin());
            rest = rest.subspan(size);
            return size;
        };
        id = encode_to_directory(source, path(), false, {.profile = profile}).id;
    }

    [[nodiscard]] std::string path() const { return directory / "shards"; }
    [[nodiscard]] std::string file(unsigned index) const
    {
        return path() + '/' + shard_file_name(index);
    }
    [[nodiscard]] std::string manifest() const { return path() + "/manifest"; }

    void change(const std::string& name, auto how) const
    {
        Bytes bytes = file_bytes(name);
        how(bytes);
        put_file(name, as_text(bytes));
    }
    void flip(unsigned index, std::size_t offset) const
    {
        change(file(index), [&](Bytes& bytes) { bytes.at(offset) ^= std::byte{0x10}; });
    }
    void flip_from_end(unsigned index, std::size_t offset) const
    {
        change(file(index),
               [&](Bytes& bytes) { bytes.at(bytes.size() - offset) ^= std::byte{0x10}; });
    }
    /// Neither the header nor the trailer tells what the file is.
    void damage_ends(unsigned index) const
    {
        flip(index, 9);
        flip_from_end(index, 1);
    }

    TestDirectory directory;
    Bytes data;
    ObjectId id;
};

Bytes decode(const std::vector<std::string>& paths, const std::optional<ObjectId>& id = {})
{
    Bytes bytes;
    const ShardSet set = ShardSet::open(paths, id);
    decode_set(set, [&](ByteView part) { bytes.insert(bytes.end(), part.begin(), part.end()); },
               {});
    return bytes;
}

bool decodes(const Shards& shards)
{
    return decode({shards.path()}) == shards.data;
}

bool is_refused(const std::vector<std::string>& paths, const std::optional<ObjectId>& id = {})
{
    return exit_of([&] { (void)decode(paths, id); }) == Exit::data;
}

SetHealth health(const Shards& shards, const std::optional<ObjectId>& id = {})
{
    return check_set(ShardSet::open({shards.path()}, id), 2).health;
}

std::vector<std::string> faults(const Shards& shards, const std::optional<ObjectId>& id = {})
{
    std::vector<std::string> faults;
    for (const ShardFault& fault : check_set(ShardSet::open({shards.path()}, id), 1).faults) {
        const std::size_t slash = fault.path.find_last_of('/');
        faults.push_back(fault.path.substr(slash == std::string::npos ? 0 : slash + 1) + ' ' +
                         fault.what);
    }
    return faults;
}

using Faults = std::vector<std::string>;

} // namespace

TEST_CASE("a set that nobody touched is good and decodes")
{
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65536 * 2 + 5}}) {
        const Shards shards{noise(size)};
        CHECK(health(shards) == SetHealth::good);
        CHECK(faults(shards).empty());
        CHECK(decodes(shards));
        const ShardSet set = ShardSet::open({shards.path()}, shards.id);
        CHECK(set.manifest().id() == shards.id);
        CHECK(set.manifest_file() == ShardSet::ManifestFile::good);
        CHECK(set.files().size() == 6);
        for (unsigned i = 0; i < 6; ++i) {
            REQUIRE(set.holders(i).size() == 1);
            CHECK(set.holders(i).front()->path == shards.file(i));
        }
        CHECK(blake3(file_bytes(shards.manifest())).bytes == shards.id.bytes);
    }
}

TEST_CASE("each bit of a small shard file may change: it is damaged, and the set decodes")
{
    const Shards shards{noise(100)};
    const Bytes good = file_bytes(shards.file(1));
    for (std::size_t i = 0; i < good.size(); i += i < 100 || i > 4000 ? 1 : 97) {
        shards.flip(1, i);
        CHECK_MESSAGE(faults(shards) == Faults{"001.shard is damaged"}, i);
        CHECK_MESSAGE(decodes(shards), i);
        put_file(shards.file(1), as_text(good));
    }
    CHECK(health(shards) == SetHealth::good);
}

TEST_CASE("a shard file of any length but its own is damaged, and the set decodes")
{
    const Shards shards{noise(65536 + 100)};
    const Bytes good = file_bytes(shards.file(0));
    for (std::size_t size = 0; size <= good.size() + 100; size += size > 20000 ? 37 : 1031) {
        if (size == good.size()) continue;
        Bytes bytes = good;
        bytes.resize(size);
        put_file(shards.file(0), as_text(bytes));
        CHECK_MESSAGE(faults(shards) == Faults{"000.shard is damaged"}, size);
        CHECK_MESSAGE(decodes(shards), size);
    }
}

TEST_CASE("k good shards of each segment are enough, in whatever files they are")
{
    const Shards shards{noise(65536 * 6)};
    for (unsigned segment = 0; segment < 6; ++segment) // all six files, two in each segment
        for (const unsigned index : {segment, (segment + 1) % 6})
            shards.flip(index, shard_header_size + segment * full_shard + 17);
    CHECK(decodes(shards));
    CHECK(health(shards) == SetHealth::damaged);
    CHECK(faults(shards).size() == 6);
    shards.flip(3, shard_header_size + 17); // a third in segment 0
    CHECK(is_refused({shards.path()}));
    CHECK(health(shards) == SetHealth::unrecoverable);
}

TEST_CASE("shard files without a good end are known by their shards")
{
    const Shards shards{noise(65536 + 1)};
    for (unsigned index = 0; index < 6; ++index) {
        CHECK(decodes(shards));
        shards.damage_ends(index);
    }
    CHECK(decodes(shards)); // the file manifest is left
    CHECK(faults(shards).size() == 6);
    CHECK(health(shards) == SetHealth::damaged);
    CHECK(unlink(shards.manifest().c_str()) == 0);
    CHECK(is_refused({shards.path()}));
}

TEST_CASE("files without headers serve every index that their equal shards fit")
{
    for (const Profile& profile : {small, Profile{1, 2, 65536}}) {
        const Shards shards{Bytes(65536 * 2 + 1000), profile}; // zeros: data and parity alike
        for (unsigned index = 0; index < profile.shards(); ++index) shards.flip(index, 9);
        CHECK(decodes(shards));
        for (unsigned index = 0; index < profile.m; ++index)
            CHECK(unlink(shards.file(index).c_str()) == 0);
        CHECK(decodes(shards));
        CHECK(health(shards) == SetHealth::damaged);
    }

    Bytes data = noise(65536 * 3);
    std::fill(data.begin(), data.begin() + 65536, std::byte{0}); // equal in the first segment only
    const Shards shards{data};
    for (unsigned index = 1; index < 6; ++index) shards.flip(index, 9);
    CHECK(unlink(shards.file(2).c_str()) == 0);
    CHECK(unlink(shards.file(4).c_str()) == 0);
    CHECK(decodes(shards));
    for (const unsigned index : {1U, 3U, 5U})
        CHECK(ShardSet::open({shards.path()}, {}).holders(index).size() == 1);
}

TEST_CASE("names and order of files do not matter, nor do files that are there twice")
{
    const Shards shards{noise(65536 * 2)};
    CHECK(decode({shards.file(5), shards.file(2), shards.file(0), shards.file(4)}) == shards.data);
    CHECK(is_refused({shards.file(5), shards.file(2), shards.file(0)}));
    CHECK(is_refused({shards.file(5), shards.file(2), shards.file(0), shards.file(0)}));

    put_file(shards.path() + "/copy.shard", file_text(shards.file(0)));
    shards.flip(0, shard_header_size);                              // the first segment of one,
    shards.change(shards.path() + "/copy.shard", [](Bytes& bytes) { // the second of the other
        bytes[shard_header_size + full_shard] ^= std::byte{1};
    });
    for (const unsigned index : {1U, 2U}) CHECK(unlink(shards.file(index).c_str()) == 0);
    CHECK(decodes(shards));
    CHECK(faults(shards) == Faults{"000.shard is damaged", "copy.shard is damaged",
                                   "001.shard is missing", "002.shard is missing"});
}

TEST_CASE("a directory tells what became of its manifest")
{
    const Shards shards{noise(100)};
    const std::string good = file_text(shards.manifest());
    const Shards other{noise(101)};
    put_file(shards.manifest(), file_text(other.manifest()));
    CHECK(faults(shards) == Faults{"manifest is of another object"});
    CHECK(health(shards) == SetHealth::damaged);
    put_file(shards.manifest(), good.substr(1));
    CHECK(faults(shards) == Faults{"manifest is damaged"});
    CHECK(unlink(shards.manifest().c_str()) == 0);
    CHECK(faults(shards) == Faults{"manifest is missing"});
    CHECK(health(shards) == SetHealth::damaged);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string text = good;
        text[i] = static_cast<char>(text[i] ^ 1);
        put_file(shards.manifest(), text);
        CHECK_MESSAGE(decodes(shards), i);
        CHECK_MESSAGE(health(shards) == SetHealth::damaged, i);
    }
}

TEST_CASE("the manifest of an empty object may be damaged too")
{
    const Shards shards{Bytes{}};
    const std::string good = file_text(shards.manifest());
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string text = good;
        text[i] = static_cast<char>(text[i] ^ 1);
        put_file(shards.manifest(), text);
        CHECK_MESSAGE(decodes(shards), i);
    }
}

TEST_CASE("of two objects the one that can be rebuilt is chosen, and of two such none")
{
    const Shards ours{noise(1000)};
    const Shards theirs{noise(1001)};
    for (unsigned index = 0; index < 3; ++index) {
        rename(theirs.file(index).c_str(),
               (ours.path() + '/' + char('a' + int(index)) + ".shard").c_str());
        CHECK(decodes(ours));
        CHECK(health(ours) == SetHealth::good);
    }
    put_file(ours.path() + "/again.shard", file_text(ours.path() + "/a.shard"));
    CHECK(decodes(ours)); // three different shards are not four
    for (unsigned index = 0; index < 3; ++index) ours.damage_ends(index);
    CHECK(is_refused({ours.path()})); // three against three
    CHECK(decode({ours.path()}, ours.id) == ours.data);
    rename(theirs.file(3).c_str(), (ours.path() + "/d.shard").c_str());
    CHECK(decode({ours.path()}) == theirs.data); // three against four
    CHECK(is_refused({ours.path()}, ObjectId{}));
    CHECK(health(ours, ours.id) == SetHealth::damaged);
}

TEST_CASE("what cannot be read in a directory is one shard lost")
{
    const Shards shards{noise(1000)};
    CHECK(unlink(shards.file(0).c_str()) == 0);
    CHECK(unlink(shards.file(1).c_str()) == 0);
    CHECK(mkdir(shards.file(0).c_str(), 0777) == 0);
    CHECK(symlink("nowhere", shards.file(1).c_str()) == 0);
    CHECK(decodes(shards));
    CHECK(faults(shards) == Faults{"000.shard cannot be read", "001.shard cannot be read"});
    CHECK(exit_of([&] { (void)decode({shards.file(0), shards.file(2)}); }) == Exit::noinput);
    CHECK(exit_of([&] { (void)repair_directory(shards.path(), {.workers = 1}); }) == Exit::noinput);
}

TEST_CASE("a file whose reading fails is one shard lost")
{
    const Shards shards{noise(1000)};
    CHECK(unlink(shards.file(0).c_str()) == 0);
    CHECK(symlink("/proc/self/mem", shards.file(0).c_str()) == 0); // EIO at its first bytes
    CHECK(decodes(shards));
    CHECK(faults(shards) == Faults{"000.shard is damaged"});
}

TEST_CASE("a manifest that contradicts itself is found before wrong bytes are out")
{
    const Shards shards{noise(1000)};
    Manifest manifest = parse_manifest(file_bytes(shards.manifest()));
    const std::size_t size = shard_size(small, 1000);
    const auto body = [&](unsigned index) {
        const Bytes bytes = file_bytes(shards.file(index));
        return Bytes(bytes.begin() + shard_header_size,
                     bytes.begin() + std::ptrdiff_t(shard_header_size + size));
    };
    manifest.roots[4] = blake3(Bytes(size)); // parity of other data
    const Bytes bytes = to_bytes(manifest);
    const ObjectId id{blake3(bytes).bytes};
    for (unsigned index = 1; index < 6; ++index) {
        Bytes file = to_bytes(ShardHeader{small, index, id});
        const Bytes shard = index == 4 ? Bytes(size) : body(index);
        for (const ByteView part : {ByteView{shard}, ByteView{bytes}})
            file.insert(file.end(), part.begin(), part.end());
        const Bytes trailer = to_bytes(Trailer{bytes.size(), id});
        file.insert(file.end(), trailer.begin(), trailer.end());
        put_file(shards.directory / std::to_string(index), as_text(file));
    }
    std::vector<std::string> paths;
    for (const char* name : {"1", "2", "3", "4"}) paths.push_back(shards.directory / name);
    const ShardSet set = ShardSet::open(paths, id);
    std::size_t written = 0;
    for (const std::optional<ByteRange>& range : {std::optional<ByteRange>{}, {{0, 10}}})
        CHECK(exit_of([&] {
                  decode_set(set, [&](ByteView part) { written += part.size(); },
                             {.workers = 1, .range = range});
              }) == Exit::data);
    CHECK(written == 0);
    paths.back() = shards.directory / "5"; // true parity gives the true data
    CHECK(decode(paths) == shards.data);
}

TEST_CASE("trailers with hostile numbers are refused")
{
    const Shards shards{noise(1000)};
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{4096},
                                     std::uint64_t{1} << 40U, UINT64_MAX - 47, UINT64_MAX}) {
        shards.change(shards.file(0), [&](Bytes& bytes) {
            const Bytes trailer = to_bytes(Trailer{size, shards.id});
            std::ranges::copy(trailer, bytes.end() - std::ptrdiff_t(trailer.size()));
        });
        CHECK(decodes(shards));
        CHECK(faults(shards) == Faults{"000.shard is damaged"});
    }
}
