#include "engine/solo.hpp"

#include "engine/testing.hpp"

using namespace cairn;

namespace {

/// A ledger of one key.
class SoloChain {
public:
    SoloChain() : key{counting_pair(0)}, genesis{genesis_of(key)}, consensus{genesis} {}

    static Genesis genesis_of(const Ed25519KeyPair& key)
    {
        Genesis genesis;
        genesis.engine = SoloRules{.producer = key.public_key()};
        return genesis;
    }
    [[nodiscard]] Bytes beacon(Height height, const Ed25519KeyPair& by) const
    {
        const auto signature = by.sign(solo_beacon_message(root().header.chain, height));
        return {signature.bytes.begin(), signature.bytes.end()};
    }
    [[nodiscard]] static KnownHeader root() { return test_root(); }
    [[nodiscard]] KnownHeader child(const KnownHeader& parent, std::uint8_t mark = 0) const
    {
        KnownHeader known;
        known.header.chain = parent.header.chain;
        known.header.height = parent.header.height + 1;
        known.header.parent = parent.id;
        known.header.time_s = parent.header.time_s + 1;
        known.header.state.bytes[0] = std::byte{mark};
        known.header.consensus = beacon(known.header.height, key);
        known.id = block_id(known.header);
        known.seal = seal_of(known.header, key);
        known.state = consensus.next_state(parent.state, known.header);
        return known;
    }
    [[nodiscard]] static Bytes seal_of(const Header& header, const Ed25519KeyPair& by)
    {
        return to_bytes(seal(block_id(header), by));
    }

    Ed25519KeyPair key;
    Genesis genesis;
    SoloConsensus consensus;
};

} // namespace

TEST_CASE("a header of one key is refused for each single thing that is wrong with it")
{
    const SoloChain chain;
    const KnownHeader root = SoloChain::root();
    const KnownHeader good = chain.child(root);
    const Ed25519KeyPair other = counting_pair(32);
    const auto fault_of = [&](const Header& header, const Bytes& seal) {
        const auto fault = chain.consensus.check(root, header, seal);
        return fault ? fault->reason : "";
    };
    const auto fault = [&](auto change) {
        Header header = good.header;
        change(header);
        return fault_of(header, SoloChain::seal_of(header, chain.key));
    };
    CHECK(fault([](Header&) {}).empty());
    CHECK(fault([](Header& header) { header.time_s += 100; }).empty());
    CHECK(fault([](Header& header) { header.time_s -= 1; }) == "it is not after its parent");
    CHECK(fault([](Header& header) { header.time_s = 0; }) == "it is not after its parent");
    CHECK(fault([](Header& header) { header.engine = EngineKind::poc; }) ==
          "it is of another engine");
    CHECK(fault([](Header& header) { header.consensus.clear(); }) == "its beacon is wrong");
    CHECK(fault([](Header& header) { header.consensus.push_back({}); }) == "its beacon is wrong");
    CHECK(fault([](Header& header) { header.consensus[40] ^= std::byte{1}; }) ==
          "its beacon is wrong");
    CHECK(fault([&](Header& header) { header.consensus = chain.beacon({2}, chain.key); }) ==
          "its beacon is wrong");
    CHECK(fault([&](Header& header) { header.consensus = chain.beacon({1}, other); }) ==
          "its beacon is wrong");
    CHECK(fault([](Header& header) { header.chain.bytes[0] ^= std::byte{1}; }) ==
          "its beacon is wrong");
    CHECK(fault_of(good.header, SoloChain::seal_of(good.header, other)) ==
          "its key is not the producer's");
    CHECK(fault_of(good.header, chain.child(root, 1).seal) == "its seal is wrong");
    CHECK(!fault_of(good.header, {}).empty());
    for (std::size_t bit = 0; bit < 8 * good.seal.size(); bit += 7)
        CHECK(!fault_of(good.header, with_bit_changed(good.seal, bit)).empty());
}

TEST_CASE("each header of one key is one unit of work, and its beacon is the hash of a signature")
{
    const SoloChain chain;
    const KnownHeader root = SoloChain::root();
    CHECK(chain.consensus.first_state(root.header).work == Work{});
    CHECK(chain.consensus.first_state(root.header).seed.bytes == root.header.chain.bytes);
    const KnownHeader block = chain.child(root);
    CHECK(block.state.work == Work{1});
    CHECK(block.state.seed.bytes == sha256(block.header.consensus).bytes);
    const BlockContext context = chain.consensus.context(root.state, block.header, block.seal);
    CHECK(context.beacon == block.state.seed);
    CHECK(context.sealer == chain.key.public_key());
    CHECK(context.parent == root.id);
    CHECK(!context.plot);
    const Consensus::Unproven unproven{&root.state, &block.header};
    CHECK(chain.consensus.prove({&unproven, 1}) == std::vector<bool>{true});
    const Bytes message = solo_beacon_message(root.header.chain, {0x01020304});
    CHECK(message.size() == 20 + 1 + 32 + 4);
    CHECK(message[20] == std::byte{0});
    CHECK(message[53] == std::byte{1});
}

TEST_CASE("followers of one key halt when it has made two blocks of one height")
{
    const SoloChain chain;
    EngineDriver driver{chain.consensus, {SoloChain::root()}};
    KnownHeader tip = SoloChain::root();
    for (int i = 0; i < 4; ++i) {
        tip = chain.child(tip);
        driver.tell_header(tip);
        driver.settle();
    }
    CHECK(driver.chain().back().id == tip.id);
    CHECK(driver.engine().find(tip.header.parent));
    CHECK(!driver.engine().find(SoloChain::root().id));
    driver.tell_header(chain.child(driver.chain()[3], 1));
    CHECK(driver.halts.size() == 1);
    CHECK(driver.equivocations.size() == 1);
    CHECK(driver.chain().back().id == tip.id);
}

TEST_CASE("the genesis says which rules there are")
{
    const SoloChain chain;
    class None final : public Qualities {
        [[nodiscard]] std::vector<std::uint64_t> of(std::span<const Question>) const override
        {
            return {};
        }
    } none;
    const auto solo = make_consensus(chain.genesis, none);
    CHECK(solo->halts_on_equivocation());
    CHECK(solo->reorganisation_max() == 0);
    CHECK(solo->future_s() == 5);
    const Genesis dev = parse_genesis(*genesis_profile("dev"));
    const auto poc = make_consensus(dev, none);
    CHECK(!poc->halts_on_equivocation());
    CHECK(poc->reorganisation_max() == 720);
    CHECK(poc->future_s() == 15);
}
