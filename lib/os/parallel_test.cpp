#include "os/parallel.hpp"

#include "base/error.hpp"
#include "base/testing.hpp"

#include <array>
#include <atomic>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("each piece of work is done once, whatever the threads")
{
    for (const std::size_t threads : {1U, 3U, 100U}) {
        std::array<std::atomic<int>, 50> done{};
        in_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
        for (const auto& each : done) CHECK(each == 1);
    }
    in_parallel(0, 4, [](std::size_t) { CHECK(false); });
}

TEST_CASE("an error leaves after all was tried")
{
    std::atomic<int> done{0};
    const auto work = [&](std::size_t i) {
        ++done;
        if (i % 5 == 2) throw Error{Exit::ioerr, "no"};
    };
    CHECK(exit_of([&] { in_parallel(20, 4, work); }) == Exit::ioerr);
    CHECK(done == 20);
}
