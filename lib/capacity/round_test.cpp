#include "capacity/round.hpp"

#include "capacity/retarget.hpp"
#include "capacity/testing.hpp"

#include <cmath>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

/// The PoC2 form of a nonce, and its PoC1 form.
struct Nonce {
    explicit Nonce(const nlohmann::json& vector) : poc2(nonce_size)
    {
        NonceGroup group;
        group.make(std::array{to_seed(NumericAccount{number_of(vector["account"])},
                                      NonceNumber{number_of(vector["nonce"])})});
        group.copy_scoops(0, scoops - 1, poc2.data(), {.scoop = scoop_size, .nonce = nonce_size});
        poc1 = poc2;
        exchange_halves(poc1);
    }

    Bytes poc2;
    Bytes poc1;
};

ByteView scoop_in(ByteView nonce, ScoopNumber scoop)
{
    return nonce.subspan(scoop.value * scoop_size, scoop_size);
}

std::vector<PastBlock> past_of(const nlohmann::json& vector)
{
    std::vector<PastBlock> past;
    for (const auto& block : vector["prev"])
        past.push_back({{number_of(block[0])}, block[1].get<std::int64_t>()});
    return past;
}

void check_retarget(const char* part, const std::map<std::string, const RetargetRule*>& rules)
{
    std::size_t count = 0;
    for (const auto& vector : poc2_vectors(part)["cases"]) {
        CAPTURE(vector["rule"].get<std::string>());
        const RetargetRule& rule = *rules.at(vector["rule"]);
        CHECK(next_base_target(rule, past_of(vector), vector["time"].get<std::int64_t>()).value ==
              number_of(vector["base_target"]));
        ++count;
    }
    CHECK(count >= 12);
}

} // namespace

TEST_CASE("generation signatures, scoops, hits and deadlines are those of the family")
{
    CHECK(poc2_vectors("gensig").size() == 12);
    for (const auto& vector : poc2_vectors("gensig"))
        CHECK(next_challenge(fixed_of<Challenge>(vector["previous"]),
                             NumericAccount{number_of(vector["generator_id"])}) ==
              fixed_of<Challenge>(vector["next"]));
    CHECK(poc2_vectors("deadlines").size() == 40);
    for (const auto& vector : poc2_vectors("deadlines")) {
        const auto challenge = fixed_of<Challenge>(vector["gensig"]);
        const ScoopNumber scoop = scoop_of(challenge, number_of(vector["height"]));
        CHECK(scoop.value == number_of(vector["scoop"]));
        const Nonce nonce{vector};
        const BaseTarget target{number_of(vector["base_target"])};
        const Hit hit = hit_of(challenge, scoop_in(nonce.poc2, scoop));
        CHECK(hit.value == number_of(vector["hit_poc2"]));
        CHECK(deadline_of(hit, target) == number_of(vector["deadline_poc2"]));
        const Hit old = hit_of(challenge, scoop_in(nonce.poc1, scoop));
        CHECK(old.value == number_of(vector["hit_poc1"]));
        CHECK(deadline_of(old, target) == number_of(vector["deadline_poc1"]));
    }
}

TEST_CASE("values that Signum's own tests assert")
{
    const auto& vector = poc2_vectors("signum_unit_tests");
    const auto challenge = fixed_of<Challenge>(vector["gensig"]);
    const NumericAccount account{number_of(vector["account"])};
    CHECK(next_challenge(challenge, account) == fixed_of<Challenge>(vector["next_gensig"]));
    Bytes twice{challenge.bytes.begin(), challenge.bytes.end()};
    twice.insert(twice.end(), challenge.bytes.begin(), challenge.bytes.end());
    CHECK(hit_of(challenge, twice).value == number_of(vector["hit_of_scoop_bytes_gensig_twice"]));
    const Nonce nonce{{{"account", vector["account"]}, {"nonce", 0}}};
    CHECK(hit_of(challenge, scoop_in(nonce.poc2, {0})).value ==
          number_of(vector["hit_nonce0_scoop0_poc2"]));
    const std::uint64_t deadline = number_of(vector["deadline_nonce0"]);
    CHECK(logarithmic_deadline(deadline, 240) ==
          number_of(vector["deadline_sodium_block_time_240"]));
    const std::uint64_t factor = commitment_factor(1000, 10);
    CHECK(logarithmic_deadline(divided_deadline(deadline, factor), 240) ==
          number_of(vector["deadline_poc_plus_commitment_100x_avg"]));
}

TEST_CASE("logarithms and powers are as exact as doubles, and nothing that they are not")
{
    for (const std::uint64_t deadline :
         {2ULL, 3ULL, 10ULL, 239ULL, 241ULL, 86'400ULL, 1ULL << 40U, 7'157'291'745'432ULL, ~0ULL})
        for (const std::uint32_t time : {2U, 60U, 240U, 1U << 20U}) {
            const long double exact = std::log(static_cast<long double>(deadline)) * time /
                                      std::log(static_cast<long double>(time));
            // Where the exact value is whole, doubles go either way.
            if (std::abs(exact - std::round(exact)) < 1e-9L) continue;
            CHECK(logarithmic_deadline(deadline, time) == static_cast<std::uint64_t>(exact));
        }
    CHECK(logarithmic_deadline(0, 240) == 0);
    CHECK(logarithmic_deadline(1, 240) == 0);
    CHECK(logarithmic_deadline(240, 240) == 240);

    constexpr std::uint64_t one = 1ULL << 32U;
    CHECK(commitment_factor(5, 5) == one);
    CHECK(commitment_factor(0, 5) == one / 8);
    CHECK(commitment_factor(UINT64_MAX, 1) == 8 * one);
    CHECK(commitment_factor(1, UINT64_MAX) == one / 8);
    for (const auto& [commitment, average] :
         {std::pair{2ULL, 1ULL}, {1ULL, 2ULL}, {10ULL, 3ULL}, {99ULL, 1ULL}, {1ULL, 99ULL}}) {
        const double exact = std::pow(double(commitment) / double(average), 0.4515449935);
        CHECK(double(commitment_factor(commitment, average)) / double(one) ==
              doctest::Approx(exact).epsilon(1e-9));
    }
    CHECK(divided_deadline(1000, one * 8) == 125);
    CHECK(divided_deadline(UINT64_MAX, one / 8) == UINT64_MAX);
}

TEST_CASE("base targets follow as on the family's chains")
{
    check_retarget("retarget_signum",
                   {{"burst_4", &burst_early_rule}, {"signum_24", &signum_rule}});
    check_retarget("retarget_bhd", {{"burst_like_4", &bhd_early_rule},
                                    {"avg24", &bhd_25_rule},
                                    {"bhdip006_288", &bhd_288_rule},
                                    {"bhdip008_4", &bhd_4_rule},
                                    {"bhdip008_80", &bhd_80_rule}});
}
