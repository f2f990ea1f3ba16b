#include "chain/poc_node_testing.hpp"

#include <doctest/doctest.h>

// Nodes of a chain that is mined by plots, and the proofs they are given.

using namespace cairn;

namespace {

struct Mined {
    /// A node that makes blocks for a key.
    [[nodiscard]] TestNode node(const std::string& address, const Ed25519KeyPair& key)
    {
        return {network, chain.genesis(), chain.consensus(), address, {.producer = &key}};
    }
    void run(std::uint64_t time_ms) { network.run_until(network.now_ms() + time_ms); }

    SimNetwork network{1};
    PlottedChain chain;
    Ed25519KeyPair one = counting_pair(32);
    Ed25519KeyPair two = counting_pair(64);
};

} // namespace

TEST_CASE("a proof stands when the block on top gives way to another")
{
    Mined mined;
    TestNode one = mined.node("one:1", mined.one);
    TestNode two = mined.node("two:1", mined.two);
    for (auto [node, key] : {std::pair{&one, &mined.one}, {&two, &mined.two}}) {
        CHECK(!node->node->has_proof());
        CHECK(node->node->offer(mined.chain.proof(*node->node, *key, 1)).empty());
    }
    mined.run(2'000);
    for (auto [node, key] : {std::pair{&one, &mined.one}, {&two, &mined.two}}) {
        REQUIRE(node->store.tip().header.height == Height{1});
        CHECK(node->node->offer(mined.chain.proof(*node->node, *key, 8)).empty());
        CHECK(node->node->has_proof());
    }
    REQUIRE(!one.is_at(two.store.tip().id));
    // Of the two blocks one is left; who has given up its own is alone then.
    one.node->add_peer("two:1");
    for (int i = 0; i < 5'000 && !one.is_at(two.store.tip().id); ++i) mined.run(1);
    REQUIRE(one.is_at(two.store.tip().id));
    REQUIRE(one.store.tip().header.height == Height{1});
    TestNode& other = one.node->status().counts.blocks_disconnected > 0 ? one : two;
    CHECK(other.node->status().counts.blocks_disconnected == 1);
    mined.network.cut(one.hub, two.hub, true);
    mined.run(20'000);
    CHECK(other.store.tip().header.height == Height{2});
}

TEST_CASE("a block that is known of and never comes keeps nobody from making others for long")
{
    Mined mined;
    const TestNode liar = mined.node("liar:1", mined.two);
    CHECK(liar.node->offer(mined.chain.proof(*liar.node, mined.two, 1)).empty());
    mined.run(1'000);
    const KnownHeader withheld = liar.store.tip();
    REQUIRE(withheld.header.height == Height{1});
    const TestNode node = mined.node("node:1", mined.one);
    TestPeer peer{mined.network, "peer:1", 77};
    peer.answers = [](const std::string&, const Bytes&) -> TestPeer::Answer {
        return {.status = CallStatus::no};
    };
    REQUIRE(peer.connect("node:1"));
    peer.greet(withheld.header.chain, {1});
    const SealedHeader sealed{withheld.header, withheld.seal};
    CHECK(peer.call("chain.told", headers_bytes({&sealed, 1})).status == CallStatus::ok);
    CHECK(node.node->status().best == Height{1});
    // It takes proofs meanwhile.
    CHECK(node.node->offer(mined.chain.proof(*node.node, mined.one, 1)).empty());
    mined.run(10'000);
    CHECK(node.store.tip().header.height == Height{0});
    mined.run(10'000);
    CHECK(node.store.tip().header.height == Height{1});
    CHECK(node.store.tip().id != withheld.id);
}
