#include "ledger/amount.hpp"

#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

TEST_CASE("an amount is read exactly, as coins or as atoms")
{
    const auto atoms = [](std::string_view text) -> std::optional<std::uint64_t> {
        const auto amount = parse_amount(text);
        if (!amount) return std::nullopt;
        return amount->atoms;
    };
    CHECK(atoms("0") == 0);
    CHECK(atoms("0.0") == 0);
    CHECK(atoms("0atoms") == 0);
    CHECK(atoms("1") == atoms_per_coin);
    CHECK(atoms("0.1") == 100'000'000);
    CHECK(atoms("0.000000001") == 1);
    CHECK(atoms("1.000000000") == atoms_per_coin);
    CHECK(atoms("5atoms") == 5);
    CHECK(atoms("12.5") == 12'500'000'000);
    CHECK(atoms("9223372036.854775808") == std::uint64_t{1} << 63U);
    CHECK(atoms("9223372036854775808atoms") == std::uint64_t{1} << 63U);
    CHECK(atoms("18446744073.709551615") == UINT64_MAX);
    CHECK(atoms("18446744073709551615atoms") == UINT64_MAX);
}

TEST_CASE("what is no amount is not read")
{
    for (const std::string_view bad :
         {"",        "-1",      "+1",       "-0",        "1e3",     "1E3",      "00",
          "01",      "1.",      ".5",       ".",         "1..5",    "1.5.0",    "0.0000000001",
          "1,5",     "1 ",      " 1",       "1\n",       "0x10",    "1.5atoms", "atoms",
          "-5atoms", "5 atoms", "5Atoms",   "5atom",     "5atomss", "05atoms",  "1.0000000000",
          "1._",     "1.-5",    "1.+5",     "1. 5",      "inf",     "nan",      "5atomsatoms",
          "1'000",   "1_000",   "\xd9\xa1", "1.\xd9\xa1"})
        CHECK_MESSAGE(!parse_amount(bad), bad);
    CHECK_FALSE(parse_amount(std::string_view{"1\0", 2}));
}

TEST_CASE("what is more than 2^64 - 1 atoms is not read")
{
    for (const std::string_view bad :
         {"18446744073.709551616", "18446744073.71", "18446744074", "18446744073709551615",
          "18446744073709551616", "99999999999999999999999", "18446744073709551616atoms",
          "36893488147419103232atoms", "18446744073709551617"})
        CHECK_MESSAGE(!parse_amount(bad), bad);
}

TEST_CASE("what is written of an amount is read as the same, and as short as can be")
{
    CHECK(to_text(Amount{0}) == "0");
    CHECK(to_text(Amount{1}) == "0.000000001");
    CHECK(to_text(Amount{1'500'000'000}) == "1.5");
    CHECK(to_text(Amount{10 * atoms_per_coin}) == "10");
    CHECK(to_text(Amount{10 * atoms_per_coin + 10}) == "10.00000001");
    CHECK(to_text(Amount{UINT64_MAX}) == "18446744073.709551615");
    Dice dice{1};
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t word =
            dice.below(1U << 31U) << 33U ^ dice.below(std::uint64_t{1} << 40U);
        const Amount amount{word >> dice.below(64)};
        const std::string text = to_text(amount);
        CHECK(parse_amount(text) == amount);
        CHECK(parse_amount(std::to_string(amount.atoms) + "atoms") == amount);
        if (text.find('.') != text.npos) CHECK(text.back() != '0');
    }
}

TEST_CASE("sums and differences that cannot be are none")
{
    constexpr Amount most{UINT64_MAX};
    CHECK(plus(most, {0}) == most);
    CHECK_FALSE(plus(most, {1}));
    CHECK_FALSE(plus({std::uint64_t{1} << 63U}, {std::uint64_t{1} << 63U}));
    CHECK(plus({(std::uint64_t{1} << 63U) - 1}, {std::uint64_t{1} << 63U}) == most);
    CHECK(minus(most, most) == Amount{});
    CHECK_FALSE(minus({0}, {1}));
    CHECK(minus({5}, {2}) == Amount{3});
}

TEST_CASE("shares are rounded down and do not overflow")
{
    CHECK(share_of({UINT64_MAX}, UINT64_MAX, UINT64_MAX).atoms == UINT64_MAX);
    CHECK(share_of({UINT64_MAX}, 5, 1000).atoms == 92'233'720'368'547'758);
    CHECK(share_of({199}, 5, 1000).atoms == 0);
    CHECK(share_of({200}, 5, 1000).atoms == 1);
    CHECK(share_of({0}, 1, 1).atoms == 0);
    Dice dice{2};
    for (int i = 0; i < 2000; ++i) { // what is given to one and the other is the whole, or one less
        const Amount whole{dice.below(std::uint64_t{1} << 48U) << dice.below(16)};
        const std::uint64_t parts = 1 + dice.below(1'000'000);
        const std::uint64_t part = dice.below(parts + 1);
        const std::uint64_t sum =
            share_of(whole, part, parts).atoms + share_of(whole, parts - part, parts).atoms;
        CHECK(sum <= whole.atoms);
        CHECK(whole.atoms - sum <= 1);
    }
}

TEST_CASE("heights do not go round")
{
    CHECK((Height{5} + 7).value == 12);
    CHECK((Height{UINT32_MAX} + 1).value == UINT32_MAX);
    CHECK((Height{UINT32_MAX - 1} + 1).value == UINT32_MAX);
    CHECK((Height{1} + UINT32_MAX).value == UINT32_MAX);
}
