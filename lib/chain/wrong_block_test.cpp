#include "chain/node_testing.hpp"

#include <doctest/doctest.h>

// Blocks that their producer has sealed and that are wrong all the same, and compact blocks that do
// not lead to a block.

using namespace cairn;

namespace {

Bytes framed(const Block& block)
{
    const Bytes bytes = to_bytes(block);
    Bytes frame = frame_head(bytes);
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    return frame;
}

/// A node that has a chain, and a peer that tells of a block on top of it.
struct Scene {
    SoloChain chain;
    ForkingConsensus rules{chain.genesis()};
    SimNetwork network{1};
    std::optional<TestNode> node;
    std::vector<std::unique_ptr<TestPeer>> peers;
    std::optional<Block> told;
    std::function<Bytes(const std::string& method)> compact; ///< what else it answers

    Scene()
    {
        for (unsigned i = 0; i < 6; ++i) chain.add_some(i);
        node.emplace(network, chain, rules, "node:1", TestNode::Options{.before = &chain});
        greet();
    }

    [[nodiscard]] TestPeer& peer() const { return *peers.back(); }

    /// Another peer comes.
    void greet()
    {
        const std::string address = "peer" + std::to_string(peers.size()) + ":1";
        peers.push_back(std::make_unique<TestPeer>(network, address, 600 + peers.size()));
        peer().answers = [this](const std::string& method, const Bytes&) -> TestPeer::Answer {
            if (method == "chain.bodies") return {.data = framed(*told)};
            if (compact && (method == "chain.compact" || method == "chain.missing"))
                return {.data = compact(method)};
            return {.status = CallStatus::no};
        };
        REQUIRE(peer().connect("node:1"));
        REQUIRE(peer().greet(chain.tip().known.header.chain).status == CallStatus::ok);
    }
    void tell(const Block& block)
    {
        told = block;
        const SealedHeader sealed{block.header, block.seal};
        (void)peer().call("chain.told", headers_bytes({&sealed, 1}));
        network.run_until(network.now_ms() + 1'000);
    }
    [[nodiscard]] Block sealed(Block block) const
    {
        block.header.transactions = transactions_root(block.transactions);
        block.seal = to_bytes(seal(block_id(block.header), chain.producer()));
        return block;
    }
};

/// Blocks that are nearly the good one, sealed by their producer.
std::vector<Block> wrong_blocks(const Scene& scene, const Block& good)
{
    std::vector<Block> wrong;
    const auto add = [&](auto change) {
        Block block = good;
        change(block);
        wrong.push_back(scene.sealed(block));
    };
    for (std::size_t byte = 0; byte < 32; byte += 5) {
        add([&](Block& b) { b.header.state.bytes[byte] ^= std::byte{1}; });
        add([&](Block& b) { b.header.receipts.bytes[byte] ^= std::byte{1}; });
    }
    add([](Block& b) { b.header.producer = filled<AccountId>(9); });
    for (std::size_t i = 0; i < good.transactions.size(); ++i) {
        const auto change = [&](auto what) { add([&](Block& b) { what(b.transactions[i]); }); };
        change([](Transaction& t) { ++t.body.fee.atoms; });
        change([](Transaction& t) { ++t.body.call.sequence; });
        change([](Transaction& t) { ++t.body.valid_until.value; });
        change([](Transaction& t) { t.body.chain = filled<NetworkId>(1); });
        change([](Transaction& t) { t.body.call.sender = SoloChain::id(3); });
        change([](Transaction& t) { t.body.call.method = 99; });
        change([](Transaction& t) { t.body.call.module = 99; });
        change([](Transaction& t) { t.body.call.arguments.back() ^= std::byte{1}; });
        change([](Transaction& t) { t.signatures.clear(); });
        change([](Transaction& t) { t.signatures[0].signature.bytes[0] ^= std::byte{1}; });
        change([](Transaction& t) { t.signatures[0].key = SoloChain::pair(3).public_key(); });
        add([&](Block& b) { b.transactions.erase(b.transactions.begin() + std::ptrdiff_t(i)); });
        add([&](Block& b) { b.transactions.push_back(b.transactions[i]); });
    }
    add([](Block& b) { std::swap(b.transactions[0], b.transactions[1]); });
    add([](Block& b) { b.transactions.clear(); });
    return wrong;
}

} // namespace

TEST_CASE("a block with one field wrong is refused, and the state stays; the right one goes on")
{
    std::size_t count = 1;
    for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(i);
        Scene scene;
        const Block good = scene.chain.add_some(8).block;
        REQUIRE(good.transactions.size() >= 3);
        const StateRoot root = scene.node->store.tip().header.state;
        const std::vector<Block> wrong = wrong_blocks(scene, good);
        count = wrong.size();
        scene.tell(wrong[i]);
        REQUIRE(scene.node->store.tip().id == good.header.parent);
        CHECK(scene.node->store.tip().header.state == root);
        CHECK_FALSE(scene.node->store.has_uncommitted());
        CHECK(scene.node->node->status().counts.blocks_connected == 0);
        if (!scene.peer().is_linked) scene.greet();
        scene.tell(good);
        CHECK(scene.node->is_at(scene.chain.tip().known.id));
    }
    CHECK(count > 50);
}

TEST_CASE("compact blocks with names that collide, lie or miss end in the whole block")
{
    for (unsigned kind = 0; kind < 7; ++kind) {
        CAPTURE(kind);
        Scene scene;
        const std::vector<Transaction> sent{
            scene.chain.transfer(0, SoloChain::receiver(1), 1'000'000),
            scene.chain.transfer(1, SoloChain::receiver(2), 1'000'000),
            scene.chain.transfer(2, SoloChain::receiver(3), 1'000'000)};
        for (const Transaction& transaction : sent)
            REQUIRE(std::holds_alternative<TransactionId>(scene.node->node->send(transaction)));
        const Block block = scene.chain.add(sent).block;
        scene.compact = [&](const std::string& method) {
            if (method == "chain.missing") {
                if (kind == 4) return Bytes{};
                return transactions_bytes(std::array{sent[kind == 5 ? 0 : 2]});
            }
            CompactBlock compact{{block.header, block.seal}, filled<CompactSalt>(3), {}};
            for (const Transaction& transaction : sent)
                compact.ids.push_back(short_id(compact.salt, transaction_id(transaction.body)));
            if (kind == 1) compact.ids[1] = compact.ids[0];
            if (kind == 2) compact.ids.pop_back();
            if (kind == 3) std::swap(compact.ids[1], compact.ids[0]);
            if (kind >= 4) compact.ids[2] = filled<ShortId>(1); // not known here
            return to_bytes(compact);
        };
        scene.tell(block);
        CHECK(scene.node->is_at(scene.chain.tip().known.id));
        CHECK(scene.peer().heard["chain.compact"] == 1);
        CHECK(scene.peer().heard["chain.missing"] == (kind >= 4 ? 1 : 0));
        const bool is_right = kind == 0 || kind == 6;
        CHECK(scene.peer().heard["chain.bodies"] == (is_right ? 0 : 1));
        CHECK(scene.node->node->status().counts.blocks_compact == (is_right ? 1 : 0));
        CHECK(scene.node->node->status().counts.faults == 0);
        CHECK(scene.node->mempool.count() == 0);
    }
}

TEST_CASE("a compact block that is none, or another, bans its sender")
{
    for (const bool is_other : {false, true}) {
        Scene scene;
        const Transaction sent = scene.chain.transfer(0, SoloChain::receiver(1), 1'000'000);
        REQUIRE(std::holds_alternative<TransactionId>(scene.node->node->send(sent)));
        const MadeBlock other = scene.chain.tip();
        const Block block = scene.chain.add({sent}).block;
        scene.compact = [&](const std::string&) {
            if (!is_other) return noise(200);
            return to_bytes(CompactBlock{{other.block.header, other.block.seal}, {}, {}});
        };
        scene.tell(block);
        CHECK_FALSE(scene.peer().is_linked);
        CHECK(scene.node->node->status().counts.banned == 1);
        CHECK(scene.node->is_at(other.known.id));
    }
}
