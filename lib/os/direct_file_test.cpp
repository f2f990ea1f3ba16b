#include "os/direct_file.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("what is written at any place, from any memory, is read again")
{
    const TestDirectory directory;
    const std::string path = directory / "file";
    DirectFile file = DirectFile::open_to_write(path);
    constexpr std::size_t size = 64UL * 1024;
    AlignedBuffer buffer{size};
    const Bytes data = noise(size);
    std::ranges::copy(data, buffer.bytes().begin());
    file.write_at(8192, buffer.bytes());                   // directly
    file.write_at(8192 + size, buffer.bytes().first(100)); // a size that is none
    file.write_at(100, buffer.bytes().first(4096));        // a place that is none
    file.write_at(4096, buffer.bytes().subspan(1, 4096));  // memory that is none
    file.sync();
    CHECK(file.size() == 8192 + size + 100);
    const std::string all = file_text(path);
    CHECK(all.substr(8192, size) == as_text(data));
    CHECK(all.substr(8192 + size) == as_text(data).substr(0, 100));
    CHECK(all.substr(100, 3996) == as_text(data).substr(0, 3996));
    CHECK(all.substr(4096, 4096) == as_text(data).substr(1, 4096));

    const DirectFile again = DirectFile::open(path);
    AlignedBuffer read{size};
    again.read_at(8192, read.bytes());
    CHECK(std::ranges::equal(read.bytes(), data));
    again.read_at(8193, read.bytes().first(1000));
    CHECK(std::ranges::equal(read.bytes().first(1000), ByteView{data}.subspan(1, 1000)));
    CHECK(exit_of([&] { again.read_at(12'288, read.bytes()); }) == Exit::data);
    CHECK(exit_of([&] { again.read_at(1 << 20U, read.bytes().first(1)); }) == Exit::data);
}

TEST_CASE("room is reserved as far as there is some")
{
    const TestDirectory directory;
    DirectFile file = DirectFile::open_to_write(directory / "file");
    file.allocate(1 << 20U);
    CHECK(file.size() == 1 << 20U);
    CHECK(file_text(directory / "file") == std::string(1 << 20U, '\0'));
    CHECK(exit_of([&] { file.allocate(std::uint64_t{1} << 62U); }) == Exit::ioerr);
}

TEST_CASE("what is no regular file is not opened")
{
    const TestDirectory directory;
    CHECK(exit_of([&] { DirectFile::open(directory / "none"); }) == Exit::noinput);
    CHECK(exit_of([&] { DirectFile::open(directory.path()); }) == Exit::noinput);
    CHECK(exit_of([&] { DirectFile::open("/dev/zero"); }) == Exit::noinput);
    CHECK(exit_of([&] { DirectFile::open_to_write(directory / "none/file"); }) == Exit::cantcreat);
}

TEST_CASE("memory of any size begins where disks want it")
{
    for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{5} << 20U}) {
        AlignedBuffer buffer{size};
        CHECK(buffer.bytes().size() == size);
        CHECK(reinterpret_cast<std::uintptr_t>(buffer.bytes().data()) % AlignedBuffer::alignment ==
              0);
    }
}
