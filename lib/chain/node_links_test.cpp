#include "chain/node_testing.hpp"

#include <doctest/doctest.h>

// Whom a node is connected to, whatever others say; and what its own faults come to.

using namespace cairn;

namespace {

/// A node of a short chain that all have.
struct Scene {
    SoloChain chain;
    SimNetwork network{1};
    std::vector<std::unique_ptr<TestPeer>> peers;
    std::vector<std::unique_ptr<TestNode>> nodes;

    Scene()
    {
        for (unsigned i = 0; i < 5; ++i) chain.add_some(i);
    }
    TestNode& add(const std::string& address, TestNode::Options options)
    {
        options.before = &chain;
        nodes.push_back(
            std::make_unique<TestNode>(network, chain, chain.consensus(), address, options));
        return *nodes.back();
    }
    /// A peer that has called, and says where it listens.
    TestPeer& call(const std::string& listens)
    {
        const std::string address = "peer" + std::to_string(peers.size()) + ":1";
        peers.push_back(std::make_unique<TestPeer>(network, address, 700 + peers.size()));
        REQUIRE(peers.back()->connect("node:1"));
        (void)peers.back()->greet(chain.tip().known.header.chain, {}, listens);
        return *peers.back();
    }
    void run(std::uint64_t time_ms) { network.run_until(network.now_ms() + time_ms); }
};

} // namespace

TEST_CASE("who claims another's address does not keep a node from it, nor with another's key")
{
    Scene scene;
    TestNode& node = scene.add("node:1", {});
    scene.run(1'000);
    const auto busy = [](const std::string&, const Bytes&) {
        return TestPeer::Answer{CallStatus::busy}; // who never answers would be left
    };
    for (unsigned i = 0; i < 6; ++i)
        scene.call("good" + std::to_string(i % 3) + ":1").answers = busy;
    for (unsigned i = 0; i < 3; ++i) scene.add("good" + std::to_string(i) + ":1", {});
    scene.run(120'000);
    CHECK(node.node->status().peers == 9);
}

TEST_CASE("who calls and says nothing keeps nobody out for long")
{
    Scene scene;
    TestNode& node = scene.add("node:1", {.inbound_max = 4});
    for (unsigned i = 0; i < 4; ++i) {
        const std::string address = "silent" + std::to_string(i) + ":1";
        scene.peers.push_back(std::make_unique<TestPeer>(scene.network, address, 800 + i));
        REQUIRE(scene.peers.back()->connect("node:1"));
    }
    TestNode& other = scene.add("other:1", {.peers = {"node:1"}});
    scene.run(5'000);
    CHECK(other.node->status().peers == 1);
    CHECK(node.node->status().peers == 1);
}

TEST_CASE("addresses of this machine are not taken from afar")
{
    Scene scene;
    (void)scene.add("node:1", {});
    const TestNode& local = scene.add("127.0.0.1:3", {});
    const TestNode& far = scene.add("far:3", {});
    (void)scene.call("127.0.0.1:3");
    (void)scene.call("far:3");
    scene.run(20'000);
    CHECK(local.node->status().peers == 0);
    CHECK(far.node->status().peers == 1);
}

TEST_CASE("a peer that was too busy to be told of the block on top is told again")
{
    Scene scene;
    (void)scene.add("node:1", {});
    SoloChain& longer = scene.chain;
    TestPeer& busy = scene.call("");
    busy.answers = [&](const std::string&, const Bytes&) {
        return TestPeer::Answer{busy.heard["chain.told"] < 4 ? CallStatus::busy : CallStatus::ok};
    };
    TestPeer& maker = scene.call("");
    scene.run(1'000);
    longer.add_some(9);
    const SealedHeader next{longer.tip().known.header, longer.tip().known.seal};
    const Bytes body = to_bytes(longer.tip().block);
    maker.answers = [&](const std::string& method, const Bytes&) {
        TestPeer::Answer answer;
        if (method != "chain.bodies") return answer;
        answer.data = frame_head(body);
        answer.data.insert(answer.data.end(), body.begin(), body.end());
        return answer;
    };
    (void)maker.call("chain.told", headers_bytes({&next, 1}));
    scene.run(60'000);
    CHECK(scene.nodes[0]->is_at(longer.tip().known.id));
    CHECK(busy.heard["chain.told"] == 4);
}

TEST_CASE("a peer that was too busy to give headers is asked for them again")
{
    Scene scene;
    TestNode& node = scene.add("node:1", {});
    SoloChain& longer = scene.chain;
    longer.add_some(8);
    longer.add_some(9);
    TestPeer& peer = scene.call("");
    std::vector<SealedHeader> headers;
    for (const auto& made : longer.blocks())
        if (made.known.header.height.value > 5)
            headers.push_back({made.known.header, made.known.seal});
    peer.answers = [&](const std::string& method, const Bytes&) {
        TestPeer::Answer answer;
        if (method == "chain.headers" && peer.heard[method] < 4)
            answer.status = CallStatus::busy;
        else if (method == "chain.headers")
            answer.data = headers_bytes(headers);
        return answer;
    };
    scene.run(30'000);
    CHECK(node.node->status().best.value == 7);
    CHECK(peer.heard["chain.headers"] >= 4);
}

TEST_CASE("slow readers do not keep a node from giving blocks to others")
{
    Scene scene;
    (void)scene.add("node:1", {});
    for (unsigned i = 0; i < 8; ++i) {
        TestPeer& peer = scene.call("");
        scene.network.serve(peer.hub, [](const HubEvent&) {}); // takes nothing
        for (unsigned j = 0; j < 4; ++j) {
            BodiesRequest request;
            for (unsigned k = 0; k < asked_ids_max; ++k)
                request.ids.push_back(scene.chain.blocks()[1 + k % 5].known.id);
            REQUIRE(peer.begin("chain.bodies", to_bytes(request)));
        }
    }
    scene.run(1'000);
    TestPeer& peer = scene.call("");
    const auto outcome =
        peer.call("chain.bodies", to_bytes(BodiesRequest{{scene.chain.blocks()[2].known.id}}));
    CHECK(outcome.status == CallStatus::ok);
    CHECK(outcome.data.size() == frame_head_size + to_bytes(scene.chain.blocks()[2].block).size());
}

TEST_CASE("a node whose own blocks are damaged blames nobody")
{
    SoloChain chain;
    for (unsigned i = 0; i < 5; ++i) chain.add_some(i);
    SimNetwork network{1};
    TestNode node{network, chain, chain.consensus(), "node:1", {.before = &chain}};
    const std::string path = node.directory() + "/blocks/000000.blocks";
    std::string text = file_text(path);
    for (std::size_t at = 20; at < text.size(); at += 50) text[at] ^= 1;
    put_file(path, text);
    TestPeer peer{network, "peer:1", 900};
    REQUIRE(peer.connect("node:1"));
    (void)peer.greet(chain.tip().known.header.chain);
    const BlockId& id = chain.blocks()[2].known.id;
    for (int i = 0; i < 6; ++i) {
        CHECK(peer.call("chain.compact", compact_request(id)).status == CallStatus::no);
        CHECK(peer.call("chain.missing", to_bytes(MissingRequest{id, {0}})).status ==
              CallStatus::no);
        CHECK(peer.call("chain.bodies", to_bytes(BodiesRequest{{id}})).status ==
              CallStatus::damaged);
    }
    CHECK(peer.is_linked);
    CHECK(node.node->status().counts.faults == 0);
    CHECK(node.has_said("is damaged at byte"));
}
