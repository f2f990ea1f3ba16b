#include "chain/node_testing.hpp"

#include <doctest/doctest.h>

// A node and peers that do what no honest one does: it never throws, sends them away, and gets its
// blocks from an honest one.

using namespace cairn;

namespace {

/// An honest node that has all blocks, a node that has none, and a peer that lies to the latter.
struct Scene {
    SoloChain chain;
    ForkingConsensus rules{chain.genesis()};
    SimNetwork network;
    std::optional<TestNode> honest;
    std::optional<TestNode> node;
    TestPeer peer;

    explicit Scene(std::uint64_t seed = 1, unsigned blocks = 40)
        : network{seed},
          peer{network, "peer:1", 500 + seed}
    {
        for (unsigned i = 0; i < blocks; ++i) chain.add_some(i);
        node.emplace(network, chain, rules, "node:1", TestNode::Options{});
        REQUIRE(peer.connect("node:1"));
    }

    [[nodiscard]] const NetworkId& id() const { return chain.tip().known.header.chain; }
    [[nodiscard]] std::vector<SealedHeader> headers(std::size_t first, std::size_t end) const
    {
        std::vector<SealedHeader> list;
        for (std::size_t i = first; i < end; ++i)
            list.push_back({chain.blocks()[i].known.header, chain.blocks()[i].known.seal});
        return list;
    }
    [[nodiscard]] Height height() const { return chain.tip().known.header.height; }
    [[nodiscard]] ChainCounts counts() const { return node->node->status().counts; }

    /// Answers headers as they are, and bodies as told.
    void answer_bodies(const std::function<TestPeer::Answer(const BodiesRequest&)>& bodies)
    {
        peer.answers = [this, bodies](const std::string& method,
                                      const Bytes& request) -> TestPeer::Answer {
            if (method == "chain.headers")
                return {.data = headers_bytes(headers(1, chain.blocks().size()))};
            if (method == "chain.bodies") return bodies(parse_bodies_request(request));
            return {.status = CallStatus::no};
        };
    }
    void run(std::uint64_t time_ms) { network.run_until(network.now_ms() + time_ms); }

    /// Whether the node gets all from the honest one within a time.
    bool gets_all(std::uint64_t time_ms = 60'000)
    {
        if (!honest)
            honest.emplace(network, chain, rules, "honest:1",
                           TestNode::Options{.peers = {"node:1"}, .before = &chain});
        run(time_ms);
        return node->is_at(chain.tip().known.id);
    }
};

Bytes framed(const Block& block)
{
    const Bytes bytes = to_bytes(block);
    Bytes frame = frame_head(bytes);
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    return frame;
}

} // namespace

TEST_CASE("before hello nothing is answered, and who does not say it is sent away")
{
    Scene scene;
    for (const char* const method : {"chain.headers", "chain.told", "chain.peers", "what"})
        CHECK(scene.peer.call(method, noise(30)).status == CallStatus::denied);
    CHECK(scene.peer.is_linked);
    scene.run(20'000);
    CHECK_FALSE(scene.peer.is_linked);
    CHECK(scene.counts().banned == 0);
    CHECK(scene.gets_all());
}

TEST_CASE("hello of another chain ends the link, and what is none costs points")
{
    Scene scene;
    CHECK(scene.peer.greet(filled<NetworkId>(9)).status == CallStatus::ok);
    CHECK_FALSE(scene.peer.is_linked);
    REQUIRE(scene.peer.connect("node:1"));
    for (int i = 0; i < 5; ++i)
        CHECK(scene.peer.call("chain.hello", noise(50 * i)).status == CallStatus::malformed);
    CHECK_FALSE(scene.peer.is_linked);
    CHECK(scene.counts().banned == 1);
    CHECK_FALSE(scene.peer.connect("node:1"));
    CHECK(scene.gets_all());
}

TEST_CASE("malformed requests of each kind cost points, unknown ones are told of")
{
    for (const char* const method :
         {"chain.headers", "chain.bodies", "chain.compact", "chain.missing", "chain.offer",
          "chain.transactions", "chain.told"}) {
        CAPTURE(method);
        Scene scene{1, 3};
        scene.peer.greet(scene.id());
        CHECK(scene.peer.call("chain.nothing", {}).status == CallStatus::unsupported);
        for (int i = 0; i < 5; ++i)
            CHECK(scene.peer.call(method, noise(20 + i)).status == CallStatus::malformed);
        CHECK_FALSE(scene.peer.is_linked);
        CHECK(scene.gets_all());
    }
}

TEST_CASE("headers that do not follow, are of another chain or have a wrong seal ban their sender")
{
    const auto wrong = [](Scene& scene) {
        std::vector<std::vector<SealedHeader>> lists;
        auto list = scene.headers(1, 6);
        std::swap(list[2], list[3]);
        lists.push_back(list);
        const auto changed = [&](auto change) {
            auto one = scene.headers(1, 6);
            change(one[2].header);
            one.resize(3);
            one[2].seal = to_bytes(seal(block_id(one[2].header), scene.chain.producer()));
            lists.push_back(one);
        };
        changed([](Header& h) { h.chain = filled<NetworkId>(3); });
        changed([](Header& h) { h.height = h.height + 1; });
        changed([](Header& h) { h.time_s = 5; });
        changed([](Header& h) { h.engine = EngineKind::poc; });
        changed([](Header& h) { h.consensus[7] ^= std::byte{1}; });
        changed([](Header& h) { h.consensus.clear(); });
        for (const std::size_t at : {0U, 50U, 90U}) {
            list = scene.headers(1, 6);
            if (at < list[1].seal.size()) list[1].seal[at] ^= std::byte{1};
            lists.push_back(list);
        }
        list = scene.headers(1, 6);
        list[1].seal.clear();
        lists.push_back(list);
        return lists;
    };
    Scene first;
    const std::size_t count = wrong(first).size();
    for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(i);
        Scene scene{1 + i, 8};
        const auto list = wrong(scene)[i];
        scene.peer.answers = [&](const std::string& method, const Bytes&) -> TestPeer::Answer {
            if (method != "chain.headers") return {.status = CallStatus::no};
            return {.data = headers_bytes(list)};
        };
        scene.peer.greet(scene.id(), scene.height());
        scene.run(2'000);
        CHECK_FALSE(scene.peer.is_linked);
        CHECK(scene.counts().banned == 1);
        CHECK(scene.gets_all());
    }
}

TEST_CASE("blocks with one thing wrong are refused, and leave the state as it is")
{
    Scene first{1, 4};
    const std::vector<std::function<Bytes(const Block&)>> lies{
        [](const Block&) { return noise(300); },
        [](const Block& block) {
            Bytes frame = framed(block);
            frame.pop_back();
            return frame;
        },
        [](const Block& block) {
            Bytes frame = framed(block);
            frame[5] ^= std::byte{1};
            return frame;
        },
        [](const Block& block) {
            Bytes frame = framed(block);
            frame.insert(frame.end(), frame.begin(), frame.end() - 1);
            return frame;
        },
        [&](const Block&) { return framed(first.chain.blocks()[0].block); },
        [](const Block& block) {
            Block other = block;
            other.transactions.push_back(other.transactions.front());
            return framed(other);
        },
        [](const Block& block) {
            Block other = block;
            other.transactions.pop_back();
            return framed(other);
        },
        [](const Block& block) {
            Block other = block;
            ++other.transactions.back().body.fee.atoms;
            return framed(other);
        },
        [](const Block& block) {
            Block other = block;
            other.transactions.back().signatures.front().signature.bytes[9] ^= std::byte{1};
            return framed(other);
        },
        [](const Block& block) {
            Block other = block;
            other.header.state.bytes[0] ^= std::byte{1};
            return framed(other);
        },
        [](const Block&) { return Bytes(8UL << 20U); },
    };
    for (std::size_t i = 0; i < lies.size(); ++i) {
        CAPTURE(i);
        Scene scene{1, 4};
        scene.answer_bodies([&](const BodiesRequest& request) -> TestPeer::Answer {
            for (const MadeBlock& made : scene.chain.blocks())
                if (made.known.id == request.ids.front() && !made.block.transactions.empty())
                    return {.data = lies[i](made.block)};
            return {.status = CallStatus::no};
        });
        const StateRoot before = scene.node->store.tip().header.state;
        scene.peer.greet(scene.id(), scene.height());
        scene.run(3'000);
        CHECK_FALSE(scene.peer.is_linked);
        CHECK(scene.counts().banned == 1);
        CHECK(scene.node->store.tip().header.state == before);
        CHECK(scene.gets_all());
    }
}

TEST_CASE("a block with another right seal is taken, whoever has it")
{
    Scene scene{1, 3};
    scene.answer_bodies([&](const BodiesRequest& request) -> TestPeer::Answer {
        Bytes data;
        for (const BlockId& id : request.ids)
            for (const MadeBlock& made : scene.chain.blocks())
                if (made.known.id == id) {
                    Block other = made.block;
                    other.seal = to_bytes(Seal{scene.chain.producer().public_key(), {}});
                    const Bytes frame = framed(other);
                    data.insert(data.end(), frame.begin(), frame.end());
                }
        return {.data = data};
    });
    scene.peer.greet(scene.id(), scene.height());
    scene.run(5'000);
    CHECK(scene.peer.is_linked);
    CHECK(scene.node->is_at(scene.chain.tip().known.id));
    for (std::size_t i = 1; i < scene.chain.blocks().size(); ++i)
        CHECK(scene.node->store.body(scene.chain.blocks()[i].known.id) ==
              scene.chain.blocks()[i].block);
}

TEST_CASE("peers that never answer, or a byte at a time, hold up nothing for long")
{
    for (const bool is_trickling : {false, true}) {
        Scene scene;
        std::vector<StreamId> streams;
        scene.answer_bodies(
            [&](const BodiesRequest&) -> TestPeer::Answer { return {.is_silent = true}; });
        if (is_trickling)
            scene.network.serve(scene.peer.hub, [&](const HubEvent& event) {
                if (event.kind != HubEvent::Kind::opened) return;
                if (event.method == "chain.bodies") return streams.push_back(event.stream);
                if (event.method == "chain.headers")
                    scene.peer.hub.send(event.stream, headers_bytes(scene.headers(1, 41)));
                scene.peer.hub.end(event.stream, CallStatus::ok, {});
            });
        for (unsigned i = 0; i < 200; ++i)
            scene.network.at(1'000 * i, [&] {
                for (const StreamId stream : streams)
                    if (scene.peer.hub.writable(stream) > 0) scene.peer.hub.send(stream, Bytes(1));
            });
        scene.peer.begin("chain.hello", to_bytes(ChainHello{scene.id(), "", scene.height(), {}}));
        scene.run(3'000);
        CHECK(scene.gets_all(40'000));
    }
}

TEST_CASE("floods of requests are answered or refused, and cost no memory")
{
    Scene scene;
    REQUIRE(scene.gets_all());
    REQUIRE(scene.peer.connect("node:1"));
    scene.peer.greet(scene.id());
    TransactionIds ids;
    for (unsigned i = 0; i < asked_ids_max; ++i) ids.ids.push_back({sha256(noise(8, i)).bytes});
    BodiesRequest bodies;
    for (unsigned i = 0; i < asked_ids_max; ++i)
        bodies.ids.push_back(scene.chain.blocks()[1 + i % 40].known.id);
    const std::vector<std::pair<const char*, Bytes>> calls{
        {"chain.headers", to_bytes(HeadersRequest{{filled<BlockId>(4)}})},
        {"chain.bodies", to_bytes(bodies)},
        {"chain.compact", compact_request(scene.chain.tip().known.id)},
        {"chain.missing", to_bytes(MissingRequest{scene.chain.tip().known.id, {0, 1, UINT32_MAX}})},
        {"chain.offer", offer_bytes(ids)},
        {"chain.transactions", request_bytes(ids)},
        {"chain.told", headers_bytes(scene.headers(40, 41))},
        {"chain.peers", {}},
    };
    for (unsigned round = 0; round < 300; ++round) {
        for (const auto& [method, request] : calls) (void)scene.peer.begin(method, request);
        scene.run(20);
    }
    std::size_t busy = 0;
    for (const auto& [stream, outcome] : scene.peer.outcomes)
        busy += outcome.status == CallStatus::busy ? 1 : 0;
    CHECK(busy > 100);
    CHECK(scene.counts().banned == 0);
    scene.run(20'000);
    CHECK(scene.peer.call("chain.peers", {}).status == CallStatus::ok);
}

TEST_CASE("transactions with wrong signatures ban their sender, and others get theirs through")
{
    Scene scene;
    REQUIRE(scene.gets_all());
    const Transaction good = scene.chain.transfer(0, SoloChain::receiver(1), 1'000'000);
    Transaction bad = scene.chain.transfer(1, SoloChain::receiver(1), 1'000'000);
    std::vector<Transaction> wrong(5, bad);
    for (unsigned i = 0; i < 5; ++i) wrong[i].signatures.front().signature.bytes[i] ^= std::byte{1};
    // Offers what an honest node has, but never gives it.
    TestPeer silent{scene.network, "silent:1", 900};
    silent.answers = [](const std::string&, const Bytes&) -> TestPeer::Answer {
        return {.is_silent = true};
    };
    REQUIRE(silent.connect("node:1"));
    silent.greet(scene.id());
    CHECK(silent.call("chain.offer", offer_bytes({{transaction_id(good.body)}})).status ==
          CallStatus::ok);
    CHECK(silent.heard["chain.transactions"] == 1);
    scene.peer.answers = [&](const std::string& method, const Bytes&) -> TestPeer::Answer {
        if (method == "chain.transactions") return {.data = transactions_bytes(wrong)};
        return {.status = CallStatus::no};
    };
    REQUIRE(scene.peer.connect("node:1"));
    scene.peer.greet(scene.id());
    (void)scene.peer.call("chain.offer", offer_bytes({{transaction_id(bad.body)}}));
    scene.run(1'000);
    CHECK_FALSE(scene.peer.is_linked);
    CHECK(scene.counts().banned == 1);
    REQUIRE(std::holds_alternative<TransactionId>(scene.honest->node->send(good)));
    scene.run(20'000);
    CHECK(scene.node->mempool.contains(transaction_id(good.body)));
}
