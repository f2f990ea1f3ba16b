#include "os/disk.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("what lies in one place lies on one disk")
{
    const TestDirectory directory;
    put_file(directory / "file", "x");
    const Disk disk = disk_of(directory / "file");
    CHECK_FALSE(disk.name.empty());
    CHECK(disk.name.find('/') == std::string::npos);
    CHECK(disk_of(directory.path()) == disk);
    CHECK(disk_of("/proc").name != disk.name);
    CHECK(exit_of([&] { (void)disk_of(directory / "none"); }) == Exit::noinput);
}

TEST_CASE("files of one place are on one file system and take what is written to them")
{
    const TestDirectory directory;
    put_file(directory / "file", std::string(100'000, 'x'));
    CHECK(file_system_of(directory / "file") == file_system_of(directory.path()));
    CHECK(file_system_of("/proc") != file_system_of(directory.path()));
    CHECK(exit_of([&] { (void)file_system_of(directory / "none"); }) == Exit::noinput);
    CHECK(allocated_size(directory / "file") >= 100'000);
    CHECK(allocated_size(directory / "none") == 0);
}
