#include "net/detail/admission.hpp"

#include <doctest/doctest.h>

using namespace cairn::detail;

namespace {

unsigned admitted(Admission& admission, const std::string& address, std::uint64_t now_ms,
                  unsigned tries)
{
    unsigned count = 0;
    for (unsigned i = 0; i < tries; ++i)
        if (admission.admit(address, now_ms)) ++count;
    return count;
}

} // namespace

TEST_CASE("an address begins a burst of handshakes, then so many a second")
{
    Admission admission{{.address_rate_per_s = 10, .total_rate_per_s = 1000}, 5'000};
    CHECK(admitted(admission, "10.0.0.1", 5'000, 100) == 30);
    CHECK(admitted(admission, "10.0.0.1", 5'099, 100) == 0);
    CHECK(admitted(admission, "10.0.0.1", 5'100, 100) == 1);
    CHECK(admitted(admission, "10.0.0.1", 6'100, 100) == 10);
    CHECK(admitted(admission, "10.0.0.1", 600'000, 100) == 30);
}

TEST_CASE("one address does not use up another's share")
{
    Admission admission{{.address_rate_per_s = 10, .total_rate_per_s = 1000}, 0};
    CHECK(admitted(admission, "10.0.0.1", 0, 1000) == 30);
    CHECK(admitted(admission, "10.0.0.2", 0, 1000) == 30);
}

TEST_CASE("all addresses together have a limit")
{
    Admission admission{{.address_rate_per_s = 10, .total_rate_per_s = 100}, 0};
    unsigned count = 0;
    for (unsigned i = 0; i < 20; ++i)
        count += admitted(admission, "10.0.1." + std::to_string(i), 0, 30);
    CHECK(count == 10 * 30 + 10 * 3);
    CHECK(admitted(admission, "10.0.2.1", 0, 30) == 3); // it has used little
    CHECK(admitted(admission, "10.0.2.1", 1'000, 30) == 10);
}

TEST_CASE("the addresses of an IPv6 network count as one")
{
    CHECK(Admission::group_of("2001:db8:1:2:3:4:5:6") == Admission::group_of("2001:db8:1:2::7"));
    CHECK(Admission::group_of("2001:db8:1:2:3:4:5:6") != Admission::group_of("2001:db8:1:3::7"));
    CHECK(Admission::group_of("2001:db8::1") == Admission::group_of("2001:db8::ffff:1"));
    CHECK(Admission::group_of("::1") == Admission::group_of("::2"));
    CHECK(Admission::group_of("192.0.2.1") == "192.0.2.1");
    CHECK(Admission::group_of("") == "");
}

TEST_CASE("however many addresses come, only so many are remembered")
{
    Admission admission{{.address_rate_per_s = 1, .total_rate_per_s = 1'000'000}, 0};
    for (std::size_t i = 0; i < Admission::addresses_max; ++i)
        CHECK(admission.admit("a" + std::to_string(i), 0));
    // The next share one bucket, until others are idle.
    CHECK(admission.admit("b1", 0));
    CHECK(admission.admit("b2", 0));
    CHECK(admission.admit("b3", 0));
    CHECK_FALSE(admission.admit("b4", 0));
    CHECK(admission.admit("b5", 5'000));
    CHECK(admission.admit("b6", 5'000));
    CHECK(admission.admit("b7", 5'000));
    CHECK(admission.admit("b8", 5'000));
}
