#include "stream/spool.hpp"

#include "base/testing.hpp"
#include "os/testing.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

Bytes read(const Spool& spool, std::uint64_t offset, std::size_t size)
{
    Bytes bytes(size);
    spool.read_at(offset, bytes);
    return bytes;
}

} // namespace

TEST_CASE("a spool gives back what was appended, at any place")
{
    const TestDirectory directory;
    Spool spool{directory.path()};
    CHECK(spool.size() == 0);
    CHECK(read(spool, 0, 0).empty());
    const Bytes data = noise(1000);
    for (std::size_t at = 0; at < data.size(); at += 7)
        spool.append(ByteView{data}.subspan(at, std::min<std::size_t>(7, data.size() - at)));
    spool.append({});
    CHECK(spool.size() == data.size());
    CHECK(read(spool, 0, 1000) == data);
    CHECK(read(spool, 999, 1) == Bytes{data.back()});
    CHECK(read(spool, 1000, 0).empty());
}

TEST_CASE("a spool is the same before and after it becomes a file")
{
    const TestDirectory directory;
    Spool spool{directory.path()};
    const Bytes data = noise(Spool::memory_max + 100'000);
    std::size_t size = 0;
    const auto append = [&](std::size_t count) {
        spool.append(ByteView{data}.subspan(size, count));
        size += count;
        CHECK(spool.size() == size);
        CHECK(std::ranges::equal(read(spool, 0, size), ByteView{data}.first(size)));
    };
    append(Spool::memory_max - 1); // in memory
    append(1);                     // full, still in memory
    append(1);                     // a file from here on
    append(50'000);
    const std::size_t across = Spool::memory_max - 10;
    CHECK(std::ranges::equal(read(spool, across, 20), ByteView{data}.subspan(across, 20)));
    CHECK(read(spool, 0, 1) == Bytes{data.front()});
    CHECK(list_directory(directory.path()).empty()); // it has no name
}

TEST_CASE("one piece larger than the memory goes to a file at once")
{
    const TestDirectory directory;
    Spool spool{directory.path()};
    const Bytes data = noise(Spool::memory_max + 1);
    spool.append(data);
    CHECK(read(spool, 0, data.size()) == data);
}

TEST_CASE("a spool that needs a file where none can be made says so")
{
    const TestDirectory directory;
    Spool spool{directory / "nowhere"};
    const Bytes data(Spool::memory_max);
    spool.append(data);
    CHECK(exit_of([&] { spool.append(ByteView{data}.first(1)); }) == Exit::cantcreat);
}
