#include "ledger/policy.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

constexpr std::uint16_t registry = module_number::registry;
constexpr std::size_t providers = 5;
constexpr std::uint64_t epoch_blocks = 4;

Ed25519KeyPair pair(std::size_t number)
{
    return counting_pair(static_cast<unsigned>(32 * number));
}

AccountId id(std::size_t number)
{
    return account_id(pair(number).public_key());
}

AccountId foundation()
{
    return filled<AccountId>(0xf0);
}

/// An epoch is 4 blocks, a year 5 epochs; bonds count from 1000 atoms on, up to a coin.
Genesis points_genesis(std::uint64_t bond_min = 1000)
{
    Genesis genesis = test_genesis(providers + 1);
    PointsPolicy points;
    points.epoch_blocks = epoch_blocks;
    points.year_epochs = 5;
    points.foundation = foundation();
    genesis.policy = points;
    genesis.registry.bond_min = {bond_min};
    genesis.registry.bond_max = {atoms_per_coin};
    genesis.registry.unbond_blocks = 1;
    return genesis;
}

PointsState points(const TestChain& chain)
{
    return chain.find<PointsState>(points_key()).value();
}

Supply supply(const TestChain& chain)
{
    return chain.find<Supply>(supply_key()).value();
}

std::string try_join(TestChain& chain, std::size_t number, std::uint64_t bond)
{
    const Ed25519KeyPair node = counting_pair(static_cast<unsigned>(7 + 32 * number));
    JoinArguments arguments;
    arguments.node_key = node.public_key();
    arguments.consent = node.sign(consent_message(chain.tip().chain, id(number)));
    arguments.bond = {bond};
    return chain.try_call(pair(number), registry, RegistryMethod::join, to_bytes(arguments));
}

/// What it settles besides what a call costs and moves.
std::uint64_t counted(const TestChain& chain, std::size_t number)
{
    const auto provider = chain.find<Provider>(provider_key(id(number)));
    if (!provider || provider->bond < chain.genesis().registry.bond_min) return 0;
    return std::min(provider->bond, chain.genesis().registry.bond_max).atoms;
}

} // namespace

TEST_CASE("points grow by their share of the year's first supply, in equal steps")
{
    TestChain chain{points_genesis()};
    const std::uint64_t first = (providers + 1) * test_balance.atoms;
    std::uint64_t base = first;
    std::uint64_t all = first;
    for (std::uint64_t epoch = 0; epoch < 15; ++epoch) {
        chain.add_empty(epoch_blocks - (epoch == 0 ? 1 : 0));
        if (epoch == 0) CHECK(supply(chain).minted.atoms == first);
        if (epoch == 0) chain.add_empty(1);
        if (epoch % 5 == 0) base = all;
        const std::uint64_t year_end = base + base * 25 / 1000;
        all = supply(chain).minted.atoms;
        if (epoch % 5 == 4) CHECK(all == year_end);
        CHECK(points(chain).base.atoms == base);
        CHECK(points(chain).servers.atoms + points(chain).users.atoms == all - first);
        CHECK(chain.audit().atoms == all);
    }
    CHECK(points(chain).owed == Amount{});
    CHECK(points(chain).servers.atoms / (points(chain).users.atoms + 1) == 3); // 4 parts to 1
}

TEST_CASE("what no bond was there for is shared out when there is one")
{
    TestChain chain{points_genesis()};
    chain.add_empty(2 * epoch_blocks);
    const std::uint64_t waiting = points(chain).servers.atoms;
    CHECK(waiting > 0);
    CHECK(try_join(chain, 0, 777'777) == "done");
    chain.add_empty(epoch_blocks - 1);
    CHECK(points(chain).owed.atoms > waiting);
    CHECK(points(chain).servers.atoms <= 1); // of rounding
    const std::uint64_t before = chain.balance(id(0)).atoms;
    const std::uint64_t owed = points(chain).owed.atoms;
    CHECK(chain.try_call(pair(0), registry, RegistryMethod::settle, no_arguments()) == "done");
    const std::uint64_t fee = chain.last().transactions[0].body.fee.atoms;
    CHECK(chain.balance(id(0)).atoms + fee - before >= owed - 1);
    CHECK(points(chain).owed.atoms <= 1);
    CHECK(chain.try_call(pair(0), registry, RegistryMethod::settle, no_arguments()) == "done");
    CHECK(chain.balance(id(0)).atoms + fee + chain.last().transactions[0].body.fee.atoms - before >=
          owed - 1); // nothing twice
}

TEST_CASE("shares are by bonds, however they change, and never more than is owed")
{
    std::uint64_t settled_all = 0;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        Dice dice{seed};
        TestChain chain{points_genesis()};
        std::array<long double, providers> due{};       // exactly, by the bonds at each epoch's end
        std::array<std::uint64_t, providers> settled{}; // by the chain
        std::array<std::uint64_t, providers> roundings{};
        std::uint64_t given = 0; // to servers, all in all
        for (int step = 0; step < 150; ++step) {
            const auto number = static_cast<std::size_t>(dice.below(providers));
            const auto before = chain.find<Provider>(provider_key(id(number)));
            const Ed25519KeyPair key = pair(number);
            const std::uint64_t owed_before = points(chain).owed.atoms;
            std::array<std::uint64_t, providers> bonds{};
            if (!before) {
                CHECK(try_join(chain, number, 1000 + (dice.below(1U << 30U) >> dice.below(20))) ==
                      "done");
            } else {
                const std::uint64_t amount =
                    1 + (dice.below(before->bond.atoms + 1) >> dice.below(9));
                const RegistryMethod method = dice.below(3) == 0   ? RegistryMethod::settle
                                              : dice.below(2) == 0 ? RegistryMethod::bond
                                                                   : RegistryMethod::unbond;
                const std::string status = chain.try_call(
                    key, registry, method,
                    method == RegistryMethod::settle ? no_arguments()
                                                     : to_bytes(AmountArguments{{amount}}));
                CHECK((status == "done" || status == "too-small" || status == "no-funds"));
                ++roundings.at(number);
            }
            // What was paid is what was owed less; in an epoch's last block what is new is owed,
            // too.
            const bool is_last = chain.tip().height.value % epoch_blocks == 0;
            const PointsState state = points(chain);
            if (is_last) {
                const std::uint64_t bonded = state.bonded.atoms;
                std::uint64_t sum = 0;
                for (std::size_t i = 0; i < providers; ++i) {
                    bonds.at(i) = counted(chain, i);
                    sum += bonds.at(i);
                }
                REQUIRE(sum == bonded);
            }
            const auto& events = std::get<TransactionReceipt>(chain.last_outcomes().at(0)).events;
            std::uint64_t paid = 0;
            for (const Event& event : events) {
                CborReader reader{event.data, "the event"};
                reader.array(2);
                CHECK(reader.fixed<AccountId>() == id(number));
                paid += reader.number();
            }
            settled.at(number) += paid;
            const std::uint64_t fresh = state.owed.atoms + paid - owed_before;
            if (!is_last) CHECK(fresh == 0);
            given += fresh;
            if (is_last && state.bonded != Amount{})
                for (std::size_t i = 0; i < providers; ++i) {
                    due.at(i) += static_cast<long double>(fresh) *
                                 static_cast<long double>(bonds.at(i)) /
                                 static_cast<long double>(state.bonded.atoms);
                    ++roundings.at(i);
                }
            REQUIRE(chain.audit().atoms == supply(chain).minted.atoms);
        }
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < providers; ++i) {
            const auto provider = chain.find<Provider>(provider_key(id(i)));
            if (!provider) continue;
            const Uint128 share = points(chain).share - provider->share;
            const std::uint64_t open = static_cast<std::uint64_t>(share * counted(chain, i) >> 32U);
            sum += settled.at(i) + open;
            const long double error = due.at(i) - static_cast<long double>(settled.at(i) + open);
            CHECK(error > -1e-3L);
            CHECK(error <= static_cast<long double>(roundings.at(i)) + 1);
        }
        for (std::size_t i = 0; i < providers; ++i) // and none is stuck
            CHECK(chain.try_call(pair(i), registry, RegistryMethod::settle, no_arguments()) ==
                  (chain.find<Provider>(provider_key(id(i))) ? "done" : "absent"));
        CHECK(sum <= given);
        settled_all += sum;
    }
    CHECK(settled_all > 0);
}

TEST_CASE("a bond counts from the least on, and up to the most")
{
    TestChain chain{points_genesis()};
    CHECK(try_join(chain, 0, 1000) == "done");
    CHECK(points(chain).bonded.atoms == 1000);
    CHECK(try_join(chain, 1, 3 * atoms_per_coin) == "done");
    CHECK(points(chain).bonded.atoms == 1000 + atoms_per_coin);
    const auto amount = [&](RegistryMethod method, std::uint64_t atoms) {
        return chain.try_call(pair(1), registry, method, to_bytes(AmountArguments{{atoms}}));
    };
    CHECK(amount(RegistryMethod::unbond, 2 * atoms_per_coin) == "done");
    CHECK(points(chain).bonded.atoms == 1000 + atoms_per_coin);
    CHECK(amount(RegistryMethod::unbond, atoms_per_coin) == "done");
    CHECK(points(chain).bonded.atoms == 1000);
    CHECK(amount(RegistryMethod::bond, 999) == "done"); // there, but too little to count
    CHECK(points(chain).bonded.atoms == 1000);
    CHECK(amount(RegistryMethod::bond, 1) == "done");
    CHECK(points(chain).bonded.atoms == 2000);
}

TEST_CASE("a bond that joins late has nothing of what was shared out before")
{
    TestChain chain{points_genesis()};
    CHECK(try_join(chain, 0, 5000) == "done");
    chain.add_empty(2 * epoch_blocks);
    CHECK(try_join(chain, 1, atoms_per_coin) == "done");
    const std::uint64_t before = chain.balance(id(1)).atoms;
    CHECK(chain.try_call(pair(1), registry, RegistryMethod::settle, no_arguments()) == "done");
    CHECK(chain.balance(id(1)).atoms + chain.last().transactions[0].body.fee.atoms == before);
}

TEST_CASE("of attached points the foundation has its share, rounded down")
{
    TestChain chain{points_genesis()};
    CHECK(try_join(chain, 0, 1000) == "done");
    const auto attach = [&](std::uint64_t atoms) {
        return chain.try_call(pair(5), module_number::policy, PolicyMethod::attach,
                              to_bytes(AttachArguments{id(0), {atoms}, noise(64)}));
    };
    std::uint64_t server = chain.balance(id(0)).atoms;
    std::uint64_t share = 0;
    for (const std::uint64_t atoms : {1U, 199U, 200U, 1000U, 123'456'789U}) {
        CHECK(attach(atoms) == "done");
        share += atoms * 5 / 1000;
        server += atoms - atoms * 5 / 1000;
        CHECK(chain.balance(foundation()).atoms == share);
        CHECK(chain.balance(id(0)).atoms == server);
    }
    CHECK(attach(test_balance.atoms) == "no-funds");
    CHECK(chain.try_call(pair(5), module_number::policy, PolicyMethod::attach,
                         to_bytes(AttachArguments{id(3), {5}, {}})) == "absent");
    CHECK(chain.audit().atoms == supply(chain).minted.atoms);
    TestChain coins{test_genesis()}; // the policy ccc has no foundation
    CHECK(try_join(coins, 0, atoms_per_coin) == "done");
    const std::uint64_t before = coins.balance(id(0)).atoms;
    CHECK(coins.try_call(pair(1), module_number::policy, PolicyMethod::attach,
                         to_bytes(AttachArguments{id(0), {1000}, {}})) == "done");
    CHECK(coins.balance(id(0)).atoms == before + 1000);
    CHECK(chain.try_call(pair(5), module_number::policy, PolicyMethod::sweep,
                         to_bytes(SweepArguments{id(3)})) == "not-allowed"); // nor points a sweep
}
