#include "base/hex.hpp"
#include "provider/audit_testing.hpp"

#include <doctest/doctest.h>

// Proofs of what a provider has.

using namespace cairn;

namespace {

constexpr ShardClass tags = ShardClass::tags;

/// A provider that has shards of some sizes, and their tags.
struct Scene {
    explicit Scene(std::uint32_t sectors = 64) : tagger{50, sectors}
    {
        REQUIRE(provider.put_all(link, {tagger.prover_key()}, tags).status == CallStatus::ok);
        for (const Bytes& shard : shards) {
            REQUIRE(provider.put(link, shard).status == CallStatus::ok);
            REQUIRE(provider.put_all(link, {set_of(shard)}, tags).status == CallStatus::ok);
        }
    }

    TestProvider provider;
    LinkId link = provider.guest(1, &provider.owner);
    AuditOwner tagger;
    std::vector<Bytes> shards{noise(1, 1), noise(5'000, 2), noise(300'000, 3), Bytes{}};

    /// With that of another shard, which is not here.
    [[nodiscard]] Bytes set_of(const Bytes& shard) const
    {
        return tagger.tag_set({noise(50, 90), shard});
    }

    PaperHub::End prove(const ProveRequest& request, LinkId as = {1})
    {
        provider.hub.time_ms += 60'000; // work for everybody
        return provider.ask(as, method::shard_prove, to_bytes(request));
    }

    /// Whether a proof is what this statement says.
    bool is_right(const PaperHub::End& end, const StorageStatement& statement)
    {
        REQUIRE(end.status == CallStatus::ok);
        return verify(statement, proof_in(end));
    }

    StorageStatement statement(const ProveRequest& request)
    {
        return tagger.statement_of(request, shards, provider.owner.public_key(),
                                   provider.node.public_key());
    }

    void corrupt(const Bytes& shard) { spoil(provider.directory / "depot", shard); }
};

} // namespace

TEST_CASE("what is here is proven, whatever is asked of it")
{
    Scene scene;
    for (const std::uint64_t blocks : {1U, 7U, 512U}) {
        const ProveRequest request = scene.tagger.request_for(scene.shards, blocks);
        CHECK(scene.is_right(scene.prove(request), scene.statement(request)));
    }
    for (const Bytes& shard : scene.shards) {
        const ProveRequest request = scene.tagger.request_for({shard}, 20);
        CHECK(scene.is_right(scene.prove(request), scene.statement(request)));
    }
    CHECK(scene.provider.service.counts().proofs == 3 + scene.shards.size());
    CHECK(scene.provider.service.counts().proofs_refused == 0);
}

TEST_CASE("a block may have one sector")
{
    Scene scene;
    const AuditOwner fine{60, 1};
    const Bytes& shard = scene.shards[1];
    REQUIRE(scene.provider.put_all(scene.link, {fine.prover_key(), fine.tag_set({shard})}, tags)
                .status == CallStatus::ok);
    const ProveRequest request = fine.request_for({shard}, 50);
    CHECK(scene.is_right(scene.prove(request),
                         fine.statement_of(request, {shard}, scene.provider.owner.public_key(),
                                           scene.provider.node.public_key())));
}

TEST_CASE("a proof is for one nonce, one auditor, one provider and these files")
{
    Scene scene;
    const ProveRequest request = scene.tagger.request_for(scene.shards, 10);
    const PaperHub::End end = scene.prove(request);
    CHECK(scene.is_right(end, scene.statement(request)));

    ProveRequest other = request;
    other.nonce.bytes[31] ^= std::byte{1};
    CHECK_FALSE(scene.is_right(end, scene.statement(other)));
    other = request;
    other.files.pop_back();
    CHECK_FALSE(scene.is_right(end, scene.statement(other)));
    const Ed25519PublicKey owner = scene.provider.owner.public_key();
    const Ed25519PublicKey node = scene.provider.node.public_key();
    const Ed25519PublicKey someone = scene.tagger.signing.public_key();
    CHECK_FALSE(
        scene.is_right(end, scene.tagger.statement_of(request, scene.shards, someone, node)));
    CHECK_FALSE(
        scene.is_right(end, scene.tagger.statement_of(request, scene.shards, owner, someone)));

    // Who said hello without an owner is known by the key of the link.
    const LinkId reader = scene.provider.guest(2, nullptr);
    const PaperHub::End read = scene.prove(request, reader);
    CHECK_FALSE(scene.is_right(read, scene.statement(request)));
    CHECK(scene.is_right(read, scene.tagger.statement_of(request, scene.shards,
                                                         TestProvider::peer_key(reader), node)));
}

TEST_CASE("what is not here is not proven, and the answer says what is missing")
{
    Scene scene;
    const Bytes unknown = noise(4'000, 77);
    const auto refusal_of = [&](const ProveRequest& request) {
        const PaperHub::End end = scene.prove(request);
        CHECK(end.status == CallStatus::no);
        return end.text();
    };
    CHECK(refusal_of(scene.tagger.request_for({unknown}, 10)) ==
          "no tags of file " + to_hex_text(scene.tagger.id_of(unknown).bytes));
    std::vector<Bytes> more = scene.shards;
    more.push_back(unknown);
    CHECK(refusal_of(scene.tagger.request_for(more, 10)) ==
          "no tags of file " + to_hex_text(scene.tagger.id_of(unknown).bytes));
    const AuditOwner stranger{60, 64};
    CHECK(refusal_of(stranger.request_for({scene.shards[1]}, 10)) == "the prover key is not here");
    REQUIRE(scene.provider.put_all(scene.link, {stranger.prover_key()}, tags).status ==
            CallStatus::ok);
    CHECK(refusal_of(stranger.request_for({scene.shards[1]}, 10)) ==
          "no tags of file " + to_hex_text(stranger.id_of(scene.shards[1]).bytes));
    ProveRequest mixed = scene.tagger.request_for({scene.shards[1]}, 10);
    mixed.key = stranger.key.id();
    CHECK(refusal_of(mixed) == "file " + to_hex_text(scene.tagger.id_of(scene.shards[1]).bytes) +
                                   " is of another audit key");
    CHECK(scene.provider.service.counts().proofs == 0);
    CHECK(scene.provider.service.counts().proofs_refused == 5);

    // Its shard goes, its tags stay.
    const Bytes& shard = scene.shards[2];
    const std::string file = to_hex_text(scene.tagger.id_of(shard).bytes);
    const HasEntry entry =
        scene.provider.depot.find(blake3(shard), account_id(scene.provider.owner.public_key()));
    scene.provider.depot.drop(account_id(scene.provider.owner.public_key()),
                              std::vector<DropItem>{{blake3(shard), entry.serial}});
    CHECK(refusal_of(scene.tagger.request_for({shard}, 10)) == "no shard of file " + file);
}

TEST_CASE("a rotten byte is never proven")
{
    Scene scene;
    const Bytes& shard = scene.shards[2];
    const std::string file = to_hex_text(scene.tagger.id_of(shard).bytes);
    const ProveRequest request = scene.tagger.request_for({shard}, 512);
    REQUIRE(scene.prove(request).status == CallStatus::ok);
    SUBCASE("of the shard")
    {
        scene.corrupt(shard);
        PaperHub::End end = scene.prove(request);
        CHECK(end.status == CallStatus::no);
        CHECK(end.text() == "the shard of file " + file + " has rotted");
        end = scene.prove(request);
        CHECK(end.text() == "no shard of file " + file);
        // The others are proven as before, and this one when it is whole again.
        const ProveRequest others = scene.tagger.request_for({scene.shards[0]}, 10);
        CHECK(scene.prove(others).status == CallStatus::ok);
        REQUIRE(scene.provider.put(scene.link, shard).status == CallStatus::ok);
        CHECK(scene.prove(request).status == CallStatus::ok);
    }
    SUBCASE("of the tags")
    {
        scene.corrupt(scene.set_of(shard));
        const PaperHub::End end = scene.prove(request);
        CHECK(end.status == CallStatus::no);
        CHECK(end.text() == "no tags of file " + file);
        // Another set that has them does.
        REQUIRE(scene.provider.put_all(scene.link, {scene.tagger.tag_set({shard})}, tags).status ==
                CallStatus::ok);
        CHECK(scene.prove(request).status == CallStatus::ok);
    }
}

TEST_CASE("a prover key that has rotted proves nothing after a start")
{
    // Large enough for a file of its own.
    Scene scene{1400};
    const Bytes& shard = scene.shards[1];
    const ProveRequest request = scene.tagger.request_for({shard}, 5);
    Guarantor started{
        scene.provider.depot,
        {.runs = Committer::Runs::when_asked, .wake = [] {}, .entropy = &scene.provider.entropy}};
    const auto status = [&](std::uint64_t stream) {
        REQUIRE(started.prove({1}, {stream}, request, {}));
        return started.proven().at(0).status;
    };
    const std::optional<std::uint64_t> first = started.proof_cost(request);
    REQUIRE(first);
    CHECK(status(1) == CallStatus::ok);
    CHECK(*started.proof_cost(request) < *first / 2);
    scene.corrupt(scene.tagger.prover_key());
    Guarantor again{
        scene.provider.depot,
        {.runs = Committer::Runs::when_asked, .wake = [] {}, .entropy = &scene.provider.entropy}};
    REQUIRE(again.prove({1}, {1}, request, {}));
    CHECK(again.proven().at(0).status == CallStatus::no);
    CHECK_FALSE(again.proof_cost(request));
    // What is in memory is of no use without one on the disk that anybody could check.
    CHECK(status(2) == CallStatus::no);
}

TEST_CASE("owners of the same shard with keys of their own do not disturb each other")
{
    Scene scene;
    const AuditOwner other{60, 5};
    const Bytes& shard = scene.shards[1];
    const Bytes set = other.tag_set({shard});
    REQUIRE(scene.provider.put_all(scene.link, {other.prover_key(), set}, tags).status ==
            CallStatus::ok);
    CHECK(tags_at(scene.provider, scene.link, blake3(shard)).size() == 2);
    CHECK(tags_at(scene.provider, scene.link, other.id_of(shard)) == items_of({set}));
    CHECK(tags_at(scene.provider, scene.link, scene.tagger.id_of(shard)).size() == 1);
    for (const AuditOwner* tagger : {&std::as_const(scene.tagger), &other}) {
        const ProveRequest request = tagger->request_for({shard}, 30);
        CHECK(
            scene.is_right(scene.prove(request),
                           tagger->statement_of(request, {shard}, scene.provider.owner.public_key(),
                                                scene.provider.node.public_key())));
    }
    const AccountId owner = account_id(scene.provider.owner.public_key());
    scene.provider.depot.drop(
        owner,
        std::vector<DropItem>{{blake3(set), scene.provider.depot.find(blake3(set), owner).serial}});
    CHECK(scene.prove(other.request_for({shard}, 30)).status == CallStatus::no);
    CHECK(scene.prove(scene.tagger.request_for({shard}, 30)).status == CallStatus::ok);
}

TEST_CASE("only so many proofs wait, and who is gone gets none")
{
    Scene scene;
    const LinkId second = scene.provider.guest(2, nullptr);
    const Bytes request = to_bytes(scene.tagger.request_for({scene.shards[1]}, 3));
    const auto begin = [&](LinkId link) {
        return scene.provider.call(link, method::shard_prove, request);
    };
    const StreamId gone = begin(scene.link);
    const StreamId kept = begin(scene.link);
    const StreamId third = begin(scene.link);
    CHECK(scene.provider.hub.ends.at(third).status == CallStatus::busy);
    const StreamId others = begin(second);
    CHECK(scene.provider.service.streams() == 3);
    scene.provider.event(HubEvent::Kind::reset, gone, scene.link);
    CHECK(scene.provider.guarantor.pending() == 2);
    scene.provider.run();
    CHECK_FALSE(scene.provider.hub.ends.contains(gone));
    CHECK(scene.provider.hub.ends.at(kept).status == CallStatus::ok);
    CHECK(scene.provider.hub.ends.at(others).status == CallStatus::ok);
    CHECK(scene.provider.service.streams() == 0);
    CHECK(scene.provider.service.counts().proofs == 2);
}

TEST_CASE("who asks for too many proofs is told to wait")
{
    Scene scene;
    const Bytes request = to_bytes(scene.tagger.request_for(scene.shards, 500));
    unsigned proven = 0;
    while (scene.provider.ask(scene.link, method::shard_prove, request).status == CallStatus::ok)
        ++proven;
    CHECK(proven > 0);
    CHECK(proven < 50);
    const LinkId other = scene.provider.guest(2, nullptr);
    CHECK(scene.provider.ask(other, method::shard_prove, request).status == CallStatus::ok);
    scene.provider.hub.time_ms += 2'000;
    CHECK(scene.provider.ask(scene.link, method::shard_prove, request).status == CallStatus::ok);
}

TEST_CASE("requests for proofs and tags that break the rules are malformed")
{
    Scene scene;
    ProveRequest request = scene.tagger.request_for(scene.shards, 5);
    std::swap(request.files[0], request.files[1]);
    for (const std::string_view method : {method::shard_prove, method::shard_tags})
        CHECK(scene.provider.ask(scene.link, method, noise(50)).status == CallStatus::malformed);
    CHECK(scene.prove(request).status == CallStatus::malformed);
    const LinkId unknown{7};
    scene.provider.link(unknown);
    CHECK(scene.prove(scene.tagger.request_for(scene.shards, 5), unknown).status ==
          CallStatus::denied);
}
