#include "os/append_file.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace cairn;

namespace {

void append(AppendFile& file, std::string_view text)
{
    const ByteView part = as_bytes(text);
    file.append({&part, 1});
}

} // namespace

TEST_CASE("an append file keeps what was written, for its owner alone")
{
    const TestDirectory directory;
    const std::string path = directory / "log";
    {
        AppendFile file = AppendFile::open(path);
        CHECK(file.size() == 0);
        append(file, "one");
        append(file, "two");
        file.sync();
        CHECK(file.size() == 6);
    }
    struct stat status = {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    AppendFile file = AppendFile::open(path);
    CHECK(file.size() == 6);
    Bytes bytes(10);
    CHECK(file.read_at(2, bytes) == 4);
    CHECK(as_text(ByteView{bytes}.first(4)) == "etwo");
    file.truncate(4);
    append(file, "X");
    CHECK(file_text(path) == "onetX");
    file.remove();
    CHECK(file_text(path) == "(none)");
}

TEST_CASE("an append file has one user at a time")
{
    const TestDirectory directory;
    const AppendFile file = AppendFile::open(directory / "log");
    CHECK(exit_of([&] { AppendFile::open(directory / "log"); }) == Exit::tempfail);
}

TEST_CASE("an append file that others may read, or that is none, is refused")
{
    const TestDirectory directory;
    put_file(directory / "open", "x");
    REQUIRE(::chmod((directory / "open").c_str(), 0640) == 0);
    CHECK(exit_of([&] { AppendFile::open(directory / "open"); }) == Exit::noperm);
    CHECK(exit_of([&] { AppendFile::open(directory.path()); }) == Exit::cantcreat);
    CHECK(exit_of([&] { AppendFile::open(directory / "no/where"); }) == Exit::cantcreat);
}
