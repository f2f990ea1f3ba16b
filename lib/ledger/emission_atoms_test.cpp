#include "ledger/emission.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// What is minted in so many blocks of one space.
std::uint64_t mint(CccEmission& emission, std::uint64_t space_bytes, std::uint64_t blocks)
{
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < blocks; ++i) sum += emission.mint(space_bytes).atoms;
    return sum;
}

} // namespace

TEST_CASE("in the first phase a coin is minted for each GiB and 2^19 blocks, to the atom")
{
    for (const std::uint64_t gib : {1U, 3U, 1000U, 999'999U}) {
        CccEmission emission;
        CHECK(mint(emission, gib << 30U, std::uint64_t{1} << 12U) ==
              (gib * atoms_per_coin >> 7U)); // of 2^19 blocks
    }
    CccEmission nothing;
    CHECK(mint(nothing, 0, 100) == 0);
    CHECK(nothing == CccEmission{});
    CccEmission little; // 64 of 2^19 bytes' parts of an atom at a time: nothing is lost
    CHECK(mint(little, 1, 562'950) == 1);
}

TEST_CASE("each phase has half the coins of the one before, at half the rate")
{
    CccEmission emission;
    std::uint64_t coins = std::uint64_t{1} << 29U;
    std::uint64_t all = 0;
    for (std::uint64_t phase = 0; phase < ccc_phases; ++phase) {
        CHECK(emission.phase == phase);
        CHECK(emission.left.atoms == coins * atoms_per_coin);
        CHECK(emission.rate(ccc_space_max).atoms == 2048 * atoms_per_coin >> phase);
        all += emission.left.atoms;
        emission.skip(emission.left);
        coins = std::max<std::uint64_t>(coins / 2, 1);
    }
    CHECK(all == ccc_cap.atoms);
    CHECK(emission.phase == ccc_phases);
    CHECK(emission.mint(ccc_space_max) == Amount{});
    CHECK(emission.left == Amount{});
}

TEST_CASE("coins that there were at the beginning are as if they had been minted")
{
    CccEmission minted;
    const std::uint64_t amount = mint(minted, ccc_space_max, 400'000); // into the second phase
    CccEmission skipped;
    skipped.skip({amount});
    CHECK(skipped.phase == minted.phase);
    CHECK(skipped.left == minted.left);
    CccEmission whole;
    whole.skip(ccc_cap);
    CHECK(whole.phase == ccc_phases);
}

TEST_CASE("the last coin is minted in block 2^23 of an EiB" * doctest::test_suite("exhaustive"))
{
    CccEmission emission;
    CHECK(mint(emission, ccc_space_max, (std::uint64_t{1} << 23U) - 1) < ccc_cap.atoms);
    CHECK(emission.phase < ccc_phases);
    (void)emission.mint(ccc_space_max);
    CHECK(emission.phase == ccc_phases);
}

TEST_CASE("the steps of a year of points are together its share, whatever their number")
{
    Dice dice{1};
    for (int i = 0; i < 200; ++i) {
        const Amount base{dice.below(std::uint64_t{1} << 47U) << dice.below(16)};
        const std::uint64_t per_mille = dice.below(1001);
        const std::uint64_t epochs = 1 + dice.below(400);
        std::uint64_t sum = 0;
        std::uint64_t least = UINT64_MAX;
        std::uint64_t most = 0;
        for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
            const std::uint64_t atoms = points_minted(base, per_mille, epoch, epochs).atoms;
            sum += atoms;
            least = std::min(least, atoms);
            most = std::max(most, atoms);
        }
        CHECK(sum == static_cast<std::uint64_t>(Uint128{base.atoms} * per_mille / 1000));
        CHECK(most - least <= 1);
    }
    CHECK(points_minted({UINT64_MAX}, 1000, 99'999, 100'000).atoms == UINT64_MAX / 100'000 + 1);
}
