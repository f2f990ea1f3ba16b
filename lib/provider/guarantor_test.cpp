#include "os/clock.hpp"
#include "os/random.hpp"
#include "provider/audit_testing.hpp"
#include "provider/detail/lane.hpp"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint64_t patience_ms = 60'000;

Upload upload_of(TestProvider& provider, const Bytes& shard)
{
    PutRequest request{.kind = ShardClass::tags, .expiry_s = 0, .items = {}};
    request.items = items_of({shard});
    Refusal refusal;
    std::optional<Upload> upload =
        provider.depot.reserve(account_id(provider.owner.public_key()), request, refusal);
    REQUIRE(upload);
    REQUIRE(upload->write(shard));
    return std::move(*upload);
}

} // namespace

TEST_CASE("links take turns in a lane, and what is forgotten is not done")
{
    std::vector<unsigned> done;
    detail::Lane<unsigned, unsigned> lane{{.has_thread = false, .waiting_max = 16, .wake = [] {}},
                                          [&](StreamId, unsigned job) {
                                              done.push_back(job);
                                              return 10 * job;
                                          }};
    for (const unsigned job : {1U, 2U, 3U, 4U}) CHECK(lane.add({1}, {job}, job));
    CHECK_FALSE(lane.add({1}, {5}, 5));
    CHECK(lane.add({2}, {6}, 6));
    CHECK(lane.add({2}, {7}, 7));
    lane.forget({2});
    lane.forget({9});
    CHECK(lane.pending() == 5);
    CHECK(lane.outcomes() == std::vector{10U, 60U, 70U, 30U, 40U});
    CHECK(done == std::vector{1U, 6U, 7U, 3U, 4U});
    CHECK(lane.pending() == 0);
    CHECK(lane.outcomes().empty());
}

TEST_CASE("threads check and prove while others store, and tell when something is done")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const AuditOwner tagger{50, 16};
    std::vector<Bytes> shards;
    for (std::uint64_t i = 0; i < 4; ++i) shards.push_back(noise(3'000, i));
    REQUIRE(provider.put_all(link, shards).status == CallStatus::ok);
    REQUIRE(provider
                .put_all(link, {tagger.prover_key(), tagger.tag_set({shards[0], shards[1]})},
                         ShardClass::tags)
                .status == CallStatus::ok);
    const ProveRequest request = tagger.request_for({shards[0], shards[1]}, 8);
    std::vector<Bytes> sets;
    for (std::size_t i = 0; i < 4; ++i)
        sets.push_back(tagger.tag_set({shards[i], noise(10 + i, 99)}));

    SystemEntropy entropy;
    std::atomic<unsigned> wakes{0};
    Guarantor guarantor{provider.depot, {.wake = [&] { ++wakes; }, .entropy = &entropy}};
    std::uint64_t stream = 0;
    for (const Bytes& set : sets) {
        CHECK(guarantor.check({1}, {++stream}, upload_of(provider, set)));
        CHECK(guarantor.prove({1}, {++stream}, request, {}));
    }
    unsigned checked = 0;
    unsigned proven = 0;
    const std::uint64_t end_ms = monotonic_ms() + patience_ms;
    while (checked + proven < 8 && monotonic_ms() < end_ms) {
        for (Guarantor::Checked& each : guarantor.checked()) {
            CHECK(each.status == CallStatus::ok);
            REQUIRE(each.upload);
            CHECK(provider.depot.commit({&*each.upload, 1}).size() == 1);
            ++checked;
        }
        for (const Guarantor::Proven& each : guarantor.proven()) {
            CHECK(each.status == CallStatus::ok);
            ++proven;
        }
        std::this_thread::yield();
    }
    CHECK(checked == 4);
    CHECK(proven == 4);
    CHECK(wakes > 0);
    CHECK(guarantor.pending() == 0);
    CHECK(tags_at(provider, link, tagger.id_of(shards[3])) == items_of({sets[3]}));
}

TEST_CASE("what waits when a provider ends is not done, and nothing of it stays")
{
    TestProvider provider;
    const LinkId link = provider.guest(1, &provider.owner);
    const AuditOwner tagger{50, 16};
    const Bytes shard = noise(3'000, 1);
    REQUIRE(provider.put(link, shard).status == CallStatus::ok);
    REQUIRE(provider.put_all(link, {tagger.prover_key()}, ShardClass::tags).status ==
            CallStatus::ok);
    {
        SystemEntropy entropy;
        Guarantor guarantor{provider.depot, {.wake = [] {}, .entropy = &entropy}};
        for (std::uint64_t i = 1; i < 10; ++i)
            CHECK(guarantor.check({i}, {i}, upload_of(provider, tagger.tag_set({shard}))));
        CHECK(provider.depot.status().reserved > 0);
    }
    CHECK(provider.depot.status().reserved == 0);
    CHECK(provider.depot.status().objects == 2);
}
