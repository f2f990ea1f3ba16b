#include "chain/poc_node_testing.hpp"
#include "engine/sign_guard.hpp"

#include <doctest/doctest.h>

// What a chain comes to when a node ends at the wrong moment.

using namespace cairn;

namespace {

/// Files that outlive a node, which may end when it has saved one of them.
class LastingFiles final : public NodeFiles {
public:
    [[nodiscard]] Bytes load(const std::string& name) override { return files_[name]; }
    void save(const std::string& name, ByteView bytes) override
    {
        files_[name] = {bytes.begin(), bytes.end()};
        if (name == last) throw Error{Exit::ioerr, "the power is gone"};
    }

    std::string last; ///< empty: none

private:
    std::map<std::string, Bytes> files_;
};

/// A node whose directory and files stay when it ends.
class LastingNode {
public:
    /// Of a chain of one producer: with all its blocks, and perhaps making more.
    LastingNode(SimNetwork& network, const SoloChain& chain, bool is_producer)
        : network_{&network},
          genesis_{&chain.genesis()},
          consensus_{&chain.consensus()},
          producer_{is_producer ? &chain.producer() : nullptr}
    {
        {
            ChainStore store{directory_.path(), chain.genesis(), chain.consensus()};
            put_all(store, chain);
            store.commit();
        }
        start();
    }
    /// Of a chain that is mined by plots, which has no blocks yet.
    LastingNode(SimNetwork& network, const PlottedChain& chain, const Ed25519KeyPair& producer)
        : network_{&network},
          genesis_{&chain.genesis()},
          consensus_{&chain.consensus()},
          producer_{&producer}
    {
        start();
    }

    void start()
    {
        life_.reset();
        ++lives_;
        life_.emplace(*this, address());
    }

    /// Lets it do what is due for so long.
    void run(std::uint64_t time_ms)
    {
        for (std::uint64_t done = 0; done < time_ms; done += 100) {
            life_->node.advance();
            network_->run_until(network_->now_ms() + 100);
        }
    }
    [[nodiscard]] const KnownHeader& tip() const { return life_->store.tip(); }
    [[nodiscard]] ChainNode& node() { return life_->node; }
    [[nodiscard]] ChainStatus status() const { return life_->node.status(); }
    [[nodiscard]] std::string address() const { return "life" + std::to_string(lives_) + ":1"; }

    LastingFiles files;

private:
    struct Life {
        Life(LastingNode& of, const std::string& address)
            : hub{of.network_->add({.address = address, .link_key = &of.link_key_})},
              store{of.directory_.path(), *of.genesis_, *of.consensus_},
              mempool{*of.genesis_, {}, 1},
              node{{hub, store, *of.consensus_, mempool, of.entropy_, of.files},
                   of.options(address, hub),
                   {[](const std::string&, const Json&) {}, [](const std::string&) {},
                    [](const std::string&) {}}}
        {
            of.network_->serve(hub, [&of, life = of.lives_](const HubEvent& event) {
                if (of.life_ && of.lives_ == life) of.life_->node.handle(event);
            });
        }

        Hub& hub;
        ChainStore store;
        Mempool mempool;
        ChainNode node;
    };

    ChainNodeOptions options(const std::string& address, Hub& hub) const
    {
        ChainNodeOptions as{.address = address, .check_threads = 0, .now_ms = [this, &hub] {
                                return wall_ms(*genesis_, hub);
                            }};
        if (producer_)
            as.mining = MiningOptions{producer_, account_id(producer_->public_key()), {}};
        return as;
    }

    TestDirectory directory_;
    Ed25519KeyPair link_key_{Secret::copy(noise(Ed25519KeyPair::seed_size, 5))};
    FixedEntropy entropy_{6};
    SimNetwork* network_;
    const Genesis* genesis_;
    const Consensus* consensus_;
    const Ed25519KeyPair* producer_;
    unsigned lives_ = 0;
    std::optional<Life> life_;
};

/// A peer that has told a node of a block.
std::unique_ptr<TestPeer> peer_telling(SimNetwork& network, const LastingNode& node,
                                       const Block& block, std::uint64_t number)
{
    auto owned =
        std::make_unique<TestPeer>(network, "peer" + std::to_string(number) + ":1", number);
    TestPeer& peer = *owned;
    peer.answers = [](const std::string&, const Bytes&) -> TestPeer::Answer {
        return {.status = CallStatus::no};
    };
    REQUIRE(peer.connect(node.address()));
    REQUIRE(peer.greet(block.header.chain).status == CallStatus::ok);
    const SealedHeader sealed{block.header, block.seal};
    (void)peer.call("chain.told", headers_bytes({&sealed, 1}));
    return owned;
}

void make_short(SoloChain& chain)
{
    for (unsigned i = 0; i < 4; ++i) chain.add_some(i);
}

} // namespace

TEST_CASE("a producer that ends between guard and block makes that very block when it starts")
{
    for (const char* const last : {"sealing", "sealed"}) {
        CAPTURE(last);
        SoloChain chain;
        make_short(chain);
        SimNetwork network{1};
        LastingNode node{network, chain, true};
        const KnownHeader before = node.tip();
        node.files.last = last;
        CHECK_THROWS_AS(node.run(5'000), Error);
        node.files.last.clear();
        const Bytes sealed = node.files.load("sealed");
        node.start();
        CHECK(node.tip().id == before.id);
        network.run_until(network.now_ms() + 3'000); // so that another time would be in the block
        node.run(100);
        REQUIRE(node.tip().header.parent == before.id);
        SignGuard guard = SignGuard::parse(sealed.empty() ? SignGuard{}.to_bytes() : sealed);
        const auto answer = guard.ask(node.tip().header.height, before.id, node.tip().id);
        CHECK(answer != SignGuard::Answer::never);
        node.run(5'000);
        CHECK(node.tip().header.height > before.header.height + 2);
    }
}

TEST_CASE("a miner's node that ends there makes that very block, too, and goes on")
{
    for (const char* const last : {"sealing", "sealed"}) {
        CAPTURE(last);
        const PlottedChain chain;
        const Ed25519KeyPair key = counting_pair(32);
        SimNetwork network{1};
        LastingNode node{network, chain, key};
        const KnownHeader before = node.tip();
        REQUIRE(node.node().offer(chain.proof(node.node(), key, 1)).empty());
        node.files.last = last;
        CHECK_THROWS_AS(node.run(5'000), Error);
        node.files.last.clear();
        node.start();
        CHECK(node.tip().id == before.id);
        network.run_until(network.now_ms() + 3'000); // so that another time would be in the block
        node.run(100);
        REQUIRE(node.tip().header.parent == before.id);
        CHECK(node.tip().header.time_s + 3 <= node.node().now_ms() / 1000);
        REQUIRE(node.node().offer(chain.proof(node.node(), key, 1)).empty());
        node.run(5'000);
        CHECK(node.tip().header.height == Height{2});
    }
}

TEST_CASE("a follower sees a second block beside its tip after a start, and then halts for good")
{
    SoloChain chain;
    make_short(chain);
    SimNetwork network{1};
    LastingNode node{network, chain, false};
    CHECK(!node.status().is_halted);
    Block twin = chain.tip().block;
    twin.header.time_s += 1;
    twin.seal = to_bytes(seal(block_id(twin.header), chain.producer()));
    const auto first = peer_telling(network, node, twin, 800);
    CHECK(node.status().is_halted);
    CHECK(!node.files.load("halted").empty());
    node.start();
    CHECK(node.status().is_halted);
    const KnownHeader before = node.tip();
    chain.add();
    const auto second = peer_telling(network, node, chain.tip().block, 801);
    node.run(2'000);
    CHECK(node.tip().id == before.id);
}
