#include "os/machine.hpp"

#include <thread>

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace cairn;

TEST_CASE("memory that is left is less than there is")
{
    const auto total = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    CHECK(available_memory() > 0);
    CHECK(available_memory() < total);
}

TEST_CASE("a thread works when idle, and so do those that it makes, but no others")
{
    int policy = -1;
    int nice = 0;
    std::thread{[&] {
        work_when_idle();
        std::thread{[&] {
            policy = ::sched_getscheduler(0);
            nice = ::getpriority(PRIO_PROCESS, 0);
        }}.join();
    }}.join();
    CHECK(policy == SCHED_IDLE);
    CHECK(nice == 19);
    CHECK(::sched_getscheduler(0) != SCHED_IDLE);
}
