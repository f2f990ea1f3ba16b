#include "wallet/reversal.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("figures are those of cairn-poc(7)")
{
    CHECK(fork_gain(16) == doctest::Approx(1.468).epsilon(0.001));
    CHECK(fork_gain(1) == doctest::Approx(2.718).epsilon(0.001));
    CHECK(reversal_probability(0.10, 1, 12) == doctest::Approx(9.4e-7).epsilon(0.02));
    CHECK(reversal_probability(0.20, 1, 12) == doctest::Approx(0.0012).epsilon(0.05));
    CHECK(reversal_probability(0.25, 1, 12) == doctest::Approx(0.0093).epsilon(0.02));
    CHECK(reversal_probability(0.30, 1, 12) == doctest::Approx(0.043).epsilon(0.02));
    const double gain = fork_gain(16);
    CHECK(reversal_probability(0.10, gain, 12) == doctest::Approx(3.4e-5).epsilon(0.02));
    CHECK(reversal_probability(0.20, gain, 12) == doctest::Approx(0.017).epsilon(0.03));
    CHECK(reversal_probability(0.30, gain, 12) == doctest::Approx(0.26).epsilon(0.03));
}

TEST_CASE("it is certain without confirmations or against half, and falls with each block")
{
    CHECK(reversal_probability(0.1, 1, 0) == 1);
    CHECK(reversal_probability(0.5, 1, 1'000'000) == 1);
    CHECK(reversal_probability(0, 1, 1) == 0);
    double last = 1;
    for (std::uint64_t n = 1; n < 100; ++n) {
        const double next = reversal_probability(0.3, 1, n);
        CHECK(next < last);
        CHECK(next > 0);
        last = next;
    }
    CHECK(reversal_probability(0.1, 1, 5'000'000) < 1e-100);
}

TEST_CASE("longer epochs leave less to gain, down to nothing")
{
    double last = 3;
    for (const std::uint64_t blocks : std::array<std::uint64_t, 8>{1, 2, 4, 8, 16, 32, 64, 1024}) {
        const double gain = fork_gain(blocks);
        CHECK(gain < last);
        CHECK(gain >= 1);
        last = gain;
    }
    CHECK(fork_gain(0) == fork_gain(1));
}
