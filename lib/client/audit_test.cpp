#include "client/audit.hpp"

#include "client/audit_testing.hpp"
#include "client/remove.hpp"
#include "client/repair.hpp"

using namespace cairn;

namespace {

/// One who audits, repairs or removes what an AuditWorld has stored: its owner.
class Keeper {
public:
    explicit Keeper(AuditWorld& world) : world_{&world}
    {
        for (const auto& provider : world.providers)
            session_options_.providers.push_back(provider->name());
        session_options_.owner = &world.owner;
        audit.key = &world.prover_key.audit;
        audit.auditor = &world.owner;
        audit.now_s = [] { return std::uint64_t{1'700'000'000}; };
        audit.patience_ms = 3'000;
        repair.owner = account_id(world.owner.public_key());
    }

    AuditReport run_audit(const Link& link)
    {
        Hub& hub = next_hub();
        Session session{hub, session_options_};
        AuditReport report = cairn::audit(session, entropy_, link.kind, link.id, audit);
        CHECK(faults_of(report.transcript).empty());
        CHECK(to_bytes(parse_transcript(to_bytes(report.transcript))) ==
              to_bytes(report.transcript));
        return report;
    }

    RepairReport run_repair(const Link& link)
    {
        Hub& hub = next_hub();
        Session session{hub, session_options_};
        return cairn::repair(session, entropy_, link.kind, link.id, repair);
    }

    RemoveReport run_remove(const Link& link)
    {
        Hub& hub = next_hub();
        Session session{hub, session_options_};
        Remover remover{session, NetworkId{}, world_->owner, 2'000};
        remover.remove(link);
        return remover.finish(false);
    }

    AuditOptions audit;
    ObjectRepairOptions repair;

private:
    Hub& next_hub()
    {
        keys_.push_back(
            std::make_unique<Ed25519KeyPair>(Secret::copy(noise(32, 6'000 + keys_.size()))));
        return world_->network.add({.address = "keeper-" + std::to_string(keys_.size()) + ":1",
                                    .link_key = keys_.back().get()});
    }

    AuditWorld* world_;
    SessionOptions session_options_;
    FixedEntropy entropy_{9};
    std::vector<std::unique_ptr<Ed25519KeyPair>> keys_;
};

/// The outcome for a provider; none when it was not asked.
std::optional<AuditOutcome> outcome_of(const AuditReport& report, std::size_t provider)
{
    for (const ProviderAudit& audit : report.providers)
        if (audit.provider == provider) return audit.outcome;
    return std::nullopt;
}

std::size_t tag_sets(const AuditWorld& world)
{
    std::size_t sum = 0;
    for (const auto& provider : world.providers)
        for (const auto& [root, entry] : provider->shards)
            if (is_tag_file(entry.bytes)) ++sum;
    return sum;
}

} // namespace

TEST_CASE("what is put with tags is audited, segments, manifest and copies")
{
    AuditWorld world{6};
    Keeper keeper{world};
    const PutResult large = world.put(noise(200'000));
    CHECK(large.is_complete);
    CHECK(large.is_tagged);
    AuditReport report = keeper.run_audit(*large.link);
    CHECK(report.is_good());
    CHECK(report.providers.size() == 6);
    CHECK(report.shards == 4 * 6 + 1);
    const std::uint64_t blocks = std::exchange(keeper.audit.blocks, audited_blocks_max);
    keeper.audit.is_recorded = true;
    CHECK_THROWS_WITH_AS(keeper.run_audit(*large.link),
                         "a transcript of so many shards would be too large", Error);
    keeper.audit.blocks = blocks;
    CHECK(keeper.run_audit(*large.link).is_good());

    world.options.profile.reset();
    const PutResult small = world.put(noise(1'000, 2));
    CHECK(small.is_tagged);
    report = keeper.run_audit(*small.link);
    CHECK(report.is_good());
    CHECK(report.providers.size() == 3);

    world.options.profile = Profile{.k = 4, .m = 2, .segment_size = 65536};
    world.options.manifest_size_max = 300;
    const PutResult nested = world.put(noise(200'000, 3));
    CHECK(nested.is_tagged);
    CHECK(nested.link->kind == LinkKind::nested);
    report = keeper.run_audit(*nested.link);
    CHECK(report.is_good());
    CHECK(report.shards == 4 * 6 + 6 + 1);

    world.options.tags.reset();
    const PutResult plain = world.put(noise(200'000, 4));
    CHECK_FALSE(plain.is_tagged);
    report = keeper.run_audit(*plain.link);
    CHECK_FALSE(report.is_good());
    for (const ProviderAudit& audit : report.providers)
        CHECK(audit.outcome == AuditOutcome::refused);
}

TEST_CASE(
    "a provider that does not take tags leaves an object incomplete; a busy one is asked again")
{
    AuditWorld world{6};
    for (const auto& proofs : world.proofs) proofs->manner.busy = 3;
    CHECK(world.put(noise(100'000)).is_tagged);
    world.proofs[2]->manner.is_ignorant = true;
    const PutResult result = world.put(noise(100'000, 2));
    REQUIRE(result.link.has_value());
    CHECK_FALSE(result.is_complete);
    CHECK_FALSE(result.is_tagged);
    CHECK(result.fault.find("does not take the tags: it knows nothing of tags") !=
          std::string::npos);
    CHECK(result.stored_least == 6);
}

TEST_CASE("each way not to have a shard is found")
{
    AuditWorld world{6};
    Keeper keeper{world};
    const Link link = std::move(*world.put(noise(100'000)).link);
    keeper.audit.blocks = 512; // all of them
    CHECK(keeper.run_audit(link).is_good());
    for (const auto& proofs : world.proofs) CHECK(proofs->proofs == 1);

    // A byte has changed, and the provider does not know.
    for (auto& [root, entry] : world.providers[0]->shards)
        if (entry.kind == ShardClass::data && entry.bytes.size() > 10'000)
            entry.bytes[5'000] ^= std::byte{1};
    world.proofs[1]->manner.answers_old = true;
    std::ignore = keeper.run_audit(link); // the first proof that it will answer with
    world.proofs[2]->manner.is_malformed = true;
    world.proofs[3]->manner.is_silent = true;
    world.proofs[4]->manner.busy = 2;
    std::erase_if(world.providers[5]->shards,
                  [](const auto& shard) { return is_tag_file(shard.second.bytes); });
    const AuditReport report = keeper.run_audit(link);
    CHECK(outcome_of(report, 0) == AuditOutcome::wrong);
    CHECK(outcome_of(report, 1) == AuditOutcome::wrong);
    CHECK(outcome_of(report, 2) == AuditOutcome::refused);
    CHECK(outcome_of(report, 3) == AuditOutcome::silent);
    CHECK(outcome_of(report, 4) == AuditOutcome::passed);
    CHECK(outcome_of(report, 5) == AuditOutcome::refused);
    CHECK(report.missing == 0);
}

TEST_CASE("who has promised a shard is asked for it, whatever it says that it has")
{
    AuditWorld world{6};
    Keeper keeper{world};
    const Link link = std::move(*world.put(noise(100'000)).link);
    for (const Bytes& bytes : world.receipts) {
        const Receipt receipt = parse_receipt(bytes);
        for (const ShardItem& item : receipt.items)
            keeper.audit.promised.push_back({receipt.node_key, item.root});
    }
    CHECK(keeper.run_audit(link).is_good());
    world.providers[3]->shards.clear();
    AuditReport report = keeper.run_audit(link);
    CHECK(outcome_of(report, 3) == AuditOutcome::refused);
    CHECK(report.missing == 2);
    keeper.audit.promised.clear();
    report = keeper.run_audit(link);
    CHECK(outcome_of(report, 3) == std::nullopt);
    CHECK_FALSE(report.is_good()); // two shards have no provider
}

TEST_CASE("questions follow from a beacon, and from chance without one")
{
    AuditWorld world{6};
    Keeper keeper{world};
    const Link link = std::move(*world.put(noise(100'000)).link);
    const auto nonces = [&] {
        std::vector<AuditNonce> all;
        for (const AuditedProvider& audited : keeper.run_audit(link).transcript.providers)
            all.push_back(audited.nonce);
        return all;
    };
    CHECK(nonces() != nonces());
    keeper.audit.beacon = AuditBeacon{};
    CHECK(nonces() == nonces());
}

TEST_CASE("rebuilt shards have tags, and so have those whose provider lost them")
{
    AuditWorld world{8};
    Keeper keeper{world};
    world.listed = {0, 1, 2, 3, 4, 5};
    const Link link = std::move(*world.put(noise(100'000)).link);
    world.network.take_down(world.providers[0]->hub());
    std::erase_if(world.providers[1]->shards, [](const auto& shard) {
        return shard.second.kind == ShardClass::tags; // its prover key too
    });
    keeper.repair.is_dry_run = true;
    RepairReport report = keeper.run_repair(link);
    CHECK(report.missing == 2);
    CHECK(report.tags_missing == 3); // two shards and the manifest
    CHECK(report.tags_repaired == 0);
    keeper.repair.is_dry_run = false;
    report = keeper.run_repair(link);
    CHECK(report.is_healthy());
    CHECK(report.tags_missing == 6);
    CHECK(report.tags_repaired == 6);
    CHECK(keeper.run_audit(link).is_good());
    report = keeper.run_repair(link);
    CHECK(report.was_healthy());

    // A provider that does not take them leaves the repair incomplete.
    std::erase_if(world.providers[2]->shards,
                  [](const auto& shard) { return shard.second.kind == ShardClass::tags; });
    world.providers[2]->manner = PutManner::denies;
    report = keeper.run_repair(link);
    CHECK_FALSE(report.is_healthy());
    CHECK(report.fault.find("no grant") != std::string::npos);
}

TEST_CASE("tags go with what they are of")
{
    AuditWorld world{6};
    Keeper keeper{world};
    const Link first = std::move(*world.put(noise(100'000)).link);
    const std::size_t sets = tag_sets(world);
    const Link second = std::move(*world.put(noise(100'000, 2)).link);
    CHECK(tag_sets(world) == 2 * sets);
    std::ignore = keeper.run_remove(first);
    CHECK(tag_sets(world) == sets);
    CHECK(keeper.run_audit(second).is_good());
    std::ignore = keeper.run_remove(second);
    CHECK(tag_sets(world) == 0);
    for (const auto& provider : world.providers) CHECK(provider->shards.size() == 1); // the key
}
