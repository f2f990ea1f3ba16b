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
