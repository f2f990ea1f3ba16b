#include "ledger/policy.hpp"

#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint16_t policy = module_number::policy;
constexpr std::uint64_t reward_blocks = 4;              // of the profile dev
constexpr std::uint64_t minted = 2048 * atoms_per_coin; // in a block, of 2^60 bytes in phase 0

AccountId id(const Ed25519KeyPair& pair)
{
    return account_id(pair.public_key());
}

const Ed25519KeyPair& alice()
{
    static const Ed25519KeyPair pair = counting_pair(0);
    return pair;
}
const Ed25519KeyPair& bob()
{
    static const Ed25519KeyPair pair = counting_pair(32);
    return pair;
}

/// Who seals blocks here.
const Ed25519KeyPair& sealer()
{
    static const Ed25519KeyPair pair = counting_pair(150);
    return pair;
}

/// Makes a block that the sealer has sealed; its height.
Height add_sealed(TestChain& chain)
{
    BlockContext context = chain.next_context();
    context.sealer = sealer().public_key();
    (void)chain.add(context, {});
    return chain.tip().height;
}

EvidenceArguments evidence(const Header& a, const Header& b, const Ed25519KeyPair& key)
{
    return {{to_bytes(a), to_bytes(b)},
            {to_bytes(seal(block_id(a), key)), to_bytes(seal(block_id(b), key))}};
}

/// Evidence that the sealer has sealed a block of the chain, and another in its place.
EvidenceArguments good_evidence(const TestChain& chain, Height height)
{
    Header other = chain.header(height.value);
    ++other.time_s;
    return evidence(chain.header(height.value), other, sealer());
}

std::string try_evidence(TestChain& chain, const EvidenceArguments& arguments)
{
    return chain.try_call(alice(), policy, PolicyMethod::evidence, to_bytes(arguments));
}

Supply supply(const TestChain& chain)
{
    return chain.find<Supply>(supply_key()).value();
}

Genesis recycling_genesis()
{
    Genesis genesis = test_genesis();
    auto& ccc = std::get<CccPolicy>(genesis.policy);
    ccc.is_recycling = true;
    ccc.recycle_blocks = 8;
    return genesis;
}

std::string try_sweep(TestChain& chain, const AccountId& of)
{
    return chain.try_call(alice(), policy, PolicyMethod::sweep, to_bytes(SweepArguments{of}));
}

} // namespace

TEST_CASE("a reward is what is minted and the fees, and is paid at the block where it matures")
{
    TestChain chain{test_genesis()};
    const AccountId producer = chain.next_context().producer;
    const Transaction transaction = chain.transfer(alice(), id(bob()), {5});
    CHECK(chain.try_one(transaction) == "done");
    const auto reward = chain.find<Reward>(reward_key({1}));
    REQUIRE(reward);
    CHECK(reward->amount.atoms == minted + transaction.body.fee.atoms);
    CHECK(reward->account == producer);
    CHECK(reward->sealer == chain.next_context().sealer);
    chain.add_empty(reward_blocks - 1);
    CHECK_FALSE(chain.find<Account>(account_key(producer)));
    chain.add_empty(1);
    CHECK_FALSE(chain.find<Reward>(reward_key({1})));
    CHECK(chain.balance(producer) == reward->amount);
    const auto account = chain.find<Account>(account_key(producer));
    CHECK(account->deposit == Amount{}); // the rules make accounts without one
    CHECK(account->created == chain.tip().height);
    chain.add_empty(1);
    CHECK(chain.balance(producer).atoms == reward->amount.atoms + minted);
    CHECK(supply(chain).minted.atoms == 4 * test_balance.atoms + 6 * minted);
    CHECK(supply(chain).burnt == Amount{});
}

TEST_CASE("the state remembers ids and beacons as long as the genesis says")
{
    Genesis genesis = test_genesis();
    genesis.block.memory_blocks = 16;
    TestChain chain{genesis};
    for (std::uint32_t i = 1; i <= 40; ++i) {
        BlockContext context = chain.next_context();
        context.beacon = filled<Beacon>(i);
        context.space_bytes = i;
        (void)chain.add(context, {});
        for (std::uint32_t h = 0; h <= i; ++h) {
            const auto record = chain.find<RememberedBlock>(remembered_key({h}));
            REQUIRE(record.has_value() == (h + 16 > i));
            if (!record || h == 0) continue;
            CHECK(record->beacon == filled<Beacon>(h));
            CHECK(record->parent == block_id(chain.header(h - 1)));
            CHECK(record->space_bytes == h);
        }
    }
    Execution execution{chain.genesis(), chain.next_context(), chain.state()};
    CHECK(id_of(execution, {40}) == block_id(chain.header(40)));
    CHECK(id_of(execution, {24}) == block_id(chain.header(24)));
    CHECK(id_of(execution, {23}) == std::nullopt);
    CHECK(id_of(execution, {41}) == std::nullopt);
}

TEST_CASE("coins are found in the mean space of the blocks that are remembered")
{
    Genesis genesis = test_genesis();
    genesis.block.memory_blocks = 16;
    std::get<CccPolicy>(genesis.policy).space_bytes = 0; // as the engine certifies it
    TestChain chain{genesis};
    Dice dice{1};
    std::vector<std::uint64_t> spaces;
    CccEmission emission;
    emission.skip(supply(chain).minted);
    for (std::uint32_t i = 0; i < 50; ++i) {
        BlockContext context = chain.next_context();
        context.space_bytes = i < 20 ? 1'000'000'000'000 : dice.below(std::uint64_t{1} << 62U) >> i;
        spaces.push_back(context.space_bytes);
        const std::uint64_t before = supply(chain).minted.atoms;
        (void)chain.add(context, {});
        const std::size_t count = std::min<std::size_t>(spaces.size(), 16);
        Uint128 sum = 0;
        for (std::size_t j = spaces.size() - count; j < spaces.size(); ++j) sum += spaces[j];
        const auto state = chain.find<CccState>(ccc_key());
        CHECK(state->blocks == count);
        CHECK((state->space_sum == sum));
        const auto mean = static_cast<std::uint64_t>(std::min<Uint128>(sum / count, ccc_space_max));
        CHECK(supply(chain).minted.atoms - before == emission.mint(mean).atoms);
    }
}

TEST_CASE("evidence burns the reward of its block, whatever the order of the headers")
{
    for (const bool is_turned : {false, true}) {
        TestChain chain{test_genesis()};
        const Height height = add_sealed(chain);
        const AccountId producer = chain.next_context().producer;
        EvidenceArguments arguments = good_evidence(chain, height);
        if (is_turned) {
            std::swap(arguments.headers[0], arguments.headers[1]);
            std::swap(arguments.seals[0], arguments.seals[1]);
        }
        CHECK(is_equivocation(arguments));
        CHECK(try_evidence(chain, arguments) == "done");
        CHECK_FALSE(chain.find<Reward>(reward_key(height)));
        CHECK(chain.find<Reward>(reward_key(chain.tip().height)));
        CHECK(supply(chain).burnt.atoms == minted);
        CHECK(chain.audit().atoms == supply(chain).minted.atoms - minted);
        CHECK(try_evidence(chain, arguments) == "absent"); // once
        CHECK(supply(chain).burnt.atoms == minted);
        chain.add_empty(reward_blocks - 2);
        CHECK(chain.balance(producer) == Amount{}); // of this block, nothing ever matures
        CHECK(chain.audit().atoms == supply(chain).minted.atoms - minted);
    }
}

TEST_CASE("evidence comes before the reward matures, or not at all")
{
    TestChain chain{test_genesis()};
    const Height height = add_sealed(chain);
    const EvidenceArguments arguments = good_evidence(chain, height);
    chain.add_empty(reward_blocks - 1);
    CHECK(try_evidence(chain, arguments) == "done"); // in the block where it would mature
    chain.undo();
    chain.add_empty(1);
    CHECK(try_evidence(chain, arguments) == "absent");
    CHECK(supply(chain).burnt == Amount{});
}

TEST_CASE("what shows no equivocation on this chain burns nothing")
{
    TestChain chain{test_genesis()};
    chain.add_empty(1);
    const Height height = add_sealed(chain);
    const Header ours = chain.header(height.value);
    Header other = ours;
    ++other.time_s;
    const auto status = [&](const EvidenceArguments& arguments) {
        const std::string text = try_evidence(chain, arguments);
        chain.undo();
        return text;
    };
    CHECK(status(evidence(ours, other, sealer())) == "done");
    CHECK(status(evidence(ours, ours, sealer())) == "not-true");
    for (const auto& change : std::initializer_list<void (*)(Header&)>{
             [](Header& header) { header.height = header.height + 1; },
             [](Header& header) { header.parent = filled<BlockId>(1); },
             [](Header& header) { header.chain = filled<NetworkId>(1); }}) {
        Header wrong = other;
        change(wrong);
        CHECK(status(evidence(ours, wrong, sealer())) == "not-true");
        CHECK(status(evidence(wrong, ours, sealer())) == "not-true");
    }
    Header foreign = ours; // both of another chain
    Header foreign_other = other;
    foreign.chain = foreign_other.chain = filled<NetworkId>(1);
    CHECK(is_equivocation(evidence(foreign, foreign_other, sealer())));
    CHECK(status(evidence(foreign, foreign_other, sealer())) == "not-true");
    Header third = other; // both of this chain's place, but neither is in it
    ++third.time_s;
    CHECK(is_equivocation(evidence(other, third, sealer())));
    CHECK(status(evidence(other, third, sealer())) == "absent");
    for (const std::uint32_t far : {0U, 100U}) { // of heights without a reward
        Header a = ours;
        a.height = {far};
        Header b = a;
        ++b.time_s;
        CHECK(status(evidence(a, b, sealer())) == "absent");
    }
    CHECK(supply(chain).burnt == Amount{});
}

TEST_CASE("who did not seal a block cannot show its producer to have sealed two")
{
    TestChain chain{test_genesis()};
    const Height height = add_sealed(chain);
    Header other = chain.header(height.value);
    ++other.time_s;
    const EvidenceArguments forged = evidence(chain.header(height.value), other, bob());
    CHECK(is_equivocation(forged)); // bob's, of a block that is not his
    CHECK(try_evidence(chain, forged) == "not-true");
    CHECK(chain.find<Reward>(reward_key(height)));
    CHECK(supply(chain).burnt == Amount{});
}

TEST_CASE("evidence with anything of its seals or headers changed is none")
{
    TestChain chain{test_genesis()};
    const Height height = add_sealed(chain);
    const EvidenceArguments good = good_evidence(chain, height);
    EvidenceArguments bad = good;
    bad.seals[1] = evidence(chain.header(1), chain.header(1), bob()).seals[1];
    CHECK_FALSE(is_equivocation(bad)); // by two keys
    bad = good;
    bad.seals[1] = bad.seals[0];
    CHECK_FALSE(is_equivocation(bad));
    for (const std::size_t i : {0U, 1U}) {
        for (std::size_t bit = 0; bit < 8 * good.seals.at(i).size(); bit += 7) {
            bad = good;
            bad.seals.at(i) = with_bit_changed(good.seals.at(i), bit);
            CHECK_FALSE(is_equivocation(bad));
        }
        for (std::size_t bit = 0; bit < 8 * good.headers.at(i).size(); bit += 7) {
            bad = good;
            bad.headers.at(i) = with_bit_changed(good.headers.at(i), bit);
            CHECK_FALSE(is_equivocation(bad));
        }
        bad = good;
        bad.headers.at(i).clear();
        CHECK(try_evidence(chain, bad) == "not-true");
        chain.undo();
        bad = good;
        bad.seals.at(i).push_back(std::byte{});
        CHECK(try_evidence(chain, bad) == "not-true");
        chain.undo();
    }
}

TEST_CASE("an account that sleeps is swept from the block on where its round is over")
{
    TestChain chain{recycling_genesis()};
    CHECK(chain.try_one(chain.transfer(bob(), id(alice()), {1})) == "done"); // awake in block 1
    chain.add_empty(6);
    CHECK(try_sweep(chain, id(bob())) == "locked"); // in block 8
    const std::uint64_t had = chain.balance(id(bob())).atoms;
    const std::uint64_t alices = chain.balance(id(alice())).atoms;
    CHECK(try_sweep(chain, id(bob())) == "done"); // in block 9
    const std::uint64_t fee = chain.last().transactions[0].body.fee.atoms;
    CHECK(chain.balance(id(bob())) == Amount{});
    CHECK(chain.balance(id(alice())).atoms == alices - fee + had / 100); // a bounty of 1 %
    CHECK(try_sweep(chain, id(bob())) == "absent");                      // there is nothing left
    CHECK(try_sweep(chain, filled<AccountId>(1)) == "absent");
    CHECK(try_sweep(chain, id(alice())) == "not-allowed"); // itself
    CHECK(chain.audit().atoms == supply(chain).minted.atoms);
}

TEST_CASE("what is swept is found again at the rate of the phase, besides what is new")
{
    TestChain chain{recycling_genesis()};
    chain.add_empty(8);
    const std::uint64_t before = supply(chain).minted.atoms;
    CHECK(try_sweep(chain, id(bob())) == "done");
    const std::uint64_t fee = chain.last().transactions[0].body.fee.atoms;
    CHECK(chain.find<CccState>(ccc_key())->pool == Amount{}); // the rate is more than it has
    CHECK(chain.find<Reward>(reward_key(chain.tip().height))->amount.atoms ==
          minted + fee + test_balance.atoms * 99 / 100);
    CHECK(supply(chain).minted.atoms == before + minted); // not minted twice
    CHECK(chain.audit().atoms == supply(chain).minted.atoms);

    Genesis genesis = recycling_genesis();
    std::get<CccPolicy>(genesis.policy).space_bytes = std::uint64_t{1} << 57U; // 256 coins a block
    TestChain slow{genesis};
    slow.add_empty(8);
    CHECK(try_sweep(slow, id(bob())) == "done");
    for (const std::uint64_t left : {734U, 478U, 222U, 0U, 0U}) {
        CHECK(slow.find<CccState>(ccc_key())->pool.atoms == left * atoms_per_coin);
        CHECK(slow.audit().atoms == supply(slow).minted.atoms);
        slow.add_empty(1);
    }
}

TEST_CASE("accounts that are awake, of providers, or where nothing is recycled are not swept")
{
    TestChain chain{recycling_genesis()};
    chain.add_empty(7);
    CHECK(chain.try_call(bob(), policy, PolicyMethod::touch, no_arguments()) == "done");
    chain.add_empty(1);
    CHECK(try_sweep(chain, id(bob())) == "locked");
    TestChain off{test_genesis()};
    off.add_empty(8);
    CHECK(try_sweep(off, id(bob())) == "not-allowed");
    JoinArguments join;
    join.node_key = sealer().public_key();
    join.bond = {atoms_per_coin};
    join.consent = sealer().sign(consent_message(chain.tip().chain, id(bob())));
    CHECK(chain.try_call(bob(), module_number::registry, RegistryMethod::join, to_bytes(join)) ==
          "done");
    chain.add_empty(20);
    CHECK(try_sweep(chain, id(bob())) == "not-allowed");
    CHECK(try_sweep(chain, id(counting_pair(64))) == "done");
}

TEST_CASE("who makes a block is awake")
{
    TestChain chain{recycling_genesis()};
    BlockContext context = chain.next_context();
    context.producer = id(bob());
    CHECK(chain.add(context, {}).empty());
    CHECK(chain.find<Account>(account_key(id(bob())))->active == Height{1});
    chain.add_empty(6);
    CHECK(try_sweep(chain, id(bob())) == "locked");
    CHECK(try_sweep(chain, id(bob())) == "done"); // eight blocks later
    // An account that is not there is not made by that.
    context = chain.next_context();
    context.producer = filled<AccountId>(0x31);
    CHECK(chain.add(context, {}).empty());
    CHECK_FALSE(chain.find<Account>(account_key(context.producer)));
}

TEST_CASE("a touch has no arguments, and its account is awake")
{
    TestChain chain{test_genesis()};
    chain.add_empty(5);
    CHECK(chain.try_call(alice(), policy, PolicyMethod::touch, no_arguments()) == "done");
    CHECK(chain.find<Account>(account_key(id(alice())))->active == chain.tip().height);
    Transaction bad = chain.make(alice(), policy, static_cast<std::uint16_t>(PolicyMethod::touch),
                                 no_arguments());
    for (const Bytes& arguments : {Bytes{}, hex_bytes("8100"), hex_bytes("8000")}) {
        bad.body.call.arguments = arguments;
        CHECK(text_of(chain.add({bad})[0]) == "fault malformed");
    }
}
