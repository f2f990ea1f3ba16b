#include "client/survey.hpp"

#include "client/testing.hpp"

#include <numeric>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr Profile profile{.k = 4, .m = 2, .segment_size = 1024 * 1024};

struct Fixture {
    Survey survey(bool is_deep = false)
    {
        Session session{hub, {.providers = hub.names()}};
        ObjectReader object{session, kind, id, {.threads = 0}};
        segments.clear();
        return take_survey(
            session, object, kind, id,
            {.is_deep = is_deep,
             .patience_ms = 5'000,
             .segment = [&](const SegmentStanding& standing) { segments.push_back(standing); },
             .checked = [&](std::uint64_t bytes) { bytes_checked += bytes; }});
    }

    ScriptedHub hub{6};
    Bytes data = noise(3'000'000);
    LinkKind kind = LinkKind::object;
    ObjectId id = store_object(hub, data, profile);
    std::vector<SegmentStanding> segments;
    std::uint64_t bytes_checked = 0;
};

std::uint64_t sum_of_damaged(const Survey& survey)
{
    return std::accumulate(
        survey.providers.begin(), survey.providers.end(), std::uint64_t{0},
        [](std::uint64_t sum, const ProviderStanding& one) { return sum + one.damaged; });
}

} // namespace

TEST_CASE("an object with all its shards is good, and everything is counted")
{
    Fixture fixture;
    for (const bool is_deep : {false, true}) {
        const Survey survey = fixture.survey(is_deep);
        CHECK(survey.health == ObjectHealth::good);
        CHECK(survey.roots == 6);
        CHECK(survey.roots_wanted == 6);
        REQUIRE(fixture.segments.size() == 3);
        for (const SegmentStanding& segment : fixture.segments) {
            CHECK(segment.good == 6);
            CHECK(segment.damaged == 0);
            for (std::size_t i = 0; i < 6; ++i)
                CHECK(segment.holders[i] == std::vector<std::size_t>{(segment.segment + i) % 6});
        }
        for (const ProviderStanding& provider : survey.providers) {
            CHECK(provider.shards == 3);
            CHECK(provider.has_root);
            CHECK_FALSE(provider.is_silent);
        }
    }
    CHECK(fixture.bytes_checked == 2 * 3'000'000);
}

TEST_CASE("who does not answer, and what is missing, degrades an object until it is lost")
{
    Fixture fixture;
    fixture.hub.providers[1]->manner = Manner::refuses;
    Survey survey = fixture.survey();
    CHECK(survey.health == ObjectHealth::degraded);
    CHECK(fixture.segments[0].good == 5);
    CHECK(survey.providers[1].is_silent);
    CHECK(survey.providers[1].reason == "connection refused");

    fixture.hub.providers[2]->manner = Manner::mute;
    CHECK(fixture.survey().health == ObjectHealth::degraded);
    fixture.hub.providers[3]->shards.erase(
        fixture.hub.providers[3]->shards.begin()); // one of its shards, or its manifest
    survey = fixture.survey();
    CHECK((survey.health == ObjectHealth::lost || survey.roots < 4));
    fixture.hub.providers[4]->manner = Manner::refuses;
    CHECK(fixture.survey().health == ObjectHealth::lost);
}

TEST_CASE("only reading everything finds damage and lies")
{
    for (const Manner manner : {Manner::flips, Manner::cuts, Manner::flips_proof}) {
        Fixture fixture;
        CAPTURE(static_cast<int>(manner));
        fixture.hub.providers[5]->manner = manner;
        CHECK(fixture.survey().health == ObjectHealth::good);
        const Survey survey = fixture.survey(true);
        CHECK(survey.health == ObjectHealth::degraded);
        CHECK(fixture.segments[0].good == 5);
        CHECK(fixture.segments[0].damaged == 1);
        CHECK(sum_of_damaged(survey) >= 3);
        CHECK(survey.providers[5].damaged == sum_of_damaged(survey));
    }
    for (const Manner manner : {Manner::stalls, Manner::trickles, Manner::forgetful}) {
        Fixture fixture;
        CAPTURE(static_cast<int>(manner));
        fixture.hub.providers[5]->manner = manner;
        const Survey survey = fixture.survey(true);
        CHECK(survey.health == ObjectHealth::degraded);
        CHECK(fixture.segments[0].good == 5);
        CHECK(sum_of_damaged(survey) == 0);
    }
}

TEST_CASE("an object in whole copies wants three of them")
{
    Fixture fixture;
    fixture.kind = LinkKind::whole;
    const Bytes small = noise(1'000);
    fixture.id = {blake3(small).bytes};
    for (std::size_t i = 0; i < 3; ++i) fixture.hub.providers[i]->store(small);
    CHECK(fixture.survey(true).health == ObjectHealth::good);
    CHECK(fixture.survey().providers[0].shards == 1);
    fixture.hub.providers[0]->manner = Manner::refuses;
    CHECK(fixture.survey().health == ObjectHealth::degraded);
    CHECK(fixture.segments.empty());
}

TEST_CASE("copies at one provider are one copy")
{
    Fixture fixture;
    const Profile copies{.k = 1, .m = 2, .segment_size = 64 * 1024};
    fixture.data = noise(100'000);
    fixture.id = store_object(fixture.hub, fixture.data, copies);
    CHECK(fixture.survey().health == ObjectHealth::good);
    fixture.hub.providers[0]->manner = Manner::refuses;
    const Survey survey = fixture.survey();
    CHECK(survey.health == ObjectHealth::degraded);
    CHECK(fixture.segments[0].good == 2);
    CHECK(fixture.segments[1].good == 3);
}
