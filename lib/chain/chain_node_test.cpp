#include "chain/node_testing.hpp"

#include <doctest/doctest.h>

// Nodes among themselves, in virtual time.

using namespace cairn;

TEST_CASE("a node gets a whole chain from another, and one that comes late from both")
{
    SoloChain chain;
    for (unsigned i = 0; i < 300; ++i) chain.add_some(i);
    SimNetwork network{1};
    TestNode full{network, chain, chain.consensus(), "full:1", {.before = &chain}};
    TestNode empty{network, chain, chain.consensus(), "empty:1", {.peers = {"full:1"}}};
    network.run_until(20'000);
    CHECK(empty.is_at(chain.tip().known.id));
    CHECK(empty.node->status().is_synced);
    TestNode late{network, chain, chain.consensus(), "late:1", {.peers = {"empty:1"}}};
    network.run_until(60'000);
    CHECK(late.is_at(chain.tip().known.id));
    CHECK(late.node->status().peers == 2); // the other one it was told of
    for (TestNode* const node : {&full, &empty, &late}) {
        const ChainCounts counts = node->node->status().counts;
        CHECK(counts.faults == 0);
        CHECK(node->node->status().wanted == 0);
    }
    for (std::size_t i = 1; i < chain.blocks().size(); ++i)
        CHECK(late.store.body(chain.blocks()[i].known.id) == chain.blocks()[i].block);
}

TEST_CASE("a transaction that one node is given gets into a block of another, and to all")
{
    SoloChain chain;
    SimNetwork network{2};
    const SoloConsensus& rules = chain.consensus();
    TestNode producer{network, chain, rules, "producer:1", {.producer = &chain.producer()}};
    TestNode one{network, chain, rules, "one:1", {.peers = {"producer:1"}}};
    TestNode two{network, chain, rules, "two:1", {.peers = {"one:1"}}};
    network.run_until(5'000);
    std::vector<TransactionId> ids;
    for (unsigned i = 0; i < 10; ++i) {
        const Transaction transaction =
            chain.transfer(i % 3, SoloChain::receiver(i), 5'000'000, i / 3);
        const auto sent = two.node->send(transaction);
        REQUIRE(std::holds_alternative<TransactionId>(sent));
        ids.push_back(std::get<TransactionId>(sent));
    }
    network.run_until(10'000);
    for (TestNode* const node : {&producer, &one, &two}) {
        CHECK(node->mempool.count() == 0);
        for (const TransactionId& id : ids) CHECK(node->store.find(id));
        CHECK(node->node->status().counts.faults == 0);
    }
    CHECK(one.node->status().counts.blocks_compact > 0);
    CHECK(two.node->status().counts.blocks_compact > 0);
    CHECK(one.store.tip().header.height > Height{5});
}

TEST_CASE("nodes that were apart are together again")
{
    SoloChain chain;
    SimNetwork network{3};
    std::vector<std::unique_ptr<TestNode>> nodes;
    for (unsigned i = 0; i < 8; ++i) {
        TestNode::Options options;
        for (unsigned j = 0; j < i; ++j) options.peers.push_back("n" + std::to_string(j) + ":1");
        if (i == 0) options.producer = &chain.producer();
        nodes.push_back(std::make_unique<TestNode>(network, chain, chain.consensus(),
                                                   "n" + std::to_string(i) + ":1", options));
    }
    const auto cut = [&](bool is_cut) {
        for (unsigned i = 0; i < 4; ++i)
            for (unsigned j = 4; j < 8; ++j) network.cut(nodes[i]->hub, nodes[j]->hub, is_cut);
    };
    network.run_until(10'000);
    CHECK(nodes[7]->store.tip().header.height >= Height{8});
    cut(true);
    network.run_until(50'000);
    CHECK(nodes[3]->store.tip().header.height >= Height{40});
    CHECK(nodes[7]->store.tip().header.height <= Height{15});
    cut(false);
    network.run_until(90'000);
    for (const auto& node : nodes)
        CHECK(node->store.tip().header.height.value + 3 >=
              nodes[0]->store.tip().header.height.value);
    for (const auto& node : nodes) CHECK(node->node->status().counts.banned == 0);
}

TEST_CASE("nodes whose chains have parted follow the longer one, and keep their transactions")
{
    SoloChain one;
    SoloChain two;
    const ForkingConsensus rules{one.genesis()};
    for (unsigned i = 0; i < 8; ++i) {
        one.add_some(i);
        two.add_some(i);
    }
    for (unsigned i = 0; i < 6; ++i) one.add_some(100 + i);
    const Transaction lost = two.transfer(0, SoloChain::receiver(4), 9'000'000);
    for (unsigned i = 0; i < 7; ++i) two.add_some(200);
    SimNetwork network{4};
    TestNode left{network, one, rules, "left:1", {.before = &one}};
    TestNode right{network, two, rules, "right:1", {.peers = {"left:1"}, .before = &two}};
    network.run_until(10'000);
    CHECK(left.is_at(two.tip().known.id));
    CHECK(right.is_at(two.tip().known.id));
    CHECK(left.node->status().counts.blocks_disconnected == 6);
    CHECK(left.node->status().counts.faults == 0);
    CHECK(right.node->status().counts.faults == 0);
    for (const auto& [path, value] : two.state().values())
        CHECK(left.store.state()->get(StateKey{value.first, path}) == value.second);
}

TEST_CASE("a call for headers that came to nothing is made again")
{
    SoloChain chain;
    for (unsigned i = 0; i < 20; ++i) chain.add_some(i);
    SimNetwork network{5};
    TestNode node{network, chain, chain.consensus(), "node:1", {}};
    TestPeer peer{network, "peer:1", 77};
    unsigned asked = 0;
    peer.answers = [&](const std::string& method, const Bytes&) -> TestPeer::Answer {
        if (method != "chain.headers" || ++asked == 1) return {.status = CallStatus::busy};
        std::vector<SealedHeader> headers;
        for (std::size_t i = 1; i < chain.blocks().size(); ++i)
            headers.push_back({chain.blocks()[i].known.header, chain.blocks()[i].known.seal});
        return {.data = headers_bytes(headers)};
    };
    REQUIRE(peer.connect("node:1"));
    peer.greet(chain.tip().known.header.chain, {20});
    network.run_until(60'000);
    CHECK(asked > 1);
    CHECK(node.node->status().best == Height{20});
}
