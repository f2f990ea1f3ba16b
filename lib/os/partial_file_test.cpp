#include "os/partial_file.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <optional>

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace cairn;

namespace {

std::string part_of(const std::string& path)
{
    return PartialFile::name_of_part(path);
}

} // namespace

TEST_CASE("a file appears under its name when it is whole")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    PartialFile file{path};
    CHECK(file.size() == 0);
    file.write(as_bytes("abc"));
    file.write(as_bytes("def"));
    CHECK(file_text(path) == "(none)");
    file.commit();
    CHECK(file_text(path) == "abcdef");
    CHECK_FALSE(exists(part_of(path)));
    CHECK(exit_of([&] { PartialFile{path}; }) == Exit::cantcreat);
}

TEST_CASE("what was written stays for the next run, which goes on where it likes")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    {
        PartialFile file{path};
        file.write(as_bytes("abcdef"));
    }
    CHECK(file_text(part_of(path)) == "abcdef");
    {
        PartialFile file{path};
        CHECK(file.size() == 6);
        Bytes front(4);
        CHECK(file.read_at(2, front) == 4);
        CHECK(as_text(front) == "cdef");
        file.truncate(3);
        file.write(as_bytes("xyz"));
        file.commit();
    }
    CHECK(file_text(path) == "abcxyz");
}

TEST_CASE("nothing stays where nothing was written")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    {
        const PartialFile file{path};
        CHECK(exists(part_of(path)));
    }
    CHECK_FALSE(exists(part_of(path)));
    put_file(part_of(path), "old");
    PartialFile{path}.truncate(0);
    CHECK_FALSE(exists(part_of(path)));
}

TEST_CASE("one process at a time makes a file")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    std::optional<PartialFile> first;
    first.emplace(path);
    first->write(as_bytes("abc"));
    CHECK(exit_of([&] { PartialFile{path}; }) == Exit::tempfail);
    CHECK(exists(part_of(path)));
    first.reset();
    CHECK(exit_of([&] { PartialFile{path}; }) == Exit::ok);
}

TEST_CASE("what is in the way is left as it is")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    REQUIRE(::mkfifo(part_of(path).c_str(), 0600) == 0);
    CHECK(exit_of([&] { PartialFile{path}; }) == Exit::cantcreat);
    CHECK(exists(part_of(path)));
    std::remove(part_of(path).c_str());

    PartialFile file{path};
    file.write(as_bytes("abc"));
    put_file(path, "another");
    CHECK(exit_of([&] { file.commit(); }) == Exit::cantcreat);
    CHECK(file_text(path) == "another");
    CHECK(exit_of([&] { PartialFile{directory / "none/file"}; }) == Exit::cantcreat);
}
