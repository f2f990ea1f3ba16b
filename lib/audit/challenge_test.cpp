#include "audit/challenge.hpp"

#include "audit/testing.hpp"

#include <cmath>
#include <set>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::size_t rounds = 1000;
constexpr double sigmas_max = 4.5; // once in 150 000, and the seeds are fixed

/// The numbers of the blocks that a challenge asks for, counted through the files.
std::vector<std::uint64_t> numbers_of(const AuditChallenge& challenge,
                                      std::span<const AuditedFile> files)
{
    std::vector<std::uint64_t> numbers;
    for (const AskedBlock& asked : challenge.blocks) {
        REQUIRE(asked.file < files.size());
        REQUIRE(asked.index < files[asked.file].blocks);
        std::uint64_t number = asked.index;
        for (std::size_t i = 0; i < asked.file; ++i) number += files[i].blocks;
        numbers.push_back(number);
    }
    return numbers;
}

/// The chance that none of `asked` different blocks is one of `lost`.
double chance_of_luck(std::size_t total, std::size_t lost, std::size_t asked)
{
    double chance = 1;
    for (std::size_t i = 0; i < asked; ++i)
        chance *= static_cast<double>(total - lost - i) / static_cast<double>(total - i);
    return chance;
}

/// Chi-square of counts, over its expectation in standard deviations, where each round has drawn
/// `asked` different numbers.
double deviation(std::span<const std::size_t> counts, std::size_t asked)
{
    const auto cells = static_cast<double>(counts.size());
    const double share = static_cast<double>(asked) / cells;
    const double expected = rounds * share;
    double sum = 0;
    for (const std::size_t count : counts)
        sum += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected);
    const double chi_square = sum / (expected * (1 - share)) * (cells - 1) / cells;
    return (chi_square - (cells - 1)) / std::sqrt(2 * (cells - 1));
}

} // namespace

TEST_CASE("a provider that has lost blocks is caught as often as the numbers say")
{
    const std::array files{AuditedFile{{}, 300}, AuditedFile{{}, 1}, AuditedFile{{}, 699}};
    for (const std::size_t lost : {10U, 50U, 100U}) // 1, 5 and 10 %
        for (const std::size_t asked : {16U, 32U, 64U}) {
            const auto is_lost = [&](std::uint64_t number) {
                return number * 367 % 1000 < lost; // scattered
            };
            std::size_t caught = 0;
            for (std::size_t round = 0; round < rounds; ++round) {
                const auto seed = numbered_seed(round + 10'000 * asked + 1'000'000 * lost);
                const auto numbers = numbers_of(expand(seed, files, asked), files);
                if (std::ranges::any_of(numbers, is_lost)) ++caught;
            }
            const double chance = 1 - chance_of_luck(1000, lost, asked);
            const double sigma = std::sqrt(rounds * chance * (1 - chance));
            CAPTURE(lost);
            CAPTURE(asked);
            CAPTURE(caught);
            CHECK(std::abs(static_cast<double>(caught) - rounds * chance) < sigmas_max * sigma);
            // As the manual says, which counts as if blocks could be asked for twice.
            CHECK(std::abs(
                      std::pow(1 - static_cast<double>(lost) / 1000, static_cast<double>(asked)) -
                      (1 - chance)) < 0.02);
        }
}

TEST_CASE("a proof without the blocks that were lost is wrong when one of them is asked for" *
          doctest::test_suite("answers"))
{
    const AuditSecret secret{noise(32, 1)};
    const ProverKey key = secret.prover_key(4);
    const Tagged whole = tag_file(secret, 4, noise(40 * 124, 5));
    Tagged holed = whole; // zeros in the place of 2 of 40 blocks
    for (const std::size_t lost : {13U, 31U})
        std::fill_n(holed.data.begin() + static_cast<std::ptrdiff_t>(lost * 124), 124, std::byte{});
    std::size_t caught = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const StorageStatement statement = statement_about({&whole, 1}, seed, 16);
        const auto numbers = numbers_of(statement.challenge, statement.files);
        const bool is_asked = std::ranges::find(numbers, 13U) != numbers.end() ||
                              std::ranges::find(numbers, 31U) != numbers.end();
        caught += is_asked ? 1 : 0;
        CHECK(verify(statement, prove({&holed, 1}, statement, key)) != is_asked);
        CHECK(verify(statement, prove({&whole, 1}, statement, key)));
    }
    CHECK(caught > 15); // of 40 with 0.65: 26
    CHECK(caught < 37);
}

TEST_CASE("each block is asked for as often as any other, and at any place")
{
    for (const std::size_t total : {17U, 64U, 100U, 257U}) {
        const std::array files{AuditedFile{{}, total / 3}, AuditedFile{{}, total - total / 3}};
        std::vector<std::size_t> met(total);
        std::vector<std::size_t> first(total);
        std::vector<std::size_t> last(total);
        for (std::size_t round = 0; round < rounds; ++round) {
            const auto numbers =
                numbers_of(expand(numbered_seed(round + 1'000'000 * total), files, 16), files);
            for (const std::uint64_t number : numbers) ++met[number];
            ++first[numbers.front()];
            ++last[numbers.back()];
        }
        CAPTURE(total);
        CHECK(std::abs(deviation(met, 16)) < sigmas_max);
        CHECK(std::abs(deviation(first, 1)) < sigmas_max);
        CHECK(std::abs(deviation(last, 1)) < sigmas_max);
    }
}

TEST_CASE("each block is asked for once, and all of them where there are no more")
{
    const std::array files{AuditedFile{{}, 5}, AuditedFile{{}, 1}, AuditedFile{{}, 14}};
    for (std::size_t count = 1; count <= 24; ++count)
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const AuditChallenge challenge = expand(numbered_seed(seed), files, count);
            const auto numbers = numbers_of(challenge, files);
            CHECK(numbers.size() == std::min<std::size_t>(count, 20));
            const std::set<std::uint64_t> different{numbers.begin(), numbers.end()};
            CHECK(different.size() == numbers.size());
            if (count >= 20) CHECK(std::ranges::is_sorted(numbers)); // they are in order
        }
    const std::array single{AuditedFile{{}, 1}};
    CHECK(numbers_of(expand(numbered_seed(1), single, 1), single) == std::vector<std::uint64_t>{0});
    CHECK(numbers_of(expand(numbered_seed(1), single, asked_blocks_max), single).size() == 1);
    const std::array most{AuditedFile{{}, asked_blocks_max}};
    CHECK(expand(numbered_seed(1), most, asked_blocks_max).blocks.size() == asked_blocks_max);
    CHECK(numbers_of(expand(numbered_seed(1), most, asked_blocks_max - 1), most).size() ==
          asked_blocks_max - 1);
}

TEST_CASE("blocks of the largest files are drawn from all of them")
{
    // Of 3 2^61 words a quarter of all is left over, which must not make some likelier.
    const std::uint64_t total = 3 * (std::uint64_t{1} << 61U);
    const std::array files{AuditedFile{{}, total / 3}, AuditedFile{{}, total / 3},
                           AuditedFile{{}, total / 3}};
    std::vector<std::size_t> met(3);
    for (std::size_t round = 0; round < rounds; ++round)
        for (const AskedBlock& asked : expand(numbered_seed(round), files, 16).blocks)
            ++met[asked.file];
    const double sigma = std::sqrt(rounds * 16 * 2 / 9.0);
    for (const std::size_t count : met)
        CHECK(std::abs(static_cast<double>(count) - rounds * 16 / 3.0) < sigmas_max * sigma);
    const std::array largest{AuditedFile{{}, (std::uint64_t{1} << 63U) - 1}};
    CHECK(numbers_of(expand(numbered_seed(1), largest, 16), largest).size() == 16);
}

TEST_CASE("factors and points differ, and depend on the seed alone")
{
    const std::array files{AuditedFile{{}, 10}};
    const std::array others{AuditedFile{filled<AuditFileId>(1), 7}, AuditedFile{{}, 30}};
    const AuditChallenge challenge = expand(numbered_seed(1), files, 10);
    const AuditChallenge again = expand(numbered_seed(1), others, 10);
    CHECK(challenge.point == again.point);
    for (std::size_t i = 0; i < 10; ++i) {
        const Scalar& factor = challenge.blocks[i].factor;
        CHECK(factor == again.blocks[i].factor);
        CHECK_FALSE(factor.is_zero());
        const auto words = factor.to_words();
        CHECK(words[2] == 0); // 128 bits
        CHECK(words[3] == 0);
        for (std::size_t k = 0; k < i; ++k) CHECK_FALSE(factor == challenge.blocks[k].factor);
    }
    CHECK(challenge.point.to_words()[3] != 0);
    const AuditChallenge other = expand(numbered_seed(2), files, 10);
    CHECK_FALSE(other.point == challenge.point);
    CHECK_FALSE(other.blocks[0].factor == challenge.blocks[0].factor);
}

TEST_CASE("a file's id is that of its content, its size, its blocks and its owner's key")
{
    const AuditKeyId key = filled<AuditKeyId>(1);
    const Bytes root = noise(32);
    const AuditFileId id = audit_file_id(key, 16, 1000, root);
    for (std::size_t bit = 0; bit < 256; ++bit) {
        CHECK_FALSE(audit_file_id(key, 16, 1000, with_bit_changed(root, bit)) == id);
        AuditKeyId other;
        std::ranges::copy(with_bit_changed(key.bytes, bit), other.bytes.begin());
        CHECK_FALSE(audit_file_id(other, 16, 1000, root) == id);
    }
    for (std::size_t bit = 0; bit < 64; ++bit)
        CHECK_FALSE(audit_file_id(key, 16, 1000 ^ std::uint64_t{1} << bit, root) == id);
    for (std::size_t bit = 0; bit < 32; ++bit)
        CHECK_FALSE(audit_file_id(key, 16 ^ 1U << bit, 1000, root) == id);
    CHECK(audit_file_id(key, 16, 1000, root) == id);
}

TEST_CASE("all bits of an index are in its point")
{
    const AuditFileId file = filled<AuditFileId>(1);
    std::vector<G1> points{index_point(file, 0), index_point(filled<AuditFileId>(2), 0)};
    for (std::size_t bit = 0; bit < 64; ++bit)
        points.push_back(index_point(file, std::uint64_t{1} << bit));
    for (std::size_t i = 0; i < points.size(); ++i) {
        CHECK(points[i].is_in_group());
        CHECK_FALSE(points[i].is_infinity());
        for (std::size_t k = 0; k < i; ++k) CHECK_FALSE(points[i] == points[k]);
    }
}

TEST_CASE("the sum of index points is the sum of them, times their factors")
{
    const std::array files{AuditedFile{filled<AuditFileId>(1), 40},
                           AuditedFile{filled<AuditFileId>(2), 60}};
    std::vector<AskedBlock> blocks;
    G1 sum;
    CHECK(sum_of_index_points(files, blocks) == sum);
    for (std::size_t i = 0; i < 70; ++i) { // few terms, and many
        blocks.push_back({i % 2, i * 3 % 40, Scalar{i * i + 1}});
        sum += index_point(files[i % 2].id, i * 3 % 40).times_public(i * i + 1);
        CHECK(sum_of_index_points(files, blocks) == sum);
    }
}
