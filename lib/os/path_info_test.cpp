#include "os/path_info.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;

TEST_CASE("a path tells what it is, a symbolic link not followed")
{
    const TestDirectory place;
    put_file(place / "file", "text");
    REQUIRE(::chmod((place / "file").c_str(), 0640) == 0);
    REQUIRE(::symlink("nowhere", (place / "link").c_str()) == 0);
    REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
    const auto file = look_at_path(place / "file");
    REQUIRE(file.has_value());
    CHECK(file->kind == PathInfo::Kind::file);
    CHECK(file->mode == 0640);
    CHECK(file->size == 4);
    CHECK(file->mtime_ns > 1'500'000'000'000'000'000);
    const auto link = look_at_path(place / "link");
    REQUIRE(link.has_value());
    CHECK(link->kind == PathInfo::Kind::symlink);
    CHECK(link->target == "nowhere");
    CHECK(look_at_path(place.path())->kind == PathInfo::Kind::directory);
    CHECK(look_at_path(place / "pipe")->kind == PathInfo::Kind::other);
    CHECK_FALSE(look_at_path(place / "none").has_value());
    CHECK_FALSE(look_at_path(place / "file/none").has_value());
    CHECK(exit_of([&] { look_at_path(place / std::string(300, 'x')); }) == Exit::noinput);
}
