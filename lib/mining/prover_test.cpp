#include "mining/prover.hpp"

#include "base/testing.hpp"
#include "os/directory.hpp"
#include "os/testing.hpp"

#include <filesystem>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// Plots of noise, as small as plots can be, and the hits that they have.
class Field {
public:
    std::string add(const std::string& name, std::size_t nonces, std::uint64_t seed)
    {
        std::string path = directory_ / name;
        put_file(path, as_text(noise(nonces * nonce_size, seed)));
        return path;
    }

    [[nodiscard]] const TestDirectory& directory() const { return directory_; }

    /// What the plots say of claims, unless they are of `liar`.
    [[nodiscard]] Prover::HitsOf hits(std::uint64_t liar = 0) const
    {
        return [this, liar](std::span<const Claim> claims) {
            std::vector<Hit> hits;
            for (const Claim& claim : claims) {
                const auto& where = std::get<NonceClaim>(claim.where);
                hits.push_back(where.account.value == liar ? Hit{1} : hit_in_plot(claim));
            }
            return hits;
        };
    }

    [[nodiscard]] Hit hit_in_plot(const Claim& claim) const
    {
        const auto& where = std::get<NonceClaim>(claim.where);
        for (const std::string& path : find_plots(directory_.path())) {
            const PlotFile plot{path};
            const auto& spec = std::get<Poc2Plot>(plot.spec());
            if (spec.account != where.account) continue;
            Bytes scoop(scoop_size);
            plot.read_at(run_of(spec, claim.scoop, where.nonce.value - spec.start.value, 1).offset,
                         scoop);
            return hit_of(claim.challenge, scoop);
        }
        return {0};
    }

private:
    TestDirectory directory_;
};

Announcement round_with(std::uint64_t seed)
{
    Announcement round{
        .challenge = {}, .height = {}, .target = {7}, .deadline_max = {}, .window_ms = {}};
    std::ranges::copy(noise(32, seed), round.challenge.bytes.begin());
    return round;
}

} // namespace

TEST_CASE("the best of all plots is told, with its deadline and its plot")
{
    Field field;
    field.add("1_0_2", 2, 1);
    field.add("2_100_3", 3, 2);
    Prover prover{{field.directory().path()}, field.hits()};
    CHECK(prover.refresh().empty());
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Announcement round = round_with(seed);
        const Proof proof = prover.prove(round);
        REQUIRE(proof.answer);
        Hit best{UINT64_MAX};
        for (const auto& [account, start, count] :
             {std::tuple{1U, 0U, 2U}, std::tuple{2U, 100U, 3U}})
            for (std::uint64_t i = 0; i < count; ++i)
                best = std::min(best, field.hit_in_plot({NonceClaim{{account}, {start + i}},
                                                         round.challenge, round_of(round).scoop}));
        CHECK(proof.answer->hit == best);
        CHECK(proof.answer->deadline == best.value / 7);
        const Json json = to_json(proof, round);
        CHECK(json.member("file").text() == proof.path);
        CHECK(json.member("faults").size() == 0);
        CHECK(to_json(parse_answer(json)).dump() == to_json(*proof.answer).dump());
    }
}

TEST_CASE("a plot whose answer is not what its nonces give is named and not asked again")
{
    Field field;
    field.add("1_0_1", 1, 1);
    const std::string rotten = field.add("2_0_8", 8, 2);
    Prover prover{{field.directory().path()}, field.hits(2)};
    CHECK(prover.refresh().empty());
    bool was_met = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Proof proof = prover.prove(round_with(seed));
        REQUIRE(proof.answer);
        CHECK(std::get<NonceClaim>(proof.answer->claim.where).account.value == 1);
        if (was_met) CHECK(proof.faults.empty());
        if (!proof.faults.empty()) {
            CHECK(proof.faults.size() == 1);
            CHECK(proof.faults[0].path == rotten);
            was_met = true;
            // It is told as long as it is there.
            CHECK(prover.refresh().size() == 1);
            CHECK(prover.scanner().plots() == 1);
        }
    }
    CHECK(was_met);
    std::filesystem::remove(rotten);
    CHECK(prover.refresh().empty());
}

TEST_CASE("plots come and go")
{
    Field field;
    field.add("1_0_1", 1, 1);
    const std::string late = field.directory() / "late";
    Prover prover{{field.directory().path(), late}, field.hits()};
    CHECK(prover.refresh().size() == 1); // there is no such directory
    CHECK(prover.scanner().plots() == 1);
    const std::string second = field.add("1_1_1", 1, 2);
    REQUIRE(make_directory(late));
    CHECK(prover.refresh().empty());
    CHECK(prover.scanner().plots() == 2);
    std::filesystem::remove(second);
    CHECK(prover.refresh().empty());
    CHECK(prover.scanner().plots() == 1);
    // One that cannot be read any more is closed, and opened when it can be.
    const std::string path = field.directory() / "1_0_1";
    std::filesystem::resize_file(path, 100);
    const Proof proof = prover.prove(round_with(1));
    CHECK_FALSE(proof.answer);
    CHECK(proof.faults.size() == 1);
    CHECK(to_json(proof, round_with(1)).member("nonce").is_null());
    CHECK(prover.scanner().plots() == 0);
    CHECK(prover.refresh().size() == 1);
    field.add("1_0_1", 1, 1);
    CHECK(prover.refresh().empty());
    CHECK(prover.prove(round_with(1)).answer);
}

TEST_CASE("a round that is over is given up")
{
    Field field;
    field.add("1_0_1", 1, 1);
    Prover prover{{field.directory().path()}, field.hits()};
    CHECK(prover.refresh().empty());
    const Proof proof = prover.prove(round_with(1), [] { return true; });
    CHECK(proof.is_abandoned);
    CHECK_FALSE(proof.answer);
    CHECK(to_json(proof, round_with(1)).member("is_abandoned").boolean() == true);
}
