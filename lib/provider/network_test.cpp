#include "net/sim_hub.hpp"
#include "os/random.hpp"
#include "provider/audit_testing.hpp"

#include <memory>

#include <doctest/doctest.h>

// A provider and its peers in the simulated network: virtual time, real frames.

using namespace cairn;

namespace {

using Kind = HubEvent::Kind;

constexpr const char* provider_address = "provider:4100";
constexpr std::uint64_t now_s = 1'800'000'000;

Ed25519KeyPair key_pair(std::uint64_t number)
{
    return Ed25519KeyPair{Secret::copy(noise(Ed25519KeyPair::seed_size, number))};
}

/// What a call came to, and how long it took.
struct Outcome {
    std::optional<CallStatus> status; ///< none: it was cut
    Bytes reply;
    Bytes data;
    std::uint64_t time_ms = 0;

    [[nodiscard]] bool is_ok() const { return status == CallStatus::ok; }
};

/// A provider that anyone may store with.
class World {
public:
    explicit World(std::uint64_t seed)
        : network{seed},
          hub{network.add({.address = provider_address, .link_key = &link_key_})},
          depot{directory_ / "depot",
                {.capacity = std::uint64_t{1} << 30U,
                 .reserve = 0,
                 .trash_s = 100,
                 .grants = {{std::nullopt, std::uint64_t{1} << 30U, 100'000, 0}},
                 .now_s = [] { return now_s; }}},
          committer_{depot, Committer::Runs::when_asked, [] {}},
          guarantor_{depot,
                     {.runs = Committer::Runs::when_asked, .wake = [] {}, .entropy = &entropy_}},
          service{hub,
                  depot,
                  committer_,
                  guarantor_,
                  {.network = {}, .node = &node, .now_s = [] { return now_s; }, .limits = {}}}
    {
        NodeRecord record;
        record.link_key = hub.link_key();
        sign(record, node);
        service.set_record(record);
        network.serve(hub, [this](const HubEvent& event) {
            service.handle(event);
            advance();
        });
        tick();
    }

    Ed25519KeyPair node = key_pair(1);
    SimNetwork network;

private:
    Ed25519KeyPair link_key_ = key_pair(2);
    TestDirectory directory_;

public:
    Hub& hub;
    Depot depot;

private:
    Committer committer_;
    SystemEntropy entropy_;
    Guarantor guarantor_;

public:
    Service service;

private:
    void advance()
    {
        while (service.advance()) {
        }
    }

    void tick()
    {
        network.at(network.now_ms() + 1'000, [this] {
            advance();
            tick();
        });
    }
};

/// One who stores and reads.
class Peer {
public:
    Peer(World& world, std::uint64_t number)
        : world_{world},
          owner_{key_pair(100 + number)},
          link_key_{key_pair(200 + number)},
          hub{world.network.add(
              {.address = "peer:" + std::to_string(number), .link_key = &link_key_})}
    {
    }

    /// Whether a new link is up and hello was answered.
    bool connect()
    {
        link_ = hub.connect({provider_address, world_.hub.link_key()});
        for (;;) {
            const auto event = hub.next(hub.now_ms() + 60'000);
            if (!event || (event->link == link_ && event->kind == Kind::unlinked)) return false;
            if (event->link == link_ && event->kind == Kind::linked) break;
        }
        HelloRequest hello;
        hello.owner = owner_.public_key();
        sign(hello, owner_, hub.link_key(), world_.hub.link_key());
        return call(method::hello, to_bytes(hello)).is_ok();
    }

    Outcome call(std::string_view method, const Bytes& request, ByteView body = {})
    {
        Outcome outcome;
        const std::uint64_t start_ms = hub.now_ms();
        const auto stream = hub.open(link_, method, request);
        if (!stream) return outcome;
        bool is_sent = false;
        for (;;) {
            const std::size_t size = std::min(hub.writable(*stream), body.size());
            hub.send(*stream, body.first(size));
            body = body.subspan(size);
            if (body.empty() && !is_sent) hub.half_end(*stream);
            is_sent = is_sent || body.empty();
            const auto event = hub.next(hub.now_ms() + 600'000);
            outcome.time_ms = hub.now_ms() - start_ms;
            if (!event || event->kind == Kind::unlinked) return outcome;
            if (event->stream != *stream) continue;
            if (event->kind == Kind::reset) return outcome;
            if (event->kind == Kind::data) {
                outcome.data.insert(outcome.data.end(), event->data.begin(), event->data.end());
                hub.consumed(*stream, event->data.size());
            }
            if (event->kind != Kind::ended) continue;
            outcome.status = event->status;
            outcome.reply = {event->data.begin(), event->data.end()};
            return outcome;
        }
    }

    Outcome put(const Bytes& shard, ShardClass kind = ShardClass::data)
    {
        PutRequest request;
        request.kind = kind;
        request.items = {{blake3(shard), shard.size()}};
        return call(method::shard_put, to_bytes(request), shard);
    }

    Outcome get(const Bytes& shard) { return call(method::shard_get, get_request(shard)); }

    static Bytes get_request(const Bytes& shard)
    {
        return to_bytes(GetRequest{blake3(shard), shard.size(), 0, shard.size()});
    }

private:
    World& world_;
    Ed25519KeyPair owner_;
    Ed25519KeyPair link_key_;
    LinkId link_;

public:
    Hub& hub;

    [[nodiscard]] LinkId link() const { return link_; }
    [[nodiscard]] Ed25519PublicKey owner() const { return owner_.public_key(); }
};

/// Whether a read has the shard behind its proof.
bool holds(const Outcome& outcome, const Bytes& shard)
{
    return outcome.is_ok() && outcome.data.size() >= shard.size() &&
           std::equal(shard.rbegin(), shard.rend(), outcome.data.rbegin());
}

} // namespace

TEST_CASE("shards pass over a slow network unchanged, in the time that it takes")
{
    World world{1};
    world.network.set_path({.delay_ms = 40, .jitter_ms = 10, .rate = 1'000'000});
    Peer peer{world, 1};
    REQUIRE(peer.connect());
    const Bytes shard = noise(2'000'000);
    const Outcome put = peer.put(shard);
    REQUIRE(put.is_ok());
    CHECK(is_signed(parse_receipt(put.reply)));
    CHECK(put.time_ms >= 2'000);
    CHECK(put.time_ms < 4'000);
    const Outcome get = peer.get(shard);
    CHECK(holds(get, shard));
    CHECK(get.time_ms < 4'000);
}

TEST_CASE("peers that take nothing do not delay those who do")
{
    World world{2};
    world.network.set_path({.delay_ms = 5, .rate = 20'000'000});
    const Bytes shard = noise(4'000'000);
    Peer honest{world, 1};
    REQUIRE(honest.connect());
    REQUIRE(honest.put(shard).is_ok());
    const std::uint64_t alone_ms = honest.get(shard).time_ms;

    std::vector<std::unique_ptr<Peer>> stalled;
    for (std::uint64_t i = 0; i < 10; ++i) {
        stalled.push_back(std::make_unique<Peer>(world, 10 + i));
        REQUIRE(stalled.back()->connect());
        for (int stream = 0; stream < 8; ++stream)
            stalled.back()->hub.open(stalled.back()->link(), method::shard_get,
                                     Peer::get_request(shard));
        world.network.set_paths_of(stalled.back()->hub, {.is_stalled = true});
    }
    const Outcome get = honest.get(shard);
    CHECK(holds(get, shard));
    CHECK(get.time_ms <= 2 * alone_ms + 100);
    CHECK(honest.put(noise(100'000, 5)).is_ok());
    world.network.run_until(world.network.now_ms() + 120'000);
    CHECK(world.service.streams() == 0);
}

TEST_CASE("whatever the network breaks, what was acknowledged is there, and nothing stays behind")
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        World world{seed};
        world.network.set_path({.delay_ms = 3,
                                .jitter_ms = 3,
                                .rate = 10'000'000,
                                .reset_per_million = 20'000,
                                .corrupt_per_million = 0});
        Peer peer{world, 1};
        std::vector<Bytes> acknowledged;
        for (std::uint64_t i = 0; i < 12; ++i) {
            const Bytes shard = noise(200'000, 1 + i);
            for (int attempt = 0; attempt < 5; ++attempt) {
                if (!peer.connect() || !peer.put(shard).is_ok()) continue;
                acknowledged.push_back(shard);
                break;
            }
        }
        CHECK(acknowledged.size() >= 6);
        world.network.set_path({});
        REQUIRE(peer.connect());
        for (const Bytes& shard : acknowledged) CHECK(holds(peer.get(shard), shard));
        world.network.run_until(world.network.now_ms() + 120'000);
        CHECK(world.depot.status().reserved == 0);
        CHECK(world.service.streams() == 0);
    }
}

TEST_CASE("a shard is tagged and proven over a network, by whoever asks")
{
    World world{4};
    world.network.set_path({.delay_ms = 20, .jitter_ms = 5, .rate = 2'000'000});
    Peer owner{world, 1};
    Peer auditor{world, 2};
    REQUIRE(owner.connect());
    REQUIRE(auditor.connect());
    const AuditOwner tagger{50, 32};
    const Bytes shard = noise(100'000);
    REQUIRE(owner.put(shard).is_ok());
    REQUIRE(owner.put(tagger.prover_key(), ShardClass::tags).is_ok());
    const Outcome put = owner.put(tagger.tag_set({shard}), ShardClass::tags);
    REQUIRE(put.is_ok());
    CHECK(is_signed(parse_receipt(put.reply)));
    const ProveRequest request = tagger.request_for({shard}, 16);
    for (Peer* const peer : {&owner, &auditor}) {
        const Outcome outcome = peer->call(method::shard_prove, to_bytes(request));
        REQUIRE(outcome.is_ok());
        const auto proof = StorageProof::decode(parse_prove_reply(outcome.reply).proof.bytes);
        REQUIRE(proof);
        const auto claim = [&](const Peer& by) {
            return tagger.statement_of(request, {shard}, by.owner(), world.node.public_key());
        };
        CHECK(verify(claim(*peer), *proof));
        CHECK_FALSE(verify(claim(peer == &owner ? auditor : owner), *proof));
    }
    CHECK(world.service.streams() == 0);
}

TEST_CASE("the same seed gives the same course of events")
{
    const auto course = [](std::uint64_t seed) {
        World world{seed};
        world.network.set_path({.delay_ms = 10, .jitter_ms = 50, .rate = 500'000});
        Peer peer{world, 1};
        REQUIRE(peer.connect());
        std::vector<std::uint64_t> times;
        for (std::uint64_t i = 0; i < 5; ++i) times.push_back(peer.put(noise(50'000, i)).time_ms);
        return times;
    };
    CHECK(course(1) == course(1));
    CHECK(course(1) != course(2));
}
