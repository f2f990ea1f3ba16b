#include "client/repair.hpp"

#include "client/detail/matching.hpp"
#include "client/put_testing.hpp"

using namespace cairn;

namespace {

/// One who repairs what a PutWorld has stored.
class Repairer {
public:
    explicit Repairer(PutWorld& world) : world_{&world}
    {
        options.owner = account_id(owner.public_key());
        options.receipt = [this](ByteView bytes) { receipts.push_back(parse_receipt(bytes)); };
        options.repaired = [this](const RepairedShard& shard) { repaired.push_back(shard); };
    }

    RepairReport repair(const Link& link)
    {
        receipts.clear();
        repaired.clear();
        SessionOptions session_options;
        for (const auto& provider : world_->providers)
            session_options.providers.push_back(provider->name());
        session_options.owner = &owner;
        const std::string address = "repairer-" + std::to_string(++runs_) + ":1";
        const Ed25519KeyPair link_key{Secret::copy(noise(32, 8'000 + runs_))};
        Hub& hub = world_->network.add({.address = address, .link_key = &link_key});
        Session session{hub, session_options};
        FixedEntropy entropy{runs_};
        return cairn::repair(session, entropy, link.kind, link.id, options);
    }

    Ed25519KeyPair owner{Secret::copy(noise(32, 3))};
    ObjectRepairOptions options;
    std::vector<Receipt> receipts;
    std::vector<RepairedShard> repaired;

private:
    PutWorld* world_;
    std::size_t runs_ = 0;
};

/// A provider in place of another that is gone for ever.
void replace(PutWorld& world, std::size_t index)
{
    world.network.take_down(world.providers[index]->hub());
    world.providers[index]->shards.clear();
    world.providers.push_back(
        std::make_unique<SimProvider>(world.network, 100 + world.providers.size()));
}

/// The least number of providers that the shards of a segment are at, each counted once.
std::size_t distinct_of(const PutWorld& world, const Link& link)
{
    const Manifest manifest = parse_manifest(world.shard({link.id.bytes}));
    const unsigned shards = manifest.head.profile.shards();
    std::size_t least = SIZE_MAX;
    for (std::size_t at = 0; at < manifest.roots.size(); at += shards) {
        std::vector<std::vector<std::size_t>> holders;
        for (std::size_t i = at; i < at + shards; ++i) {
            const auto all = world.holders(manifest.roots[i]);
            holders.emplace_back(all.begin(), all.end());
        }
        const auto matched = detail::match_holders(holders);
        least = std::min<std::size_t>(
            least, static_cast<std::size_t>(std::ranges::count_if(
                       matched, [](const auto& provider) { return provider.has_value(); })));
    }
    return least;
}

} // namespace

TEST_CASE("each shard gets a provider of its own if that can be")
{
    using Holders = std::vector<std::vector<std::size_t>>;
    const auto count = [](const Holders& holders) {
        const auto matched = detail::match_holders(holders);
        std::set<std::size_t> used;
        for (std::size_t i = 0; i < matched.size(); ++i) {
            if (!matched[i]) continue;
            CHECK(std::ranges::find(holders[i], *matched[i]) != holders[i].end());
            CHECK(used.insert(*matched[i]).second);
        }
        return used.size();
    };
    CHECK(count({}) == 0);
    CHECK(count({{}, {}}) == 0);
    CHECK(count({{1}, {1}, {1}}) == 1);
    CHECK(count({{1, 2}, {1}, {2, 3}, {3, 4}}) == 4);
    CHECK(count({{1, 2, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}}) == 3);
    CHECK(count({{1, 2}, {1, 2}, {1}, {5}}) == 3);
}

TEST_CASE("who has nothing that is missing is not waited for")
{
    PutWorld world{7};
    const Link link = std::move(*world.put(noise(300'000)).link);
    const auto is_needless = [](const auto& provider) { return provider->shards.empty(); };
    const auto needless = std::ranges::find_if(world.providers, is_needless);
    REQUIRE(needless != world.providers.end());
    world.network.take_down((*needless)->hub());
    Repairer repairer{world};
    const std::uint64_t start_ms = world.network.now_ms();
    const RepairReport report = repairer.repair(link);
    CHECK(report.was_healthy());
    CHECK(report.silent == 1);
    CHECK(world.network.now_ms() - start_ms < 250);
}

TEST_CASE("what is healthy is left alone")
{
    PutWorld world{7};
    const Link link = std::move(*world.put(noise(300'000)).link);
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.was_healthy());
    CHECK(report.is_healthy());
    CHECK(report.segments == 5);
    CHECK(report.shards == 30);
    CHECK(report.manifests == 6);
    CHECK(report.silent == 0);
    CHECK(repairer.receipts.empty());
}

TEST_CASE("shards of dead providers are rebuilt, byte for byte, and go to fresh ones")
{
    PutWorld world{6};
    const Bytes object = noise(1'000'000);
    const Link link = std::move(*world.put(object).link);
    replace(world, 1);
    replace(world, 4);
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CAPTURE(report.fault);
    CHECK_FALSE(report.was_healthy());
    CHECK(report.is_healthy());
    CHECK(report.silent == 2);
    CHECK(report.missing == 2 * report.segments);
    CHECK(report.manifests_missing == 2);
    CHECK(distinct_of(world, link) == 6);
    CHECK(world.holders({link.id.bytes}).size() == 6);
    for (const Receipt& receipt : repairer.receipts) {
        CHECK(is_signed(receipt));
        CHECK(receipt.owner == account_id(repairer.owner.public_key()));
    }
    const bool has_all = repairer.repaired.size() == report.missing + 2;
    CHECK(has_all);

    // All of what the repair did is there without the four that were good before.
    for (const std::size_t gone : {0U, 2U}) world.providers[gone]->shards.clear();
    CHECK(world.get(link) == object);

    const RepairReport again = repairer.repair(link);
    CHECK(again.missing == 2 * again.segments);
    CHECK(again.is_healthy()); // with those that were emptied
}

TEST_CASE("a second repair finds nothing to do")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(200'000)).link);
    replace(world, 0);
    Repairer repairer{world};
    CHECK(repairer.repair(link).is_healthy());
    const RepairReport again = repairer.repair(link);
    CHECK(again.was_healthy());
    CHECK(repairer.receipts.empty());
}

TEST_CASE("a dry run stores nothing")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(200'000)).link);
    replace(world, 0);
    Repairer repairer{world};
    repairer.options.is_dry_run = true;
    const RepairReport report = repairer.repair(link);
    CHECK(report.missing == report.segments);
    CHECK(report.manifests_missing == 0); // those who have shards have it
    CHECK(report.repaired == 0);
    CHECK_FALSE(report.is_healthy());
    CHECK(repairer.receipts.empty());
    CHECK(world.providers.back()->puts == 0);
}

TEST_CASE("without a provider that has no shard of the segment it stays as it is")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(200'000)).link);
    world.network.take_down(world.providers[3]->hub());
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.missing == report.segments);
    CHECK(report.repaired == 0);
    CHECK_FALSE(report.fault.empty());
    CHECK(repairer.receipts.empty());
}

TEST_CASE("a provider that is full is passed over")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(200'000)).link);
    replace(world, 0);
    replace(world, 1);
    world.providers.push_back(std::make_unique<SimProvider>(world.network, 200));
    world.providers[6]->manner = PutManner::full;
    Repairer repairer{world};
    CHECK(repairer.repair(link).is_healthy());
    CHECK(distinct_of(world, link) == 6);
}

TEST_CASE("a wrong receipt does not count")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(100'000)).link);
    replace(world, 0);
    world.providers.back()->manner = PutManner::wrong_signature;
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK_FALSE(report.is_healthy());
    CHECK(report.repaired == 0);
    CHECK(repairer.receipts.empty());
    CHECK(report.fault.find("wrong signature") != std::string::npos);
}

TEST_CASE("damage is found where all shards are read, and only there")
{
    for (const GetManner manner : {GetManner::has_lost, GetManner::flips}) {
        PutWorld world{7};
        const Link link = std::move(*world.put(noise(200'000)).link);
        std::size_t holder = 0;
        while (world.providers[holder]->shards.empty()) ++holder;
        for (auto& [root, entry] : world.providers[holder]->shards)
            if (root.bytes != link.id.bytes) entry.manner = manner;
        Repairer repairer{world};
        CHECK(repairer.repair(link).was_healthy());
        repairer.options.is_deep = true;
        const RepairReport report = repairer.repair(link);
        CHECK(report.damaged == report.segments);
        CHECK(report.missing == report.segments);
        CHECK(report.is_healthy());
        CHECK_FALSE(report.faults.empty());
        for (const RepairedShard& shard : repairer.repaired) CHECK(shard.provider != holder);
        CHECK(repairer.repair(link).was_healthy());
    }
}

TEST_CASE("who lost a shard gets it again when there is nobody else, and who lies does not")
{
    for (const GetManner manner : {GetManner::has_lost, GetManner::flips}) {
        PutWorld world{6};
        const Link link = std::move(*world.put(noise(200'000)).link);
        for (auto& [root, entry] : world.providers[2]->shards) entry.manner = manner;
        Repairer repairer{world};
        repairer.options.is_deep = true;
        const RepairReport report = repairer.repair(link);
        CHECK(report.missing == report.segments);
        CHECK(report.is_healthy() == (manner == GetManner::has_lost));
        CHECK(repairer.repair(link).was_healthy() == (manner == GetManner::has_lost));
    }
}

TEST_CASE("a shard that is never sent is missing")
{
    PutWorld world{7};
    const Link link = std::move(*world.put(noise(100'000)).link);
    std::size_t holder = 0;
    while (world.providers[holder]->shards.empty()) ++holder;
    for (auto& [root, entry] : world.providers[holder]->shards)
        entry.manner = GetManner::never_answers;
    Repairer repairer{world};
    repairer.options.is_deep = true;
    repairer.options.patience_ms = 3'000;
    const RepairReport report = repairer.repair(link);
    CHECK(report.missing == report.segments);
    CHECK(report.repaired == report.missing);
}

TEST_CASE("what cannot be rebuilt is told, and the rest is repaired")
{
    PutWorld world{6};
    const Link link = std::move(*world.put(noise(400'000)).link);
    const Manifest manifest = parse_manifest(world.shard({link.id.bytes}));
    for (unsigned i = 0; i < 3; ++i) // of segment 2
        for (const auto& provider : world.providers) provider->shards.erase(manifest.roots[12 + i]);
    for (const auto& provider : world.providers) provider->shards.erase(manifest.roots[18]);
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.lost == 1);
    CHECK(report.missing == 4);
    CHECK(report.repaired == 1);
    CHECK_FALSE(report.is_healthy());
    CHECK(world.holders(manifest.roots[18]).size() == 1);
}

TEST_CASE("an object in whole copies has three of them again")
{
    PutWorld world{6};
    world.options.profile.reset();
    const Link link = std::move(*world.put(noise(5'000)).link);
    REQUIRE(link.kind == LinkKind::whole);
    const ShardRoot root{link.id.bytes};
    const auto before = world.holders(root);
    REQUIRE(before.size() == 3);
    world.providers[*before.begin()]->shards.clear();
    world.providers[*before.rbegin()]->shards.clear();
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.shards == 3);
    CHECK(report.missing == 2);
    CHECK(report.is_healthy());
    CHECK(world.holders(root).size() == 3);
    CHECK(repairer.repair(link).was_healthy());
}

TEST_CASE("an empty object has its manifest everywhere again")
{
    PutWorld world{6};
    world.options.recipients.clear();
    const Link link = std::move(*world.put({}).link);
    REQUIRE(link.kind == LinkKind::object);
    const ShardRoot root{link.id.bytes};
    for (std::size_t i = 0; i < 4; ++i) world.providers[i]->shards.clear();
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.manifests_missing == 4);
    CHECK(report.is_healthy());
    CHECK(world.holders(root).size() == 6);
}

TEST_CASE("the manifest of a large object is repaired like the object")
{
    PutWorld world{6};
    world.options.manifest_size_max = 1'000;
    const Bytes object = noise(1'000'000);
    const Link link = std::move(*world.put(object).link);
    REQUIRE(link.kind == LinkKind::nested);
    replace(world, 0);
    replace(world, 5);
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CAPTURE(report.fault);
    CHECK(report.is_healthy());
    CHECK(report.shards == 6 * (report.segments + 1));
    for (const std::size_t gone : {1U, 2U}) world.providers[gone]->shards.clear();
    CHECK(world.get(link) == object);
}

TEST_CASE("copies of large segments are told apart by their providers")
{
    PutWorld world{4};
    world.options.profile = Profile{.k = 1, .m = 2, .segment_size = 65536};
    const Link link = std::move(*world.put(noise(150'000)).link);
    const Manifest manifest = parse_manifest(world.shard({link.id.bytes}));
    const auto before = world.holders(manifest.roots[0]);
    REQUIRE(before.size() == 3);
    world.network.take_down(world.providers[*before.begin()]->hub());
    Repairer repairer{world};
    const RepairReport report = repairer.repair(link);
    CHECK(report.missing == report.segments);
    CHECK(report.is_healthy());
}

TEST_CASE("what nobody has is not found")
{
    PutWorld world{3};
    Link link;
    link.id.bytes[0] = std::byte{7};
    Repairer repairer{world};
    try {
        repairer.repair(link);
        FAIL("it was found");
    } catch (const Error& error) {
        CHECK(error.code() == Exit::no);
    }
}
