#include "capacity/testing.hpp"
#include "engine/poc_testing.hpp"

using namespace cairn;

namespace {

Genesis dev_genesis()
{
    return parse_genesis(*genesis_profile("dev"));
}

/// The rules of the profile dev, changed.
Genesis genesis_with(auto change)
{
    Genesis genesis = dev_genesis();
    change(std::get<PocRules>(genesis.engine));
    return genesis;
}

/// What a chain's rules find wrong with a header behind its tip; "" where it is right.
std::string fault_of(const PocChain& chain, const Header& header,
                     std::optional<Bytes> seal = std::nullopt)
{
    const auto fault =
        chain.consensus().check(chain.tip(), header, seal ? *seal : chain.seal_of(header));
    return fault ? fault->reason : "";
}

std::vector<bool> proven(const PocChain& chain, std::span<const Header> headers)
{
    std::vector<Consensus::Unproven> unproven;
    for (const Header& header : headers) unproven.push_back({&chain.tip().state, &header});
    return chain.consensus().prove(unproven);
}

} // namespace

TEST_CASE("a header is refused for each single thing that is wrong with it")
{
    const DrawnQualities qualities;
    // So little space that qualities have to wait long.
    PocChain chain{
        genesis_with([](PocRules& rules) { rules.base_target = std::uint64_t{1} << 50U; }),
        qualities};
    for (std::uint64_t i = 0; i < 3; ++i) {
        PocData data = chain.data(i);
        data.quality = DrawnQualities::of(chain.round().challenge, data);
        chain.add(chain.header(data));
    }
    PocData data = chain.data(7);
    data.quality = 0;
    while (delay_of(chain.rules(), data.quality, data.base_target) < 5)
        data.quality += data.base_target / 16;
    const Header good = chain.header(data);
    CHECK(good.time_s == chain.tip().header.time_s + 5);
    CHECK(fault_of(chain, good).empty());
    const auto fault = [&](auto change) {
        Header header = good;
        change(header);
        return fault_of(chain, header);
    };
    const auto data_fault = [&](auto change) {
        return fault([&](Header& header) {
            PocData other = data;
            change(other);
            header.consensus = to_bytes(other);
        });
    };
    CHECK(fault([](Header& header) { header.time_s += 1000; }).empty());
    CHECK(fault([](Header& header) { header.time_s -= 1; }) == "it is too early for its quality");
    CHECK(fault([&](Header& header) { header.time_s = chain.tip().header.time_s - 1; }) ==
          "it is too early for its quality");
    CHECK(fault([](Header& header) { header.time_s = 0; }) == "it is too early for its quality");
    CHECK(fault([](Header& header) { header.engine = EngineKind::solo; }) ==
          "it is of another engine");
    CHECK(!fault([](Header& header) { header.consensus.clear(); }).empty());
    CHECK(!fault([](Header& header) { header.consensus.pop_back(); }).empty());
    CHECK(data_fault([](PocData& other) { other.base_target -= 1; }) ==
          "its base target is another");
    CHECK(data_fault([](PocData& other) { other.base_target += 1; }) ==
          "its base target is another");
    CHECK(data_fault([](PocData& other) { other.base_target = 0; }) ==
          "its base target is another");
    CHECK(data_fault([](PocData& other) { other.quality = UINT64_MAX; }) ==
          "it is too early for its quality");
    CHECK(data_fault([](PocData& other) {
              other = {.form = PlotForm::poc2,
                       .plot = {other.plot.account, 0},
                       .quality = other.quality,
                       .base_target = other.base_target,
                       .sealer = other.sealer};
          }) == "its plot is of another form");
    // The seal.
    const Bytes seal_bytes = chain.seal_of(good);
    CHECK(fault_of(chain, good, Bytes{}) != "");
    for (const std::size_t bit : {3U, 20U, 300U, 400U, 800U})
        CHECK(fault_of(chain, good, with_bit_changed(seal_bytes, bit)) != "");
    const Bytes stolen = to_bytes(seal(block_id(good), counting_pair(32)));
    CHECK(fault_of(chain, good, stolen) == "its seal is another key's");
    Header other = good;
    other.state.bytes[0] ^= std::byte{1};
    CHECK(fault_of(chain, other, seal_bytes) == "its seal is wrong");
}

TEST_CASE("a block may not have its parent's time, however good it is")
{
    const DrawnQualities qualities;
    for (const bool is_bending : {false, true}) {
        PocChain chain{genesis_with([&](PocRules& rules) { rules.is_bending = is_bending; }),
                       qualities};
        Header header = chain.header(chain.data(0)); // its quality is 0: no delay
        CHECK(header.time_s == chain.tip().header.time_s + 1);
        CHECK(fault_of(chain, header).empty());
        header.time_s -= 1;
        CHECK(fault_of(chain, header) == "it is too early for its quality");
    }
}

TEST_CASE("plots need the scale of their height")
{
    const DrawnQualities qualities;
    PocChain chain{genesis_with([](PocRules& rules) {
                       rules.scales = {{{0}, 0}, {{2}, 2}, {{3}, 1}};
                   }),
                   qualities};
    for (const std::uint64_t scale : {0U, 2U, 1U}) {
        PocData data = chain.data(0);
        for (data.scale = 0; data.scale < scale; ++data.scale)
            CHECK(fault_of(chain, chain.header(data)) == "its plot's scale is too small");
        data.scale = scale_max;
        CHECK(fault_of(chain, chain.header(data)).empty());
        data.scale = scale;
        chain.add(chain.header(data));
    }
}

TEST_CASE("a claimed quality is the plot's, or it is not proven")
{
    const DrawnQualities qualities;
    const PocChain chain{dev_genesis(), qualities};
    std::vector<Header> headers;
    std::vector<bool> expected;
    for (std::uint64_t place = 0; place < 40; ++place) {
        PocData data = chain.data(place);
        data.quality = DrawnQualities::of(chain.round().challenge, data);
        if (place % 5 == 1) ++data.quality;
        if (place % 5 == 3) --data.quality;
        expected.push_back(place % 5 != 1 && place % 5 != 3);
        headers.push_back(chain.header(data));
    }
    CHECK(proven(chain, headers) == expected);
    CHECK(proven(chain, {}).empty());
}

TEST_CASE("real plots prove what they hold, of both forms, by both rules of challenges")
{
    for (const auto form : {PlotForm::x1, PlotForm::poc2})
        for (const auto challenge : {ChallengeRule::epoch, ChallengeRule::family}) {
            Genesis genesis = genesis_with([&](PocRules& rules) {
                rules.form = form;
                rules.challenge = challenge;
            });
            const HashedQualities qualities{genesis};
            const PocChain chain{genesis, qualities};
            const PocRound round = chain.round();
            PocData data = chain.data(3);
            const PlotOwner owner{chain.tip().header.chain.bytes, data.plot.account.bytes, 0};
            NonceGroup group;
            group.make(std::array{form == PlotForm::x1
                                      ? to_seed(plot_id(owner), {data.place})
                                      : to_seed(numeric_account(owner), {data.first})});
            Bytes scoop(scoop_size);
            group.copy_scoops(round.scoop.value, round.scoop.value, scoop.data(), {});
            data.quality = hit_of(round.challenge, scoop).value;
            std::vector<Header> headers;
            for (const std::uint64_t off : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
                PocData other = data;
                other.quality += off;
                headers.push_back(chain.header(other));
            }
            CHECK(proven(chain, headers) == std::vector<bool>{true, false, false});
        }
}

TEST_CASE("by the family's rules rounds are those of the published vectors")
{
    Genesis genesis = genesis_with([](PocRules& rules) {
        rules.challenge = ChallengeRule::family;
        rules.form = PlotForm::poc2;
        rules.is_bending = false;
    });
    auto& rules = std::get<PocRules>(genesis.engine);
    std::vector<Claim> claims;
    std::vector<std::uint64_t> expected;
    for (const auto& vector : poc2_vectors("deadlines")) {
        const auto challenge = fixed_of<Challenge>(vector["gensig"]);
        const std::uint64_t height = number_of(vector["height"]);
        if (height == 0 || height > UINT32_MAX) continue;
        Header parent;
        parent.height.value = static_cast<std::uint32_t>(height - 1);
        // On time, so that the base target is the first one.
        rules.base_target = number_of(vector["base_target"]);
        rules.base_target_max = std::max(rules.base_target, std::uint64_t{1} << 62U);
        parent.time_s = rules.block_time_s * parent.height.value;
        const PocRound round = round_after(genesis, parent, {{}, {challenge.bytes}}, 0);
        CHECK(round.challenge == challenge);
        CHECK(round.scoop.value == number_of(vector["scoop"]));
        CHECK(round.base_target == rules.base_target);
        const std::uint64_t quality = number_of(vector["hit_poc2"]);
        constexpr std::uint64_t longest_s = std::uint64_t{1} << 31U;
        CHECK(delay_of(rules, quality, round.base_target) ==
              std::min(number_of(vector["deadline_poc2"]), longest_s));
        const NumericAccount account{number_of(vector["account"])};
        claims.push_back(
            {NonceClaim{account, {number_of(vector["nonce"])}}, round.challenge, round.scoop});
        expected.push_back(quality);
    }
    CHECK(claims.size() > 20);
    const std::vector<Hit> hits = hits_of(claims);
    for (std::size_t i = 0; i < hits.size(); ++i) CHECK(hits[i].value == expected[i]);
    // An account's number is a hash, so that its plots are those of no published vector; how it
    // moves the challenge is the same.
    for (const auto& vector : poc2_vectors("gensig")) {
        const auto before = fixed_of<Beacon>(vector["previous"]);
        const NetworkId chain = filled<NetworkId>(1);
        PocData data{.form = PlotForm::poc2, .plot = {filled<AccountId>(2), 0}};
        const NumericAccount account = numeric_account({chain.bytes, data.plot.account.bytes, 0});
        CHECK(next_seed(rules, chain, before, {5}, data).bytes ==
              next_challenge({before.bytes}, account).bytes);
    }
}

TEST_CASE("seeds change with the last plot of an epoch, and with nothing else")
{
    const DrawnQualities qualities;
    const auto seeds_of = [&](std::uint64_t odd_one, std::uint64_t count) {
        PocChain chain{genesis_with([](PocRules& rules) { rules.epoch_blocks = 4; }), qualities};
        CHECK(chain.tip().state.seed.bytes == chain.tip().header.chain.bytes);
        std::vector<Beacon> seeds;
        for (std::uint64_t block = 1; block <= count; ++block) {
            PocData data = chain.data(block);
            if (block == odd_one) data.plot.salt = 9;
            Header header = chain.header(data);
            header.transactions.bytes[0] = std::byte(odd_one); // contents move nothing
            chain.add(header);
            seeds.push_back(chain.tip().state.seed);
        }
        return seeds;
    };
    const auto plain = seeds_of(0, 9);
    CHECK(plain[0] == plain[1]);
    CHECK(plain[1] != plain[2]); // the block of height 3 is the last of the first epoch
    CHECK(plain[2] == plain[5]);
    CHECK(plain[5] != plain[6]);
    for (const std::uint64_t odd : {1U, 2U, 4U, 5U, 6U, 8U, 9U}) CHECK(seeds_of(odd, 9) == plain);
    CHECK(seeds_of(3, 9)[2] != plain[2]);
    CHECK(seeds_of(7, 9)[5] == plain[5]);
    CHECK(seeds_of(7, 9)[6] != plain[6]);
}

TEST_CASE("work adds up, and the better quality wins, then the smaller id")
{
    const DrawnQualities qualities;
    PocChain chain{dev_genesis(), qualities};
    Uint128 work = 0;
    for (std::uint64_t i = 0; i < 5; ++i) {
        work += work_of(chain.round().base_target);
        chain.add(chain.header(chain.data(i)));
        CHECK(chain.tip().state.work.value == work);
    }
    PocData data = chain.data(1);
    data.quality = 5;
    const Header a = chain.header(data);
    data.place = 2;
    const Header b = chain.header(data);
    data.quality = 6;
    const Header c = chain.header(data);
    CHECK(chain.consensus().is_better(a, c));
    CHECK(!chain.consensus().is_better(c, a));
    CHECK(chain.consensus().is_better(a, b) == (block_id(a) < block_id(b)));
    CHECK(chain.consensus().is_better(b, a) == (block_id(b) < block_id(a)));
    CHECK(!chain.consensus().is_better(a, a));
    CHECK(work_of(1) == UINT64_MAX);
    CHECK(work_of(2) == std::uint64_t{1} << 63U);
    CHECK(work_of(UINT64_MAX) == 1);
}

TEST_CASE("the ledger is told of the plot, its key, its seed and its space")
{
    const DrawnQualities qualities;
    const PocChain chain{dev_genesis(), qualities};
    PocData data = chain.data(4);
    data.plot.salt = 3;
    const Header header = chain.header(data);
    const BlockContext context =
        chain.consensus().context(chain.tip().state, header, chain.seal_of(header));
    CHECK(context.chain == header.chain);
    CHECK(context.height == header.height);
    CHECK(context.time_s == header.time_s);
    CHECK(context.producer == header.producer);
    CHECK(context.parent == header.parent);
    CHECK(context.beacon == chain.tip().state.seed);
    CHECK(context.sealer == chain.key().public_key());
    CHECK(context.plot == data.plot);
    CHECK(context.space_bytes == space_of(chain.genesis(), data.base_target));
}

TEST_CASE("an engine over real rules takes a chain of them, and holds a header to its height")
{
    const DrawnQualities qualities;
    PocChain chain{dev_genesis(), qualities};
    for (std::uint64_t i = 0; i < 20; ++i) {
        PocData data = chain.data(i);
        data.quality = DrawnQualities::of(chain.round().challenge, data);
        chain.add(chain.header(data));
    }
    const auto blocks = std::span{chain.blocks()}.subspan(1);
    EngineDriver driver{chain.consensus(), {chain.blocks()[0]}};
    driver.now_s = chain.tip().header.time_s;
    driver.tell_headers(blocks);
    driver.settle();
    CHECK(driver.chain().back().id == chain.tip().id);
    CHECK(driver.chain().back().state == chain.tip().state);
    KnownHeader odd = blocks[5];
    odd.header.height.value += 1;
    odd.seal = chain.seal_of(odd.header);
    driver.tell_header(odd);
    CHECK(driver.faults.back().reason == "a wrong height");
    odd = blocks[5];
    odd.header.chain.bytes[0] ^= std::byte{1};
    driver.tell_header(odd);
    CHECK(driver.faults.back().reason == "another chain");
    odd = blocks[5];
    odd.header.height.value = 0;
    driver.tell_header(odd);
    CHECK(driver.faults.back().reason == "a wrong height");
    CHECK(driver.equivocations.empty());
}

TEST_CASE("a block with somebody else's seal does no harm to the block with its own")
{
    const DrawnQualities qualities;
    PocChain chain{dev_genesis(), qualities};
    PocData data = chain.data(0);
    data.quality = DrawnQualities::of(chain.round().challenge, data);
    chain.add(chain.header(data));
    EngineDriver driver{chain.consensus(), {chain.blocks()[0]}};
    driver.now_s = chain.tip().header.time_s;
    KnownHeader stolen = chain.tip();
    stolen.seal = to_bytes(seal(stolen.id, counting_pair(32)));
    driver.tell_header(stolen);
    CHECK(driver.faults.size() == 1);
    driver.tell_header(chain.tip());
    driver.settle();
    CHECK(driver.chain().back().id == chain.tip().id);
}
