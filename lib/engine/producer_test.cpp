#include "engine/producer.hpp"

#include "engine/poc_testing.hpp"

using namespace cairn;

namespace {

/// The profile dev, with so little space that qualities have to wait long.
Genesis long_genesis()
{
    Genesis genesis = parse_genesis(*genesis_profile("dev"));
    std::get<PocRules>(genesis.engine).base_target = std::uint64_t{1} << 40U;
    return genesis;
}

/// A chain with some blocks, and proofs for its next one.
class Round {
public:
    Round() : chain{long_genesis(), qualities}
    {
        for (std::uint64_t i = 0; i < 3; ++i) chain.add(chain.header(chain.data(i)));
    }

    /// The best proof that has to wait at least so long, or nearly.
    [[nodiscard]] PocData proof(std::uint64_t delay_s) const
    {
        PocData data = chain.data(delay_s);
        std::uint64_t step = std::uint64_t{1} << 63U;
        for (; step > 0; step /= 2) {
            data.quality += step;
            if (delay(data) >= delay_s) data.quality -= step;
        }
        data.quality += 1;
        REQUIRE(delay(data) == delay_s);
        return data;
    }
    [[nodiscard]] std::uint64_t delay(const PocData& data) const
    {
        return delay_of(chain.rules(), data.quality, data.base_target);
    }
    [[nodiscard]] std::uint64_t begun_s() const { return chain.tip().header.time_s; }
    [[nodiscard]] PocProducer producer() const { return {chain.genesis(), chain.tip()}; }

    /// A block behind the tip.
    [[nodiscard]] KnownHeader block(const PocData& data) const
    {
        const Header header = chain.header(data);
        return {block_id(header), header, chain.seal_of(header),
                chain.consensus().next_state(chain.tip().state, header)};
    }

    /// Whether an order makes a block that the rules take, behind the tip.
    [[nodiscard]] bool is_right(const BlockOrder& order) const
    {
        Header header = chain.header(parse_poc_data(order.consensus));
        header.parent = order.parent;
        header.time_s = order.time_s;
        return order.parent == chain.tip().id &&
               !chain.consensus().check(chain.tip(), header, chain.seal_of(header));
    }

    DrawnQualities qualities;
    PocChain chain;
};

} // namespace

TEST_CASE("a block is made at the second it may be made, once")
{
    const Round round;
    PocProducer producer = round.producer();
    CHECK(!producer.tick(round.begun_s() + 1000).block);
    CHECK(!producer.tick(round.begun_s() + 1000).wake_at_s);
    CHECK(producer.delay_max() == UINT64_MAX);
    CHECK(producer.round().base_target == round.chain.round().base_target);
    CHECK(producer.round().challenge == round.chain.round().challenge);
    const PocData proof = round.proof(7);
    CHECK(producer.offer(proof));
    CHECK(producer.delay_max() == 7);
    const ProducerWish early = producer.tick(round.begun_s() + 6);
    CHECK(!early.block);
    CHECK(early.wake_at_s == round.begun_s() + 7);
    const ProducerWish now = producer.tick(round.begun_s() + 7);
    REQUIRE(now.block);
    CHECK(now.block->time_s == round.begun_s() + 7);
    CHECK(parse_poc_data(now.block->consensus) == proof);
    CHECK(round.is_right(*now.block));
    CHECK(!producer.tick(round.begun_s() + 8).block);
    CHECK(!producer.offer(round.proof(3)));
}

TEST_CASE("a block that comes late has the time of the clock, and none its parent's")
{
    const Round round;
    PocProducer producer = round.producer();
    CHECK(producer.offer(round.proof(4)));
    const ProducerWish late = producer.tick(round.begun_s() + 90);
    REQUIRE(late.block);
    CHECK(late.block->time_s == round.begun_s() + 90);
    CHECK(round.is_right(*late.block));
    PocProducer other = round.producer();
    CHECK(other.offer(round.chain.data(1))); // no delay at all
    CHECK(!other.tick(round.begun_s()).block);
    CHECK(other.tick(round.begun_s()).wake_at_s == round.begun_s() + 1);
    const ProducerWish wish = other.tick(round.begun_s() + 1);
    REQUIRE(wish.block);
    CHECK(wish.block->time_s == round.begun_s() + 1);
    CHECK(round.is_right(*wish.block));
    PocProducer back = round.producer(); // a clock that goes back makes nothing
    CHECK(back.offer(round.proof(4)));
    CHECK(!back.tick(0).block);
}

TEST_CASE("better offers take the place of others, worse and odd ones do not")
{
    const Round round;
    PocProducer producer = round.producer();
    CHECK(producer.offer(round.proof(9)));
    CHECK(!producer.offer(round.proof(9)));
    CHECK(!producer.offer(round.proof(10)));
    CHECK(producer.delay_max() == 9);
    CHECK(producer.offer(round.proof(8)));
    CHECK(producer.delay_max() == 8);
    PocData odd = round.proof(2);
    odd.base_target -= 1;
    CHECK(!producer.offer(odd));
    odd.base_target += 2;
    CHECK(!producer.offer(odd));
    CHECK(producer.delay_max() == 8);
    const ProducerWish wish = producer.tick(round.begun_s() + 8);
    REQUIRE(wish.block);
    CHECK(parse_poc_data(wish.block->consensus) == round.proof(8));
}

TEST_CASE("a worse block in our place is answered with ours, if its time has nearly come")
{
    const Round round;
    const std::uint64_t future_s = round.chain.rules().future_s;
    const KnownHeader worse = round.block(round.proof(30));
    const auto answer = [&](const KnownHeader& tip, std::uint64_t delay_s, std::uint64_t now_s) {
        PocProducer producer = round.producer();
        CHECK(producer.offer(round.proof(delay_s)));
        const ProducerWish wish = producer.tip_changed(tip, round.begun_s() + now_s);
        CHECK(producer.parent().id == tip.id);
        CHECK(producer.delay_max() == UINT64_MAX);
        if (wish.block) {
            CHECK(round.is_right(*wish.block));
            CHECK(wish.block->time_s == round.begun_s() + delay_s);
        }
        return wish.block.has_value();
    };
    CHECK(answer(worse, 20, 20));
    CHECK(answer(worse, 20, 1000));
    CHECK(answer(worse, 20, 20 - future_s));
    CHECK(!answer(worse, 20, 20 - future_s - 1));
    CHECK(!answer(worse, 31, 40)); // ours is the worse one
    CHECK(!answer(worse, 30, 40)); // or the same
    const Round other;
    KnownHeader elsewhere = worse;
    elsewhere.header.parent = filled<BlockId>(1);
    CHECK(!answer(elsewhere, 20, 20)); // it is in no place of ours
    // Ours was made already, and another came.
    PocProducer producer = round.producer();
    CHECK(producer.offer(round.proof(20)));
    CHECK(producer.tick(round.begun_s() + 20).block);
    CHECK(!producer.tip_changed(worse, round.begun_s() + 21).block);
    // The same tip again forgets nothing.
    PocProducer same = round.producer();
    CHECK(same.offer(round.proof(5)));
    CHECK(same.tip_changed(round.chain.tip(), round.begun_s() + 4).wake_at_s ==
          round.begun_s() + 5);
    CHECK(same.tip_changed(round.chain.tip(), round.begun_s() + 9).wake_at_s ==
          round.begun_s() + 5);
    CHECK(same.tick(round.begun_s() + 9).block);
    CHECK(!same.tip_changed(round.chain.tip(), round.begun_s() + 9).wake_at_s);
    // The next round is one of its own.
    CHECK(producer.parent().id == worse.id);
    CHECK(!producer.tick(round.begun_s() + 10'000).block);
    PocData next = round.proof(20);
    next.base_target = producer.round().base_target;
    CHECK(producer.offer(next));
}

TEST_CASE("a proof stands when another block has come in the place of the top")
{
    const Round round;
    const KnownHeader one = round.block(round.proof(30));
    const KnownHeader two = round.block(round.proof(29));
    const auto asked = [&](const KnownHeader& tip) {
        return PocProducer{round.chain.genesis(), tip}.round();
    };
    REQUIRE(one.header.time_s != two.header.time_s);
    REQUIRE(asked(one).challenge == asked(two).challenge);
    REQUIRE(asked(one).base_target != asked(two).base_target);
    PocProducer producer{round.chain.genesis(), one};
    PocData proof = round.chain.data(1);
    proof.quality = asked(one).base_target; // a second or two
    proof.base_target = asked(one).base_target;
    CHECK(producer.offer(proof));
    const ProducerWish wish = producer.tip_changed(two, 0);
    CHECK(!wish.block);
    REQUIRE(wish.wake_at_s);
    CHECK(producer.delay_max() != UINT64_MAX);
    CHECK(wish.wake_at_s == two.header.time_s + producer.delay_max());
    const ProducerWish due = producer.tick(*wish.wake_at_s);
    REQUIRE(due.block);
    CHECK(due.block->parent == two.id);
    const PocData made = parse_poc_data(due.block->consensus);
    CHECK(made.quality == proof.quality);
    CHECK(made.base_target == asked(two).base_target);
    // Back again, where none was made.
    CHECK(producer.tip_changed(one, 0).wake_at_s);
    CHECK(producer.tick(one.header.time_s + 1000).block);
    // A block beside it that asks for something else.
    KnownHeader other = two;
    other.state.seed = filled<Beacon>(9);
    CHECK(!producer.tip_changed(other, 0).wake_at_s);
    CHECK(producer.delay_max() == UINT64_MAX);
    // Another height.
    CHECK(producer.tip_changed(one, 0).wake_at_s == std::nullopt);
    CHECK(producer.offer(proof));
    KnownHeader higher = two;
    higher.header.height = two.header.height + 1;
    CHECK(!producer.tip_changed(higher, 0).wake_at_s);
}

TEST_CASE("one key makes blocks at intervals, at least a second apart")
{
    KnownHeader tip = test_root(); // of second 1000
    const auto due = [&](std::uint64_t interval_ms, std::uint64_t now_ms) {
        return SoloProducer{{.producer = {}, .interval_ms = interval_ms}, tip, {}}.due(now_ms,
                                                                                       false);
    };
    CHECK(!due(3000, 1'002'999));
    CHECK(due(3000, 1'003'000) == 1003U);
    CHECK(due(3000, 1'010'999) == 1010U);
    CHECK(!due(1, 1'000'999));
    CHECK(due(1, 1'001'000) == 1001U);
    CHECK(!due(1500, 1'001'499));
    CHECK(due(1500, 1'001'500) == 1001U);
    CHECK(!due(3000, 0)); // the clock has gone back
}

TEST_CASE("on demand blocks are made when transactions wait, or after long")
{
    SoloProducer producer{{.producer = {}, .interval_ms = 2000},
                          test_root(),
                          {.is_on_demand = true, .idle_ms = 60'000}};
    CHECK(!producer.due(1'001'999, true));
    CHECK(producer.due(1'002'000, true) == 1002U);
    CHECK(!producer.due(1'002'000, false));
    CHECK(!producer.due(1'059'999, false));
    CHECK(producer.due(1'060'000, false) == 1060U);
    producer.tip_changed(child_of(test_root(), {.step_s = 60}));
    CHECK(!producer.due(1'061'999, true));
    CHECK(producer.due(1'062'000, true) == 1062U);
}
