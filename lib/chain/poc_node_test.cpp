#include "chain/node_testing.hpp"
#include "engine/poc.hpp"

#include <doctest/doctest.h>

// Nodes of a chain that is mined by plots, and the proofs they are given.

using namespace cairn;

namespace {

Genesis poc_genesis()
{
    Genesis genesis = parse_genesis(*genesis_profile("dev"));
    auto& rules = std::get<PocRules>(genesis.engine);
    rules.form = PlotForm::poc2;
    rules.is_bending = false;
    rules.base_target = std::uint64_t{1} << 60U;
    rules.retarget_s = 10'000'000; // it stays there
    return genesis;
}

/// A chain without blocks, whose nodes make them at the times that a test wants.
struct Mined {
    /// A node that makes blocks for a key.
    [[nodiscard]] TestNode node(const std::string& address, const Ed25519KeyPair& key,
                                std::vector<std::string> peers = {})
    {
        return {
            network, genesis, consensus, address, {.peers = std::move(peers), .producer = &key}};
    }
    /// A proof in the plots of a key, for a node's round, that waits for so many seconds.
    [[nodiscard]] PocData proof(const TestNode& node, const Ed25519KeyPair& key,
                                std::uint64_t delay_s) const
    {
        const PocRound round = *node.node->round();
        PocData data;
        data.form = PlotForm::poc2;
        data.plot.account = account_id(key.public_key());
        data.base_target = round.base_target;
        while (true) {
            const Claim claim =
                claim_of(network_id(genesis), data, Challenge{round.challenge.bytes}, round.scoop);
            data.quality = hits_of({&claim, 1}).front().value;
            if (data.quality / data.base_target == delay_s) return data;
            ++data.first;
        }
    }
    void run(std::uint64_t time_ms) { network.run_until(network.now_ms() + time_ms); }

    SimNetwork network{1};
    Genesis genesis = poc_genesis();
    HashedQualities qualities{genesis};
    PocConsensus consensus{genesis, qualities};
    Ed25519KeyPair one = counting_pair(32);
    Ed25519KeyPair two = counting_pair(64);
};

} // namespace

TEST_CASE("a proof stands when the block on top gives way to another")
{
    Mined chain;
    TestNode one = chain.node("one:1", chain.one);
    TestNode two = chain.node("two:1", chain.two);
    for (auto [node, key] : {std::pair{&one, &chain.one}, {&two, &chain.two}}) {
        CHECK(!node->node->has_proof());
        CHECK(node->node->offer(chain.proof(*node, *key, 1)).empty());
    }
    chain.run(2'000);
    for (auto [node, key] : {std::pair{&one, &chain.one}, {&two, &chain.two}}) {
        REQUIRE(node->store.tip().header.height == Height{1});
        CHECK(node->node->offer(chain.proof(*node, *key, 8)).empty());
        CHECK(node->node->has_proof());
    }
    REQUIRE(!one.is_at(two.store.tip().id));
    // Of the two blocks one is left; who has given up its own is alone then.
    one.node->add_peer("two:1");
    while (!one.is_at(two.store.tip().id)) chain.run(1);
    REQUIRE(one.store.tip().header.height == Height{1});
    TestNode& other = one.node->status().counts.blocks_disconnected > 0 ? one : two;
    CHECK(other.node->status().counts.blocks_disconnected == 1);
    chain.network.cut(one.hub, two.hub, true);
    chain.run(20'000);
    CHECK(other.store.tip().header.height == Height{2});
}

TEST_CASE("a block that is known of and never comes keeps nobody from making others for long")
{
    Mined chain;
    const TestNode liar = chain.node("liar:1", chain.two);
    CHECK(liar.node->offer(chain.proof(liar, chain.two, 1)).empty());
    chain.run(1'000);
    const KnownHeader withheld = liar.store.tip();
    REQUIRE(withheld.header.height == Height{1});
    const TestNode node = chain.node("node:1", chain.one);
    TestPeer peer{chain.network, "peer:1", 77};
    peer.answers = [](const std::string&, const Bytes&) -> TestPeer::Answer {
        return {.status = CallStatus::no};
    };
    REQUIRE(peer.connect("node:1"));
    peer.greet(withheld.header.chain, {1});
    const SealedHeader sealed{withheld.header, withheld.seal};
    CHECK(peer.call("chain.told", headers_bytes({&sealed, 1})).status == CallStatus::ok);
    CHECK(node.node->status().best == Height{1});
    // It takes proofs meanwhile.
    CHECK(node.node->offer(chain.proof(node, chain.one, 1)).empty());
    chain.run(10'000);
    CHECK(node.store.tip().header.height == Height{0});
    chain.run(10'000);
    CHECK(node.store.tip().header.height == Height{1});
    CHECK(node.store.tip().id != withheld.id);
}
