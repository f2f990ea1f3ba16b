#include "ledger/emission.hpp"

#include "crypto/testing.hpp"

#include <sstream>

#include <doctest/doctest.h>

// tests/data/ledger/emission.txt has what a model of its own mints.

using namespace cairn;

namespace {

/// The numbers of the lines of a kind.
std::vector<std::vector<std::uint64_t>> golden(const std::string& kind)
{
    std::vector<std::vector<std::uint64_t>> lines;
    std::istringstream file{test_data("ledger/emission.txt")};
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string word;
        words >> word;
        if (word != kind) continue;
        std::vector<std::uint64_t>& numbers = lines.emplace_back();
        for (std::uint64_t number = 0; words >> number;) numbers.push_back(number);
    }
    REQUIRE_FALSE(lines.empty());
    return lines;
}

/// splitmix64.
class Noise {
public:
    explicit Noise(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next()
    {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27U) * 0x94d049bb133111eb;
        return z ^ z >> 31U;
    }

private:
    std::uint64_t state_;
};

} // namespace

TEST_CASE("at an EiB the last coin is found in minute 2^23, and a year has what the model has" *
          doctest::test_suite("exhaustive"))
{
    constexpr std::uint64_t last_minute = std::uint64_t{1} << 23U;
    constexpr std::uint64_t year_minutes = 525'600;
    CccEmission emission;
    Amount total;
    std::vector<std::vector<std::uint64_t>> phases{{0, 0}};
    std::vector<std::vector<std::uint64_t>> years;
    for (std::uint64_t minute = 1; minute <= last_minute; ++minute) {
        CHECK_UNARY(total < ccc_cap);
        const std::uint64_t before = emission.phase;
        total.atoms += emission.mint(ccc_space_max).atoms;
        for (std::uint64_t phase = before + 1; phase <= emission.phase; ++phase)
            phases.push_back({phase, minute});
        if (minute % year_minutes == 0) years.push_back({minute / year_minutes, total.atoms});
    }
    CHECK(phases == golden("phase"));
    CHECK(phases[30][1] == 15 * (std::uint64_t{1} << 19U));
    CHECK(years == golden("year"));
    CHECK(total == ccc_cap);
    CHECK(emission.mint(ccc_space_max) == Amount{});
}

TEST_CASE("what is minted for spaces of all sizes is what the model mints")
{
    Noise noise{1};
    CccEmission emission;
    std::uint64_t total = 0;
    std::uint64_t checksum = 0;
    std::uint64_t step = 0;
    for (const std::vector<std::uint64_t>& expected : golden("steps")) {
        for (; step < expected[0]; ++step) {
            const std::uint64_t space = noise.next();
            const std::uint64_t minted =
                emission.mint(std::min(space >> noise.next() % 20, ccc_space_max)).atoms;
            total += minted;
            checksum = checksum * 6364136223846793005 + minted;
        }
        CHECK(std::vector<std::uint64_t>{step, emission.phase, emission.left.atoms,
                                         static_cast<std::uint64_t>(emission.rest >> 64U),
                                         static_cast<std::uint64_t>(emission.rest), total,
                                         checksum} == expected);
        emission.skip({emission.left.atoms - emission.left.atoms / 1000});
    }
    CHECK(step == 300'000);
}

TEST_CASE("points grow by 2.5 % a year, exactly, whatever the epochs")
{
    std::uint64_t supply = 1'000'000'000'000'000'000;
    for (const std::vector<std::uint64_t>& expected : golden("points")) {
        for (const std::uint64_t epochs : {1U, 7U, 365U}) {
            std::uint64_t minted = 0;
            for (std::uint64_t epoch = 0; epoch < epochs; ++epoch)
                minted += points_minted({supply}, 25, epoch, epochs).atoms;
            CHECK(supply + minted == expected[1]);
        }
        supply = expected[1];
    }
    CHECK(supply / 1'000'000'000'000 == 1'638'616);
}

TEST_CASE("the foundation's share is rounded down")
{
    for (const std::vector<std::uint64_t>& expected : golden("share"))
        CHECK(share_of({expected[0]}, 5, 1000).atoms == expected[1]);
}
